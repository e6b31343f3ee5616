//! Measures the stack of everything that the core does on a device, and holds it against a limit.
//!
//! 1 KiB as it would be flashed, 4 KiB without optimisation (`cargo xtask qemu --example stack --debug`).
#![no_std]
#![no_main]

use cortex_m::singleton;
use cortex_m_rt::entry;
use ff_core::{
    error::Error,
    kernel::Portable,
    saliency::{Against, Target},
    snapshot::{self, Export, Meta, Saved},
};
use ff_embedded::{
    app::{App, SEED},
    board,
    digits::{self, PIXELS},
    explain,
    learns::Learns,
    nets::{self, Net},
    nway::ByGoodness,
    onepass::{self, Net as _},
    runtime, stack,
};

/// Bytes that each of them may take.
const LIMIT: usize = if cfg!(debug_assertions) { 4096 } else { 1024 };

/// What a map is made in, beside the network.
const SCRATCH: usize = explain::scratch_floats::<board::Net>();

/// Bytes of flash that a snapshot gets here.
const FLASH: usize = size_of::<<board::Net as Net>::Layers>() + 256;

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let memory = singleton!(: nets::Memory<board::Net> = board::Net::MEMORY).ok_or(Failure::Memory)?;
    let mut classic = App::start(memory, Portable);
    learning("classic", &mut classic)?;
    let scratch = singleton!(: [f32; SCRATCH] = [0.0; SCRATCH]).ok_or(Failure::Memory)?;
    explaining(&mut classic, scratch)?;

    let memory = singleton!(: onepass::Memory<ByGoodness> = ByGoodness::MEMORY).ok_or(Failure::Memory)?;
    let mut nway = onepass::App::start(memory, SEED, Portable);
    learning("N-way", &mut nway)?;

    let network = singleton!(: nets::Memory<board::Net> = board::Net::MEMORY).ok_or(Failure::Memory)?;
    let flash = singleton!(: [u8; FLASH] = [0; FLASH]).ok_or(Failure::Memory)?;
    saving(&mut network.network, flash)
}

fn learning(rule: &str, learner: &mut impl Learns) -> Result<(), Failure> {
    let digit = digits::training_digit(0);
    let (result, bytes) = stack::taken(|| learner.step(digit, 1.0));
    result?;
    hold(rule, "step", bytes)?;
    let (result, bytes) = stack::taken(|| learner.classify(digit));
    result?;
    hold(rule, "classification", bytes)
}

fn explaining(app: &mut App<'_, board::Net, Portable>, scratch: &mut [f32]) -> Result<(), Failure> {
    let mut map = [0.0; PIXELS];
    let target = Target { label: 0, against: Against::MeanOfOthers };
    let (result, bytes) = stack::taken(|| app.explain(digits::training_digit(0), target, scratch, &mut map));
    result?;
    hold("classic", "explanation", bytes)
}

/// Out in chunks of 64 bytes, and in again.
fn saving(network: &mut impl Saved, flash: &mut [u8]) -> Result<(), Failure> {
    let (written, bytes) = stack::taken(|| write(network, flash));
    let written = written?;
    hold("snapshot", "writing", bytes)?;
    let (result, bytes) = stack::taken(|| snapshot::import_bytes(written, &mut [network]));
    result?;
    hold("snapshot", "reading", bytes)
}

fn write<'a>(network: &dyn Saved, flash: &'a mut [u8]) -> Result<&'a [u8], snapshot::Error> {
    let state = [network];
    let mut export = Export::new(Meta::START, &state)?;
    let mut length = 0;
    for chunk in flash.chunks_mut(64) {
        length += export.read(chunk);
    }
    Ok(flash.get(..length).unwrap_or_default())
}

fn hold(whose: &str, what: &str, bytes: usize) -> Result<(), Failure> {
    defmt::info!("{=str}, {=str}: {=usize} bytes", whose, what, bytes);
    if bytes <= LIMIT { Ok(()) } else { Err(Failure::Stack { bytes, limit: LIMIT }) }
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The program's memory was taken already.
    Memory,
    /// The core refused something.
    Core(Error),
    /// A snapshot was refused.
    Snapshot(snapshot::Error),
    /// More stack than there may be.
    Stack { bytes: usize, limit: usize },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<snapshot::Error> for Failure {
    fn from(error: snapshot::Error) -> Self {
        Self::Snapshot(error)
    }
}
