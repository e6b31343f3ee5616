//! What a step and a classification take: instructions and stack.

use ff_core::error::Error;

use crate::board::{self, clock::Clock};
use crate::digits;
use crate::learns::Learns;
use crate::stack;

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
        // A learning-rate scale of 0 takes the same path and leaves the weights alone.
        let (result, count) = clock.count(|| learner.step(digit, 0.0));
        result?;
        step += count;
        let (result, count) = clock.count(|| learner.classify(digit));
        result?;
        classification += count;
    }
    // Painting takes time, so stack is measured in runs of its own.
    let digit = digits::training_digit(0);
    let (result, step_stack) = stack::taken(|| learner.step(digit, 0.0));
    result?;
    let (result, classification_stack) = stack::taken(|| learner.classify(digit));
    result?;
    tell("training step", step, step_stack);
    tell("classification", classification, classification_stack);
    Ok(())
}

fn tell(what: &str, total: u64, stack: usize) {
    let (mean, unit) = (total / SAMPLES as u64, board::TICK.unit());
    defmt::info!("{=str}: {=u64} {=str}, {=usize} bytes of stack", what, mean, unit, stack);
}
