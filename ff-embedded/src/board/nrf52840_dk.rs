//! nRF52840-DK: a Cortex-M4F. Not tried on hardware.

use defmt_rtt as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "nrf52840-dk";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// Real hardware counts cycles.
pub const TICK: Tick = Tick::Cycle;
