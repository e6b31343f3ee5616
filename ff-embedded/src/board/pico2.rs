//! Raspberry Pi Pico 2, an RP2350: a Cortex-M33 in its secure state. Not tried on hardware.
//!
//! Unsafe, because the chip's boot program looks for a block of words at a place of its own.

#![expect(unsafe_code, reason = "a static is put into a section of the boot program's")]

use defmt_rtt as _; // the global logger

use super::clock::Tick;
pub use crate::nets::Usual as Net;

/// The board's name, as `cargo xtask` knows it.
pub const NAME: &str = "pico2";

/// The name of the network that it has room for.
pub const NET: &str = "usual";

/// Real hardware counts cycles.
pub const TICK: Tick = Tick::Cycle;

/// Tells the boot program that this is a secure image for an Arm core of an RP2350, with its
/// vector table at the beginning (RP2350 data sheet, section 5.9.5, "minimum viable image
/// metadata").
// SAFETY: the linker script gives this section a place of its own.
#[unsafe(link_section = ".start_block")]
#[used]
static IMAGE_DEFINITION: [u32; 5] = [0xffff_ded3, 0x1021_0142, 0x0000_01ff, 0x0000_0000, 0xab12_3579];
