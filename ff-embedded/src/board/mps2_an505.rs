//! Arm MPS2+ with application note 505, as QEMU models it: a Cortex-M33 in its secure state.

use defmt_semihosting as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "mps2-an505";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// The processor runs at 20 MHz.
pub const TICK: Tick = Tick::HalfNanoseconds(100);
