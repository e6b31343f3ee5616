//! Trains, classifies, explains and keeps what was learned: all that the core does for one network.
#![no_std]
#![no_main]

mod classifying;
mod saving;
mod training;

use core::hint::black_box;

use ff_core::{
    error::Error,
    saliency::{Against, GoodnessDelta, Target},
    snapshot,
    trainer::Trainer,
};
use ff_embedded::{
    digits::PIXELS,
    nets::{self, Explaining, Net, SETTINGS},
    processor::{entry, singleton},
    runtime, stack,
};

type Memory = nets::Memory<Explaining>;
type Learning = nets::Learning<Explaining>;

#[entry]
fn main() -> ! {
    let memory = singleton!(: Memory = Explaining::MEMORY);
    let flash = singleton!(: [u8; saving::BYTES] = [0; _]);
    let done = memory.zip(flash).map(|(memory, flash)| all(&mut memory.learning, flash));
    // Nothing has been logged before, so this is what the core took, and a little more.
    defmt::info!("stack: {=usize} bytes", stack::high_water());
    runtime::exit(done.flatten().ok_or(()))
}

fn all(memory: &mut Learning, flash: &mut [u8]) -> Option<()> {
    let mut map = [0.0; PIXELS];
    let image = black_box(&[0.5; PIXELS]);
    let memory = black_box(memory);
    training::begin::<Explaining>(memory);
    training::step::<Explaining>(memory, image, black_box(3)).ok()?;
    black_box(classifying::classify::<Explaining>(memory, image).ok()?);
    explain(memory, image, black_box(3), &mut map).ok()?;
    let written = saving::write(memory, flash).ok()?;
    load(memory, written).ok()?;
    black_box(&map);
    Some(())
}

// Kept apart, so that their size can be told from the application's.

#[inline(never)]
fn explain(memory: &mut Learning, image: &[f32; PIXELS], label: u8, map: &mut [f32; PIXELS]) -> Result<(), Error> {
    let target = Target { label, against: Against::MeanOfOthers };
    Trainer::resume(&SETTINGS, memory).explain_beside(&GoodnessDelta, image, &[], target, map).map(drop)
}

#[inline(never)]
fn load(memory: &mut Learning, bytes: &[u8]) -> Result<(), snapshot::Error> {
    Trainer::resume(&SETTINGS, memory).load_bytes(bytes)
}
