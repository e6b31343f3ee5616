//! Training alone, kept apart so that its size can be told from the application's.

use ff_core::{error::Error, kernel::Portable, learner::Learner, optimiser::Stateless, random::Rng, sample::Batch};
use ff_embedded::{app::SETTINGS, board, digits::PIXELS, nets::Memory};

#[inline(never)]
pub fn begin(memory: &mut Memory<board::Net>, rng: &mut Rng) {
    memory.network.randomise(rng);
}

#[inline(never)]
pub fn step(memory: &mut Memory<board::Net>, rng: &mut Rng, image: &[f32; PIXELS], label: u8) -> Result<(), Error> {
    let mut learner = Learner {
        network: &mut memory.network,
        state: &mut Stateless,
        means: &mut [],
        scratch: memory.scratch.as_mut(),
        rng,
        kernel: &mut Portable,
    };
    SETTINGS.step(&mut learner, Batch { samples: image, labels: &[label] }).map(drop)
}
