//! Raspberry Pi Pico 2, an RP2350, on its RISC-V cores: Hazard3, RV32IMAC. Not tried on hardware.

use defmt_rtt as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "pico2-hazard3";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// Real hardware counts cycles.
pub const TICK: Tick = Tick::Cycle;
