//! Learns digits by the N-way rule, and reports what a step takes.
#![no_std]
#![no_main]

use cortex_m::singleton;
use cortex_m_rt::entry;
use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    board::{self, clock::Clock},
    digits,
    nway::{App, Memory, Net, PASSES},
    runtime, stack,
};

/// Of the 359 held-out digits, how many must be recognised: 92 %.
const ENOUGH: usize = 331;

/// Digits over which the cost of a step and of a classification is a mean.
const SAMPLES: usize = 100;

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let peripherals = cortex_m::Peripherals::take().ok_or(Failure::Memory)?;
    let clock = &mut Clock::start(peripherals.SYST, board::TICK);
    let memory = singleton!(: Memory = Memory::ZEROED).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, Portable);
    for pass in 0..PASSES {
        app.pass(pass)?;
    }
    let (right, held_out) = (app.recognised()?, digits::held_out().count());
    defmt::info!("after pass {=usize}: {=usize} of {=usize} recognised", PASSES, right, held_out);
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    report_costs(clock, &mut app)?;
    let scratch = size_of::<Memory>() - Net::RAM_BYTES;
    defmt::info!("memory: network {=usize} bytes, scratch {=usize} bytes", Net::RAM_BYTES, scratch);
    if right >= ENOUGH { Ok(()) } else { Err(Failure::Accuracy { right, needed: ENOUGH }) }
}

/// What a step and a classification cost: the mean over some digits, as zero pixels are skipped.
fn report_costs(clock: &mut Clock, app: &mut App<'_, Portable>) -> Result<(), Failure> {
    let (mut step, mut classification) = (0, 0);
    for turn in 0..SAMPLES {
        let digit = digits::training_digit(turn);
        // A gain of 0 takes the same path and leaves the weights alone.
        let (result, count) = clock.count(|| app.step(digit, 0.0));
        result?;
        step += count;
        let (result, count) = clock.count(|| app.classify(digit));
        result?;
        classification += count;
    }
    defmt::info!("training step: {=u64} {=str}", step / SAMPLES as u64, board::TICK.unit());
    defmt::info!("classification: {=u64} {=str}", classification / SAMPLES as u64, board::TICK.unit());
    let digit = digits::training_digit(0);
    let (result, bytes) = stack::taken(|| app.step(digit, 0.0));
    result?;
    defmt::info!("stack: training step {=usize} bytes", bytes);
    Ok(())
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The processor's devices or the program's memory were taken already.
    Memory,
    /// The core refused something.
    Core(Error),
    /// It did not learn enough.
    Accuracy { right: usize, needed: usize },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
