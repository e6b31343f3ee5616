//! Arm MPS2 with application note 500, as QEMU models it: a Cortex-M7 with a double-precision FPU.

use defmt_semihosting as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "mps2-an500";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// The processor runs at 25 MHz.
pub const TICK: Tick = Tick::HalfNanoseconds(80);
