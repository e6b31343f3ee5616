//! Arm MPS2 with application note 386: a Cortex-M4F, as QEMU's machine `mps2-an386` models it.
//!
//! QEMU runs with `-icount shift=7`: each instruction takes exactly 2^7 ns of the board's time, so
//! a timer of 40 ns ticks counts instructions without an error.
//!
//! Unsafe, because the timer is reached through its registers' addresses.

#![expect(unsafe_code, reason = "a timer is a set of addresses")]

use core::ptr;

use super::Board;

/// CMSDK timer 0: counts down from `RELOAD` to zero at 25 MHz, then starts again.
const TIMER_CONTROL: *mut u32 = 0x4000_0000 as *mut u32;
const TIMER_VALUE: *mut u32 = 0x4000_0004 as *mut u32;
const TIMER_RELOAD: *mut u32 = 0x4000_0008 as *mut u32;
const ENABLE: u32 = 1;

const NANOSECONDS_PER_TICK: u64 = 40;
const NANOSECONDS_PER_INSTRUCTION: u64 = 1 << 7;

/// The board, with its timer running.
pub struct Mps2An386 {
    last_value: u32,
    ticks: u64,
}

impl Mps2An386 {
    /// Starts the timer.
    pub fn start() -> Self {
        // SAFETY: these are the registers of timer 0, which nothing else uses.
        unsafe {
            ptr::write_volatile(TIMER_RELOAD, u32::MAX);
            ptr::write_volatile(TIMER_VALUE, u32::MAX);
            ptr::write_volatile(TIMER_CONTROL, ENABLE);
        }
        Self { last_value: u32::MAX, ticks: 0 }
    }
}

impl Board for Mps2An386 {
    const NAME: &'static str = "mps2-an386";

    /// Exact, as long as it is read once in 1.3 thousand million instructions (171 s of the
    /// board's time), in which the timer goes round once.
    #[inline(never)]
    fn instructions(&mut self) -> u64 {
        // SAFETY: reading the timer's value has no effect on it.
        let value = unsafe { ptr::read_volatile(TIMER_VALUE) };
        self.ticks += u64::from(self.last_value.wrapping_sub(value));
        self.last_value = value;
        // A tick is shorter than half an instruction, so rounding gives back the very number.
        let nanoseconds = self.ticks * NANOSECONDS_PER_TICK;
        (nanoseconds + NANOSECONDS_PER_INSTRUCTION / 2) / NANOSECONDS_PER_INSTRUCTION
    }
}
