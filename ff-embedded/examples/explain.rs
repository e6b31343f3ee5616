//! Learns digits, then explains a right answer and a wrong one: which pixels spoke for it.
#![no_std]
#![no_main]

use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    app::{App, SEED},
    board::{self, clock::Clock},
    digits::PIXELS,
    explain::{self, Answer},
    learns::Learns,
    nets::{Explaining, Memory, Net},
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
    let memory = singleton!(: Memory<Explaining> = Explaining::MEMORY).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, SEED, Portable);
    (0..Explaining::PASSES).try_for_each(|pass| app.pass(pass))?;
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    let right = explain::first(&mut app, true)?.ok_or(Failure::NoSuchAnswer)?;
    let wrong = explain::first(&mut app, false)?.ok_or(Failure::NoSuchAnswer)?;
    tell(clock, &mut app, right)?;
    tell(clock, &mut app, wrong)?;
    defmt::info!("memory: scratch {=usize} bytes", Memory::<Explaining>::SCRATCH_BYTES);
    Ok(())
}

/// Explains one answer, and says what it took.
fn tell(clock: &mut Clock, app: &mut Learner<'_>, answer: Answer) -> Result<(), Failure> {
    let mut map = [0.0; PIXELS];
    let target = answer.target();
    let (result, cost) = clock.count(|| app.explain(answer.digit, target, &mut map));
    let told = result?;
    // Painting takes time, so the stack is measured in a run of its own.
    let (result, bytes) = stack::taken(|| app.explain(answer.digit, target, &mut map));
    result?;
    defmt::info!("{=u8} seen as {=u8}, runner-up {=u8}", answer.digit.label(), answer.label, answer.runner_up);
    for row in explain::rows(&map) {
        defmt::info!("{}", row);
    }
    defmt::info!("map: CRC-32 {=u32:08x}", explain::checksum(&map));
    defmt::info!("margin: {=f32}, on the faint image {=f32}", told.score, told.baseline_score);
    defmt::info!("explanation: {=u64} {=str}", cost, board::TICK.unit());
    defmt::info!("stack: explanation {=usize} bytes", bytes);
    Ok(())
}

/// What learns.
type Learner<'a> = App<'a, Explaining, Portable>;

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The processor's devices or the program's memory were taken already.
    Memory,
    /// Everything was answered rightly, or wrongly.
    NoSuchAnswer,
    /// The core refused something.
    Core(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
