//! QEMU's RISC-V machine `virt` with RV32IMAC: a 32-bit RISC-V processor without floating-point registers.

use defmt_semihosting as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "virt-imac";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// The cycle counter counts nanoseconds of the emulated time.
pub const TICK: Tick = Tick::HalfNanoseconds(2);
