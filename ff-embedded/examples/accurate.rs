//! Learns digits within 16 KB of RAM, stack and all, five times from five seeds.
#![no_std]
#![no_main]

use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    accurate::{ENOUGH, RAM, SEEDS, Widest},
    app::App,
    board::{self, clock::Clock},
    costs, digits,
    learns::{Learns, Share},
    nets::{Memory, Net},
    processor::{entry, singleton},
    runtime, stack,
};

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let clock = &mut Clock::start(board::TICK).ok_or(Failure::Memory)?;
    let memory = singleton!(: Memory<Widest> = Widest::MEMORY).ok_or(Failure::Memory)?;
    let mut all = Share::NONE;
    for seed in SEEDS {
        let mut app = App::learned(memory, seed, Portable)?;
        let Share { right, of } = app.share(digits::held_out())?;
        defmt::info!("seed {=u64}: {=usize} of {=usize}, weights CRC-32 {=u32:08x}", seed, right, of, app.checksum());
        all = Share { right: all.right + right, of: all.of + of };
        if seed == SEEDS[0] {
            costs::report(clock, &mut app)?;
        }
    }
    let hundredths = all.hundredths();
    defmt::info!("mean: {=usize}.{=usize:02} % of held-out digits", hundredths / 100, hundredths % 100);
    let (statics, stack) = (stack::statics(), stack::high_water());
    defmt::info!(
        "memory: network {=usize} bytes, scratch {=usize} bytes, all statics {=usize} bytes",
        Memory::<Widest>::NETWORK_BYTES,
        Memory::<Widest>::SCRATCH_BYTES,
        statics
    );
    defmt::info!("stack: {=usize} bytes, with statics {=usize} of {=usize} bytes", stack, statics + stack, RAM);
    match () {
        () if statics + stack > RAM => Err(Failure::Ram { taken: statics + stack, allowed: RAM }),
        () if !all.reaches_percent(ENOUGH) => Err(Failure::Accuracy { all, percent_needed: ENOUGH }),
        () => Ok(()),
    }
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The processor's devices or the program's memory were taken already.
    Memory,
    /// The core refused something.
    Core(Error),
    /// It took more RAM than it was allowed.
    Ram { taken: usize, allowed: usize },
    /// It did not learn enough.
    Accuracy { all: Share, percent_needed: usize },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
