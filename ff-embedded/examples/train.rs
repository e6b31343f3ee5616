//! Trains and classifies, and nothing else: what an application that learns links.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m::singleton;
use cortex_m_rt::entry;
use ff_core::{
    classify::{self, ScoredLayers},
    error::Error,
    kernel::Portable,
    learner::Learner,
    optimiser::Stateless,
    random::Rng,
    sample::Batch,
};
use ff_embedded::{
    app::SETTINGS,
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
        begin(memory, &mut rng);
        step(memory, &mut rng, image, black_box(3)).and_then(|()| classify(memory, image, &mut scores))
    });
    black_box(&scores);
    // Nothing has been logged before, so this is what the core took, and a little more.
    defmt::info!("stack: {=usize} bytes", stack::high_water());
    runtime::exit(match result {
        Some(Ok(())) => Ok(()),
        _ => Err(()),
    })
}

#[inline(never)]
fn begin(memory: &mut Memory<board::Net>, rng: &mut Rng) {
    memory.network.randomise(rng);
}

#[inline(never)]
fn step(memory: &mut Memory<board::Net>, rng: &mut Rng, image: &[f32; PIXELS], label: u8) -> Result<(), Error> {
    let mut learner = Learner {
        network: &mut memory.network,
        state: &mut Stateless,
        means: &mut [],
        scratch: memory.scratch.as_mut(),
        rng,
        kernel: &mut Portable,
    };
    SETTINGS.step(&mut learner, Batch { images: image, labels: &[label] }).map(drop)
}

#[inline(never)]
fn classify(memory: &mut Memory<board::Net>, image: &[f32; PIXELS], scores: &mut [f32; CLASSES]) -> Result<(), Error> {
    let Memory { network, scratch, .. } = memory;
    classify::by_goodness(network, image, ScoredLayers::ALL, scratch.as_mut(), &mut Portable, scores)
}
