//! Learns while the power is cut again and again, and ends where it would have ended without.
//!
//! A cut is a real reset of the processor, at a random point of the work: in a training step, in the
//! middle of writing flash or of erasing it.
#![no_std]
#![no_main]

use cortex_m::{peripheral::SCB, singleton};
use cortex_m_rt::entry;
use ff_core::kernel::Portable;
use ff_embedded::{
    board,
    nets::{Memory, Net},
    power::{Battery, Off, Work},
    retained::RETAINED,
    runtime,
    survive::{self, Ended},
};

#[entry]
fn main() -> ! {
    let result = run();
    RETAINED.forget();
    runtime::exit(result)
}

fn run() -> Result<(), Failure> {
    let boot = RETAINED.boot();
    if boot == 1 {
        defmt::info!("board: {=str}", board::NAME);
    }
    let memory = singleton!(: Memory<board::Net> = board::Net::MEMORY).ok_or(Failure::Memory)?;
    let battery = Battery::of_boot(boot, cut);
    let interrupted = survive::live(memory, Portable, &RETAINED.flash, &battery, |step| {
        defmt::info!("boot {=u32}: step {=u64} of {=u64} comes next", boot, step, survive::STEPS);
    })?;
    let [steps, writes, erasures] = RETAINED.cuts();
    defmt::info!(
        "power cuts: {=u32} while learning, {=u32} while writing, {=u32} while erasing",
        steps,
        writes,
        erasures
    );
    let uninterrupted = survive::uninterrupted(memory, Portable).map_err(Ended::Core)?;
    defmt::info!("weights, cut: CRC-32 {=u32:08x}", interrupted);
    defmt::info!("weights, not cut: CRC-32 {=u32:08x}", uninterrupted);
    if steps == 0 || writes == 0 || erasures == 0 {
        return Err(Failure::NoCut);
    }
    if interrupted == uninterrupted { Ok(()) } else { Err(Failure::Weights) }
}

/// The power ends.
fn cut(during: Work) -> Off {
    RETAINED.cut(during);
    SCB::sys_reset()
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The network's memory was taken already.
    Memory,
    /// Learning ended early.
    Ended(Ended),
    /// Some work was never cut.
    NoCut,
    /// The two runs ended at different weights.
    Weights,
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}
