//! Netduino Plus 2 with an STM32F405, as QEMU models it: a Cortex-M4F, and messages over the chip's USART 1.

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "netduinoplus2";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// The processor runs at 168 MHz.
pub const TICK: Tick = Tick::megahertz(168);
