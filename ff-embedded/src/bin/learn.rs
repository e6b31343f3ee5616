//! Learns handwritten digits on the device and reports what it took.
#![no_std]
#![no_main]

use cortex_m::{asm, singleton};
use cortex_m_rt::entry;
use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    app::{App, Memory, PASSES},
    board::{Board, Chosen},
    digits, runtime, stack,
};

/// Of the 359 held-out digits, how many must be recognised: 92 %.
const ENOUGH: usize = 331;

/// Digits over which the cost of a step and of a classification is a mean.
const SAMPLES: usize = 100;

#[entry]
fn main() -> ! {
    runtime::exit(run(&mut Chosen::start()))
}

fn run(board: &mut impl Board) -> Result<(), Failure> {
    defmt::info!("board: {=str}", Chosen::NAME);
    check_clock(board)?;
    let memory = singleton!(: Memory = Memory::ZEROED).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, Portable);
    let held_out = digits::held_out().count();
    defmt::info!("digits: {=usize} to learn, {=usize} held out", digits::TRAINING, held_out);
    defmt::info!("before learning: {=usize} of {=usize} recognised", app.recognised()?, held_out);
    let mut right = 0;
    let mut instructions = 0;
    for pass in 0..PASSES {
        let (learned, count) = board.count_instructions(|| app.pass(pass));
        learned?;
        instructions += count;
        if (pass + 1).is_power_of_two() || pass + 1 == PASSES {
            right = app.recognised()?;
            defmt::info!("after pass {=usize}: {=usize} of {=usize} recognised", pass + 1, right, held_out);
        }
        // The clock goes round, so it is read at every pass.
        board.instructions();
    }
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    defmt::info!("learning: {=u64} instructions", instructions);
    report_costs(board, &mut app)?;
    defmt::info!(
        "memory: network {=usize} bytes, scratch {=usize} bytes",
        Memory::NETWORK_BYTES,
        Memory::SCRATCH_BYTES
    );
    defmt::info!("stack: {=usize} of {=usize} bytes", stack::high_water(), stack::capacity());
    if right >= ENOUGH { Ok(()) } else { Err(Failure::Accuracy { right, needed: ENOUGH }) }
}

/// What a step and a classification cost: the mean over some digits, as zero pixels are skipped.
fn report_costs(board: &mut impl Board, app: &mut App<'_, Portable>) -> Result<(), Failure> {
    let (mut step, mut classification) = (0, 0);
    for turn in 0..SAMPLES {
        let digit = digits::training_digit(turn);
        // A gain of 0 takes the same path and leaves the weights alone.
        let (result, count) = board.count_instructions(|| app.step(digit, 0.0));
        result?;
        step += count;
        let (result, count) = board.count_instructions(|| app.classify(digit));
        result?;
        classification += count;
    }
    defmt::info!("training step: {=u64} instructions", step / SAMPLES as u64);
    defmt::info!("classification: {=u64} instructions", classification / SAMPLES as u64);
    Ok(())
}

/// Counts the instructions of a loop whose length is known: two for each of its turns.
fn check_clock(board: &mut impl Board) -> Result<(), Failure> {
    const TURNS: u32 = 1_000_000;
    let expected = 2 * u64::from(TURNS);
    let counted = count_loop(board, TURNS) - count_loop(board, 0);
    defmt::info!("clock: a loop of {=u64} instructions counted as {=u64}", expected, counted);
    if counted == expected { Ok(()) } else { Err(Failure::Clock { expected, counted }) }
}

/// Kept from being inlined, so that the loop and all around it are the same instructions each time.
#[inline(never)]
fn count_loop(board: &mut impl Board, turns: u32) -> u64 {
    let ((), instructions) = board.count_instructions(|| asm::delay(turns));
    instructions
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The clock does not count instructions.
    Clock { expected: u64, counted: u64 },
    /// The network's memory was taken already.
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
