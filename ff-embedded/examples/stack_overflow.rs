//! Recurses deeper than the stack is, to show that a stack overflow stops the program.
#![no_std]
#![no_main]

use core::hint::black_box;

use ff_embedded::{processor::entry, runtime, stack};

#[entry]
fn main() -> ! {
    // Each call takes at least a word.
    let too_deep = stack::capacity() / size_of::<usize>();
    defmt::info!("sum: {=usize}", sum_to(too_deep));
    runtime::exit(Ok::<(), ()>(()))
}

#[inline(never)]
fn sum_to(n: usize) -> usize {
    if n == 0 { 0 } else { black_box(sum_to(n - 1)) + black_box(n) }
}
