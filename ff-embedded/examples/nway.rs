//! Learns digits by the N-way rule, and reports what a step takes.
#![no_std]
#![no_main]

use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    app::{App, SEED},
    board::{self, clock::Clock},
    costs, digits,
    learns::Learns,
    nets::{Memory, Net},
    nway::ByGoodness,
    processor::{entry, singleton},
    runtime,
};

/// Of the 359 held-out digits, how many must be recognised: 92 %.
const ENOUGH: usize = 331;

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let clock = &mut Clock::start(board::TICK).ok_or(Failure::Memory)?;
    let memory = singleton!(: Memory<ByGoodness> = ByGoodness::MEMORY).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, SEED, Portable);
    (0..Learner::PASSES).try_for_each(|pass| app.pass(pass))?;
    let (right, held_out) = (app.recognised()?, digits::held_out().count());
    defmt::info!("after pass {=usize}: {=usize} of {=usize} recognised", Learner::PASSES, right, held_out);
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    costs::report(clock, &mut app)?;
    defmt::info!(
        "memory: network {=usize} bytes, scratch {=usize} bytes",
        Memory::<ByGoodness>::NETWORK_BYTES,
        Memory::<ByGoodness>::SCRATCH_BYTES
    );
    if right >= ENOUGH { Ok(()) } else { Err(Failure::Accuracy { right, needed: ENOUGH }) }
}

/// What learns.
type Learner<'a> = App<'a, ByGoodness, Portable>;

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
