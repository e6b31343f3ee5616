//! Nucleo-H743ZI: a Cortex-M7. Not tried on hardware.

use defmt_rtt as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "nucleo-h743zi";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// Real hardware counts cycles.
pub const TICK: Tick = Tick::Cycle;
