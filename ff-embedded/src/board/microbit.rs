//! BBC micro:bit, as QEMU models it: a Cortex-M0 without an FPU, 16 KiB of RAM.

use defmt_semihosting as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Small as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "microbit";

/// The name of the network that it has room for.
pub const NET: &str = "small";

/// The processor runs at 16 MHz.
pub const TICK: Tick = Tick::HalfNanoseconds(125);
