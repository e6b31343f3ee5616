//! Trains and classifies, and nothing else: what an application that learns links.
#![no_std]
#![no_main]

mod classifying;
mod training;

use core::hint::black_box;

use cortex_m::singleton;
use cortex_m_rt::entry;
use ff_core::random::Rng;
use ff_embedded::{
    board,
    digits::{CLASSES, PIXELS},
    nets::{Memory, Net},
    runtime, stack,
};

#[entry]
fn main() -> ! {
    let mut scores = [0.0; CLASSES];
    let mut rng = Rng::new(1);
    let image = black_box(&[0.5; PIXELS]);
    let result = singleton!(: Memory<board::Net> = board::Net::MEMORY).map(|memory| {
        let memory = black_box(memory);
        training::begin(memory, &mut rng);
        training::step(memory, &mut rng, image, black_box(3))
            .and_then(|()| classifying::classify(memory, image, &mut scores))
    });
    black_box(&scores);
    // Nothing has been logged before, so this is what the core took, and a little more.
    defmt::info!("stack: {=usize} bytes", stack::high_water());
    runtime::exit(match result {
        Some(Ok(())) => Ok(()),
        _ => Err(()),
    })
}
