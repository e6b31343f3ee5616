//! Ascent along a running mean of the directions.

use super::{Block, Fold, Optimiser, StepSize, Target};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::pieces;

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
    const MOMENTS: usize = 1;
    const GRADIENT: bool = false;

    #[inline]
    fn update<K, D>(&self, kernel: &mut K, step_size: StepSize, block: Block<'_>, direction: D)
    where
        K: Kernel,
        D: FnOnce(&mut K, Target<'_>),
    {
        let Block { width, values, moments: [velocity, _], .. } = block;
        let fold = Fold { keep: self.coefficient, scale: 1.0 - self.coefficient };
        direction(kernel, Target { fold, array: velocity, values: Some(values) });
        let StepSize { learning_rate, weight_decay } = step_size;
        let velocity = &*velocity;
        kernel.rows(width, values, |r: usize, row: &mut [f32]| {
            let velocity = pieces::from(velocity, r * width);
            row.iter_mut().zip(velocity).for_each(|(w, v)| *w += learning_rate * (v - weight_decay * *w));
        });
    }

    fn check(&self) -> Result<(), Error> {
        error::within("momentum coefficient", self.coefficient, 0.0, 1.0 - f32::EPSILON)
    }
}
