//! Stellaris LM3S6965 evaluation board, as QEMU models it: a Cortex-M3 without an FPU, 64 KiB of RAM.

use defmt_semihosting as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "lm3s6965evb";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// The processor runs at 12.5 MHz after a reset.
pub const TICK: Tick = Tick::HalfNanoseconds(160);
