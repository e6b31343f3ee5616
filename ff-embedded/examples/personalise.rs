//! A network from flash, trained on a host on the digits 0 to 7, learns 8 and 9 here.
#![no_std]
#![no_main]

use ff_core::{error::Error, kernel::Portable, snapshot};
use ff_embedded::{
    app::SEED,
    board,
    nets::{Memory, Net},
    personalise::{self, Accuracy, ENOUGH, MOST_LOST, Personal, Replay},
    processor::{entry, singleton},
    runtime, stack,
};

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let memory = singleton!(: Memory<Personal> = Personal::MEMORY).ok_or(Failure::Memory)?;
    let replay = singleton!(: Replay = Replay::ZEROED).ok_or(Failure::Memory)?;

    let mut app = personalise::from_flash(memory, SEED, Portable)?;
    let before = personalise::accuracy(&mut app)?;
    tell("from the host", before);
    personalise::without_replay(&mut app)?;
    tell("after the new digits alone", personalise::accuracy(&mut app)?);

    let mut app = personalise::from_flash(memory, SEED, Portable)?;
    personalise::collect(&mut app, replay)?;
    defmt::info!("kept for replay: {=usize} digits", replay.kept().len());
    personalise::learn(&mut app, replay)?;
    let after = personalise::accuracy(&mut app)?;
    tell("after learning with replay", after);
    let lost = after.lost_since(before);
    defmt::info!("old classes lost {=usize}.{=usize:02} points", lost / 100, lost % 100);
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    defmt::info!(
        "memory: network {=usize} bytes, scratch {=usize} bytes, replay {=usize} bytes",
        Memory::<Personal>::NETWORK_BYTES,
        Memory::<Personal>::SCRATCH_BYTES,
        size_of::<Replay>()
    );
    defmt::info!("stack: {=usize} bytes", stack::high_water());
    if lost <= MOST_LOST && after.new.reaches_percent(ENOUGH) {
        Ok(())
    } else {
        Err(Failure::Accuracy { before, after })
    }
}

fn tell(when: &str, Accuracy { old, new }: Accuracy) {
    defmt::info!(
        "{=str}: {=usize} of {=usize} old digits recognised, {=usize} of {=usize} new ones",
        when,
        old.right,
        old.of,
        new.right,
        new.of
    );
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The program's memory was taken already.
    Memory,
    /// The network in flash does not fit the one in RAM.
    Flash(snapshot::Error),
    /// The core refused something.
    Core(Error),
    /// It forgot too much, or learned too little.
    Accuracy { before: Accuracy, after: Accuracy },
}

impl From<snapshot::Error> for Failure {
    fn from(error: snapshot::Error) -> Self {
        Self::Flash(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
