//! Learns the digits 0 to 4, then tells by goodness what is none of them, and says how well it can.
#![no_std]
#![no_main]

use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    anomaly::{self, ALL, Found, MOST, Watchman},
    app::{App, SEED},
    board,
    nets::{Memory, Net},
    processor::{entry, singleton},
    runtime, stack,
};

/// The most false alarms, in thousandths: 4 in 100 are asked for.
const MOST_FALSE: usize = 100;

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let memory = singleton!(: Memory<Watchman> = Watchman::MEMORY).ok_or(Failure::Memory)?;
    let scores = singleton!(: [f32; MOST] = [0.0; MOST]).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, SEED, Portable);
    anomaly::learn(&mut app)?;
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    let threshold = anomaly::calibrate(&mut app)?;
    let normal = anomaly::normal(&mut app, scores)?;
    let false_alarms = normal.iter().filter(|&&goodness| threshold.is_anomaly(goodness)).count();
    defmt::info!(
        "threshold {=f32}: {=f32} of normal digits below are to be expected",
        threshold.threshold().unwrap_or(0.0),
        threshold.false_alarms().unwrap_or(0.0)
    );
    defmt::info!("normal digits: {=usize} of {=usize} flagged", false_alarms, normal.len());
    let mut all_good = 1000 * false_alarms <= MOST_FALSE * normal.len();
    for odd in ALL {
        let Found { flagged, area } = anomaly::judge(&mut app, &threshold, normal, odd)?;
        defmt::info!(
            "{=str}: {=usize} of {=usize} flagged, area under the ROC curve {=usize}.{=usize:03}",
            odd.name(),
            flagged.right,
            flagged.of,
            area / 1000,
            area % 1000
        );
        all_good &= area >= odd.enough();
    }
    defmt::info!("stack: {=usize} bytes", stack::high_water());
    if all_good { Ok(()) } else { Err(Failure::Unreliable) }
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The program's memory was taken already.
    Memory,
    /// The core refused something.
    Core(Error),
    /// Too many false alarms, or too little found.
    Unreliable,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
