//! Measures the stack of everything that the core does on a device, and holds it against a limit.
//!
//! 1 KiB as it would be flashed, 4 KiB as built for debugging (`cargo xtask qemu --example stack --debug`).
#![no_std]
#![no_main]

mod saving;

use core::cell::RefCell;

use critical_section::Mutex;
use ff_core::{
    error::Error,
    kernel::Portable,
    saliency::{Against, Target},
    snapshot::{self, Saved},
};
use ff_embedded::{
    app::{App, SEED},
    board,
    digits::{self, PIXELS},
    learns::Learns,
    nets::{Explaining, Memory, Net},
    nway::ByGoodness,
    processor::entry,
    runtime, stack,
};

/// Bytes that each of them may take.
const LIMIT: usize = if cfg!(debug_assertions) { 4096 } else { 1024 };

// Not `singleton!`: in a build for debugging its first value goes over the stack, several times.
static CLASSIC: Mutex<RefCell<Memory<Explaining>>> = Mutex::new(RefCell::new(Explaining::MEMORY));
static NWAY: Mutex<RefCell<Memory<ByGoodness>>> = Mutex::new(RefCell::new(ByGoodness::MEMORY));
static FLASH: Mutex<RefCell<[u8; saving::BYTES]>> = Mutex::new(RefCell::new([0; saving::BYTES]));

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    critical_section::with(|only| {
        let classic = &mut *CLASSIC.borrow(only).borrow_mut();
        let mut app = App::start(classic, SEED, Portable);
        learning("classic", &mut app)?;
        explaining(&mut app)?;
        let nway = &mut *NWAY.borrow(only).borrow_mut();
        learning("N-way", &mut App::start(nway, SEED, Portable))?;
        saving(&mut classic.learning.network, &mut *FLASH.borrow(only).borrow_mut())
    })
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

fn explaining(app: &mut App<'_, Explaining, Portable>) -> Result<(), Failure> {
    let mut map = [0.0; PIXELS];
    let target = Target { label: 0, against: Against::MeanOfOthers };
    let (result, bytes) = stack::taken(|| app.explain(digits::training_digit(0), target, &mut map));
    result?;
    hold("classic", "explanation", bytes)
}

/// Out in chunks of 64 bytes, and in again.
fn saving(network: &mut impl Saved, flash: &mut [u8]) -> Result<(), Failure> {
    let (written, bytes) = stack::taken(|| saving::write(network, flash));
    let written = written?;
    hold("snapshot", "writing", bytes)?;
    let (result, bytes) = stack::taken(|| snapshot::import_bytes(written, &mut [network]));
    result?;
    hold("snapshot", "reading", bytes)
}

fn hold(whose: &str, what: &str, bytes: usize) -> Result<(), Failure> {
    defmt::info!("{=str}, {=str}: {=usize} bytes", whose, what, bytes);
    if bytes <= LIMIT { Ok(()) } else { Err(Failure::Stack { bytes, limit: LIMIT }) }
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
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
