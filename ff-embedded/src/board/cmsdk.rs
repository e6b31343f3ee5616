//! Timer and watchdog of Arm's Cortex-M System Design Kit, which the MPS2 boards with an M4 or M7 have.
//!
//! Unsafe, because a device's registers lie at addresses that no Rust object owns.

#![expect(unsafe_code, reason = "registers are at fixed addresses")]

use core::ptr;

/// Nanoseconds of a tick of either: the board's clock runs at 25 MHz.
pub const TICK_NANOSECONDS: u32 = 40;

const TIMER: usize = 0x4000_0000;
const WATCHDOG: usize = 0x4000_8000;

/// A register at an address.
fn write(base: usize, offset: usize, value: u32) {
    // SAFETY: both devices are where the board's manual (application note 386) says, and the only
    // things at these addresses; no Rust object is.
    unsafe { ptr::write_volatile((base + offset) as *mut u32, value) }
}

fn read(base: usize, offset: usize) -> u32 {
    // SAFETY: as above; reading a register of these devices changes nothing.
    unsafe { ptr::read_volatile((base + offset) as *const u32) }
}

/// A clock that counts the board's ticks, round and round.
#[derive(Clone, Copy)]
pub struct Timer(());

impl Timer {
    /// Starts it.
    pub fn start() -> Self {
        write(TIMER, 8, u32::MAX); // reload
        write(TIMER, 4, u32::MAX); // value
        write(TIMER, 0, 1); // control: enable
        Self(())
    }

    /// Ticks since the start, of which a difference counts.
    pub fn now(self) -> u32 {
        u32::MAX - read(TIMER, 4)
    }
}

/// Barks when it is not fed in time, and bites after as long again: first the non-maskable interrupt,
/// whose default handler waits for the end, then a reset of the board.
pub struct Watchdog(());

impl Watchdog {
    /// Lets it loose, to be fed within so many ticks.
    pub fn start(ticks: u32) -> Self {
        write(WATCHDOG, 0xc00, 0x1acc_e551); // lock: open
        write(WATCHDOG, 0, ticks); // load
        write(WATCHDOG, 8, 3); // control: interrupt and reset
        Self(())
    }

    /// Begins its time anew.
    pub fn feed(&mut self) {
        write(WATCHDOG, 12, 1); // interrupt clear: reloads too
    }

    /// Ties it up.
    pub fn stop(self) {
        write(WATCHDOG, 8, 0);
    }
}
