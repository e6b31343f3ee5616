//! How much stack the program has used, and how much RAM its statics take.
//!
//! The start-up code paints the whole stack with a known word before `main`; what has lost its
//! paint since then was in use.
//!
//! Unsafe, because memory that no Rust object owns is read through the linker's symbols.

#![expect(unsafe_code, reason = "the unused stack belongs to no Rust object")]

use core::ptr;

use crate::processor::{PAINT, stack_pointer};

unsafe extern "C" {
    /// The lowest address of all statics.
    static __sdata: u32;
    /// One past the highest address of all statics.
    static __euninit: u32;
    /// The stack's lowest address; it grows down towards it.
    static _stack_end: u32;
    /// One past the stack's highest address.
    static _stack_start: u32;
}

/// Bytes that the stack may take.
pub fn capacity() -> usize {
    (&raw const _stack_start).addr() - (&raw const _stack_end).addr()
}

/// Bytes of RAM that statics take, all of the program's.
pub fn statics() -> usize {
    (&raw const __euninit).addr() - (&raw const __sdata).addr()
}

/// The most bytes that the stack has taken since the start.
///
/// Memory that a function reserved but never wrote keeps its paint and is not seen, so leave a
/// margin. Constant paint among used words does no harm: only the lowest used word counts.
pub fn high_water() -> usize {
    let lowest = &raw const _stack_end;
    let words = capacity() / size_of::<u32>();
    // SAFETY: the linker script reserves these words for the stack. Volatile, because the words
    // below the stack pointer are outside what the compiler knows of.
    let is_painted = |word: &usize| unsafe { ptr::read_volatile(lowest.add(*word)) } == PAINT;
    let untouched = (0..words).take_while(is_painted).count();
    capacity() - untouched * size_of::<u32>()
}

/// Bytes below the stack pointer that painting leaves alone, for its own calls.
const MARGIN: usize = 128;

/// Runs `work` and tells how many bytes of stack it took, the closure's own included.
///
/// Less than 128 bytes are not told apart. An interrupt while it runs counts too.
#[inline(never)]
pub fn taken<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let here = stack_pointer();
    paint(here - MARGIN);
    let result = call(work);
    let top = (&raw const _stack_start).addr();
    (result, high_water() - (top - here))
}

/// Paints the stack below what is in use now; start-up does it where the processor's own does not.
#[cfg(target_arch = "riscv32")]
pub(crate) fn paint_unused() {
    paint(stack_pointer() - MARGIN);
}

/// Kept from being inlined: what `work` takes would belong to the caller, above the mark.
#[inline(never)]
fn call<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Paints the stack from its end to `end`, which must lie below the stack pointer.
fn paint(end: usize) {
    let lowest = (&raw const _stack_end).cast_mut();
    let words = end.saturating_sub(lowest.addr()) / size_of::<u32>();
    for word in 0..words {
        // SAFETY: the linker script reserves these words for the stack, and nothing below the
        // stack pointer is in use.
        unsafe { ptr::write_volatile(lowest.add(word), PAINT) };
    }
}
