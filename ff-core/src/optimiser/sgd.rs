//! Plain stochastic ascent of the objective.

use super::{Block, Fold, Optimiser, StepSize, Target};
use crate::error::Error;
use crate::kernel::Kernel;

/// `W <- (1 - rate * decay) W + rate * G`: one pass over the weights, no state.
///
/// Use when memory is short. Avoid when batches are large and epochs are dear: momentum gets
/// further with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sgd;

impl Optimiser for Sgd {
    const MOMENTS: usize = 0;
    const GRADIENT: bool = false;

    #[inline]
    fn update<K, D>(&self, kernel: &mut K, step_size: StepSize, block: Block<'_>, direction: D)
    where
        K: Kernel,
        D: FnOnce(&mut K, Target<'_>),
    {
        let fold =
            Fold { keep: 1.0 - step_size.learning_rate * step_size.weight_decay, scale: step_size.learning_rate };
        direction(kernel, Target { fold, array: block.values, values: None });
    }

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}
