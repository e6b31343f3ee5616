//! Ascent along a running mean of the directions.

use super::{Fold, Optimiser, Pace};
use crate::error::{self, Error};
use crate::kernel::Kernel;

/// `V <- c V + (1 - c) G`, `W <- W + rate * (V - decay * W)`: one more array as large as the network.
///
/// Use when there is memory for it and batches are large. Source: the reference recipe, c = 0.9.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Momentum {
    /// c, from 0 (no memory) to below 1.
    pub coefficient: f32,
}

impl Optimiser for Momentum {
    const STATEFUL: bool = true;

    #[inline]
    fn fold(&self, _: Pace) -> Fold {
        Fold { keep: self.coefficient, scale: 1.0 - self.coefficient }
    }

    #[inline]
    fn target<'a>(&self, _weights: &'a mut [f32], velocity: &'a mut [f32]) -> &'a mut [f32] {
        velocity
    }

    #[inline]
    fn advance<K: Kernel>(&self, kernel: &mut K, pace: Pace, width: usize, weights: &mut [f32], velocity: &[f32]) {
        let Pace { rate, decay } = pace;
        kernel.rows(width, weights, |r, row| {
            let velocity = velocity.get(r * width..).unwrap_or(&[]);
            row.iter_mut().zip(velocity).for_each(|(w, v)| *w += rate * (v - decay * *w));
        });
    }

    fn check(&self) -> Result<(), Error> {
        error::within("momentum coefficient", self.coefficient, 0.0, 1.0 - f32::EPSILON)
    }
}
