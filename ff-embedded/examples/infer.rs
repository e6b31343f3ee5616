//! Classifies, and nothing else: what an application that only uses a network links.
#![no_std]
#![no_main]

mod classifying;

use core::hint::black_box;

use ff_embedded::{
    board,
    digits::PIXELS,
    nets::{Memory, Net},
    processor::{entry, singleton},
    runtime, stack,
};

#[entry]
fn main() -> ! {
    let result = singleton!(: Memory<board::Net> = board::Net::MEMORY)
        .map(|memory| classifying::classify::<board::Net>(black_box(&mut memory.learning), black_box(&[0.5; PIXELS])));
    // Nothing has been logged before, so this is what the core took, and a little more.
    defmt::info!("stack: {=usize} bytes", stack::high_water());
    runtime::exit(match result {
        Some(Ok(label)) => {
            black_box(label);
            Ok(())
        }
        _ => Err(()),
    })
}
