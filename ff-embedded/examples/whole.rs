//! Trains, classifies, explains and keeps what was learned: all that the core does for one network.
#![no_std]
#![no_main]

mod classifying;
mod saving;
mod training;

use core::hint::black_box;

use cortex_m::singleton;
use cortex_m_rt::entry;
use ff_core::{
    classify::ScoredLayers,
    error::Error,
    kernel::Portable,
    network::Network,
    random::Rng,
    saliency::{Against, GoodnessDelta, Question, Saliency, Score, Target},
    snapshot,
};
use ff_embedded::{
    board,
    digits::{CLASSES, PIXELS},
    explain,
    nets::{self, Net},
    runtime, stack,
};

type Memory = nets::Memory<board::Net>;

const SCRATCH: usize = explain::scratch_floats::<board::Net>();

#[entry]
fn main() -> ! {
    let (memory, scratch, flash) = (
        singleton!(: Memory = board::Net::MEMORY),
        singleton!(: [f32; SCRATCH] = [0.0; _]),
        singleton!(: [u8; saving::BYTES] = [0; _]),
    );
    let done = memory.zip(scratch).zip(flash).map(|((memory, scratch), flash)| all(memory, scratch, flash));
    // Nothing has been logged before, so this is what the core took, and a little more.
    defmt::info!("stack: {=usize} bytes", stack::high_water());
    runtime::exit(done.flatten().ok_or(()))
}

fn all(memory: &mut Memory, scratch: &mut [f32], flash: &mut [u8]) -> Option<()> {
    let (mut rng, mut scores, mut map) = (Rng::new(1), [0.0; CLASSES], [0.0; PIXELS]);
    let image = black_box(&[0.5; PIXELS]);
    let memory = black_box(memory);
    training::begin(memory, &mut rng);
    training::step(memory, &mut rng, image, black_box(3)).ok()?;
    classifying::classify(memory, image, &mut scores).ok()?;
    explain(&memory.network, image, black_box(3), scratch, &mut map).ok()?;
    let written = saving::write(&memory.network, flash).ok()?;
    load(&mut memory.network, written).ok()?;
    black_box((&scores, &map));
    Some(())
}

// Kept apart, so that their size can be told from the application's.

#[inline(never)]
fn explain(
    network: &Network<<board::Net as Net>::Layers, CLASSES>,
    image: &[f32; PIXELS],
    label: u8,
    scratch: &mut [f32],
    map: &mut [f32; PIXELS],
) -> Result<(), Error> {
    let (score, target) = (Score::Goodness(ScoredLayers::ALL), Target { label, against: Against::MeanOfOthers });
    let question = Question { network, sample: image, baseline: &[], score, target };
    GoodnessDelta.map(&question, scratch, &mut Portable, map).map(drop)
}

#[inline(never)]
fn load(network: &mut Network<<board::Net as Net>::Layers, CLASSES>, bytes: &[u8]) -> Result<(), snapshot::Error> {
    snapshot::import_bytes(bytes, &mut [network]).map(drop)
}
