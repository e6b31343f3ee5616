//! Learns handwritten digits on the device and reports what it took.
#![no_std]
#![no_main]

use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    app::{App, SEED},
    board::{self, clock::Clock, clock::Tick},
    costs, digits,
    learns::Learns,
    nets::{Memory, Net},
    processor::{delay, entry, singleton},
    runtime, stack,
};

/// Of the 359 held-out digits, how many must be recognised: 90 %.
const ENOUGH: usize = 323;

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let clock = &mut Clock::start(board::TICK).ok_or(Failure::Peripherals)?;
    check_clock(clock)?;
    let memory = singleton!(: Memory<board::Net> = board::Net::MEMORY).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, SEED, Portable);
    let held_out = digits::held_out().count();
    defmt::info!("digits: {=usize} to learn, {=usize} held out", digits::TRAINING, held_out);
    defmt::info!("before learning: {=usize} of {=usize} recognised", app.recognised()?, held_out);
    let mut right = 0;
    let mut cost = 0;
    for pass in 0..board::Net::PASSES {
        cost += learn(clock, &mut app, pass)?;
        if (pass + 1).is_power_of_two() || pass + 1 == board::Net::PASSES {
            right = app.recognised()?;
            defmt::info!("after pass {=usize}: {=usize} of {=usize} recognised", pass + 1, right, held_out);
        }
    }
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    defmt::info!("learning: {=u64} {=str}", cost, board::TICK.unit());
    costs::report(clock, &mut app)?;
    defmt::info!(
        "memory: network {=usize} bytes, scratch {=usize} bytes",
        Memory::<board::Net>::NETWORK_BYTES,
        Memory::<board::Net>::SCRATCH_BYTES
    );
    defmt::info!("stack: {=usize} of {=usize} bytes", stack::high_water(), stack::capacity());
    if right >= ENOUGH { Ok(()) } else { Err(Failure::Accuracy { right, needed: ENOUGH }) }
}

/// Learns every digit once and counts what it costs, digit by digit: the clock goes round.
fn learn(clock: &mut Clock, app: &mut Learner<'_>, pass: usize) -> Result<u64, Failure> {
    let order = app.order();
    let mut cost = 0;
    for turn in 0..digits::TRAINING {
        let (result, count) = clock.count(|| app.turn(pass, turn, &order));
        result?;
        cost += count;
    }
    Ok(cost)
}

/// Counts the instructions of a loop whose length is known: two for each of its turns. Cycles are
/// another matter, and on real boards nothing is known of them.
fn check_clock(clock: &mut Clock) -> Result<(), Failure> {
    const TURNS: u32 = 125_000;
    let expected = 2 * u64::from(TURNS);
    let counted = count_loop(clock, TURNS) - count_loop(clock, 0);
    defmt::info!("clock: a loop of {=u64} instructions counted as {=u64}", expected, counted);
    if counted == expected || board::TICK == Tick::Cycle { Ok(()) } else { Err(Failure::Clock { expected, counted }) }
}

/// Kept from being inlined, so that the loop and all around it are the same instructions each time.
#[inline(never)]
fn count_loop(clock: &mut Clock, turns: u32) -> u64 {
    let ((), count) = clock.count(|| delay(turns));
    count
}

/// What learns on this board.
type Learner<'a> = App<'a, board::Net, Portable>;

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The clock does not count instructions.
    Clock { expected: u64, counted: u64 },
    /// The processor's own devices were taken already.
    Peripherals,
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
