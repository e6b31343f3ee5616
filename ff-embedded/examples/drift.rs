//! Watches a stream of digits, notices when it changes, and learns the change.
#![no_std]
#![no_main]

use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    app::{App, SEED},
    board,
    drift::{self, CHANGES, Episode, USUAL, View},
    nets::{Memory, Net},
    nway::ByGoodness,
    processor::{entry, singleton},
    runtime, stack,
};

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let memory = singleton!(: Memory<ByGoodness> = ByGoodness::MEMORY).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, SEED, Portable);
    drift::learn(&mut app, USUAL)?;
    let mut view = USUAL;
    for change in CHANGES {
        let episode = drift::episode(&mut app, view, change)?;
        tell(view, change, &episode);
        if !episode.is_good() {
            return Err(Failure::Drift);
        }
        view = change;
    }
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    defmt::info!("stack: {=usize} bytes", stack::high_water());
    Ok(())
}

fn tell(from: View, to: View, episode: &Episode) {
    let Episode { watched, false_alarms, noticed, before, changed, after } = episode;
    let (of, right) = (before.of, before.right);
    defmt::info!("{=str}: {=usize} of {=usize} recognised", from.name, right, of);
    defmt::info!("{=usize} digits watched, {=usize} false alarms", watched, false_alarms);
    defmt::info!("{=str}: {=usize} of {=usize} recognised", to.name, changed.right, of);
    match noticed {
        Some((digits, signal)) => defmt::info!("noticed after {=usize} digits: goodness has {}", digits, signal),
        None => defmt::info!("not noticed"),
    }
    defmt::info!("learned: {=usize} of {=usize} recognised", after.right, of);
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The program's memory was taken already.
    Memory,
    /// The core refused something.
    Core(Error),
    /// The flag rose early or late, or too little was recovered.
    Drift,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
