//! Trains and classifies, and nothing else: what an application that learns links.
#![no_std]
#![no_main]

mod classifying;
mod training;

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
    let image = black_box(&[0.5; PIXELS]);
    let result = singleton!(: Memory<board::Net> = board::Net::MEMORY).map(|memory| {
        let memory = black_box(&mut memory.learning);
        training::begin::<board::Net>(memory);
        training::step::<board::Net>(memory, image, black_box(3))
            .and_then(|()| classifying::classify::<board::Net>(memory, image))
    });
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
