//! 32-bit RISC-V, in machine mode.
//!
//! Unsafe, because the hardware enters the trap handler by its symbol, and because some instructions have no
//! name in Rust.

#![expect(unsafe_code, reason = "single instructions, and a symbol that the hardware's start-up calls")]

use core::arch::asm;

use riscv::register::{mcause, mcountinhibit, mcycle, mepc};
use riscv_rt::{TrapFrame, post_init};

/// Marks the function that start-up ends in.
pub use riscv_rt::entry;

/// Memory for one value, given out once.
pub use riscv::singleton;

/// What start-up fills the stack with.
pub const PAINT: u32 = 0xcccc_cccc;

/// The low word of the cycle counter that every hart has.
pub struct Counter(());

impl Counter {
    /// The last value before it begins again.
    pub const TOP: u32 = u32::MAX;

    /// Starts it. Some chips hold it still after a reset.
    pub fn take() -> Option<Self> {
        // SAFETY: nothing else in the program counts by it.
        unsafe { mcountinhibit::clear_cy() };
        Some(Self(()))
    }

    /// Ticks, of which a difference counts.
    pub fn read(&self) -> u32 {
        mcycle::read() as u32
    }
}

/// Where the stack ends just now.
pub fn stack_pointer() -> usize {
    let pointer;
    // SAFETY: copies a register.
    unsafe { asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
}

/// A loop of two instructions, so many times and once more.
pub fn delay(turns: u32) {
    riscv::asm::delay(2 * turns);
}

/// Does nothing for an instruction.
pub fn idle() {
    riscv::asm::nop();
}

/// Executes an instruction that there is not.
pub fn undefined() -> ! {
    // SAFETY: the processor traps, and the trap handler does not return.
    unsafe { asm!("unimp", options(noreturn)) }
}

/// Fills the stack, so that what was used of it can be told.
#[post_init]
fn paint() {
    crate::stack::paint_unused();
}

/// Says where the processor trapped.
// SAFETY: riscv-rt declares this function, and no other has its name.
#[unsafe(no_mangle)]
extern "C" fn ExceptionHandler(frame: &TrapFrame) -> ! {
    defmt::error!("cause of the trap: {=usize}", mcause::read().code());
    crate::runtime::faulted(mepc::read() as u32, frame.ra as u32)
}
