//! What a step and a classification take.

use ff_core::error::Error;

use crate::board::{self, clock::Clock};
use crate::digits;
use crate::learns::Learns;

/// Digits over which a cost is a mean, since zero pixels are skipped.
const SAMPLES: usize = 100;

/// Logs both, and leaves the weights as they are.
///
/// # Errors
/// As [`Learns::step`].
pub fn report<L: Learns>(clock: &mut Clock, learner: &mut L) -> Result<(), Error> {
    let (mut step, mut classification) = (0, 0);
    for turn in 0..SAMPLES {
        let digit = digits::training_digit(turn);
        // A gain of 0 takes the same path and leaves the weights alone.
        let (result, count) = clock.count(|| learner.step(digit, 0.0));
        result?;
        step += count;
        let (result, count) = clock.count(|| learner.classify(digit));
        result?;
        classification += count;
    }
    defmt::info!("training step: {=u64} {=str}", step / SAMPLES as u64, board::TICK.unit());
    defmt::info!("classification: {=u64} {=str}", classification / SAMPLES as u64, board::TICK.unit());
    Ok(())
}
