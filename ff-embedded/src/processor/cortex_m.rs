//! Arm's Cortex-M.
//!
//! Unsafe, because a fault handler is entered by the hardware and must be declared so.

#![expect(unsafe_code, reason = "the hardware calls the fault handler")]

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m::register::msp;
use cortex_m_rt::{ExceptionFrame, exception};

/// Marks the function that start-up ends in.
pub use cortex_m_rt::entry;

/// Memory for one value, given out once.
pub use cortex_m::singleton;

/// What start-up fills the stack with.
pub use cortex_m_rt::STACK_PAINT_VALUE as PAINT;

/// SysTick, which every Cortex-M has. It counts down through 24 bits and begins again.
pub struct Counter(());

impl Counter {
    /// The last value before it begins again.
    pub const TOP: u32 = 0x00ff_ffff;

    /// Starts it, once: there is only one.
    pub fn take() -> Option<Self> {
        let mut timer = cortex_m::Peripherals::take()?.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(Self::TOP);
        timer.clear_current();
        timer.enable_counter();
        // It counts from the first time that it is at its top.
        while SYST::get_current() == 0 {}
        Some(Self(()))
    }

    /// Ticks, of which a difference counts.
    pub fn read(&self) -> u32 {
        Self::TOP - SYST::get_current()
    }
}

/// Where the stack ends just now.
pub fn stack_pointer() -> usize {
    msp::read() as usize
}

/// A loop of two instructions, so many times and once more.
pub fn delay(turns: u32) {
    cortex_m::asm::delay(turns);
}

/// Does nothing for an instruction.
pub fn idle() {
    cortex_m::asm::nop();
}

/// Executes an instruction that there is not.
pub fn undefined() -> ! {
    cortex_m::asm::udf()
}

/// Says where the processor faulted.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    crate::runtime::faulted(frame.pc(), frame.lr())
}
