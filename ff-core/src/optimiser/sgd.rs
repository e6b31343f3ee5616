//! Plain stochastic ascent of the objective.

use super::{Fold, Optimiser, Pace};
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
    const STATEFUL: bool = false;

    #[inline]
    fn fold(&self, pace: Pace) -> Fold {
        Fold { keep: 1.0 - pace.rate * pace.decay, scale: pace.rate }
    }

    #[inline]
    fn target<'a>(&self, weights: &'a mut [f32], _velocity: &'a mut [f32]) -> &'a mut [f32] {
        weights
    }

    #[inline]
    fn advance<K: Kernel>(&self, _: &mut K, _: Pace, _: usize, _: &mut [f32], _: &[f32]) {}

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}
