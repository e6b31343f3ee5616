//! The classic objective: logistic, against a threshold.

use super::{Objective, softplus};
use crate::error::{self, Error};
use crate::math::sigmoid;

/// Probability that a row is positive: `p = sigmoid((G - theta) / T)`, `theta = threshold * units`.
///
/// Loss `-ln p+ - ln (1 - p-)`; slopes `1 - p+` and `-p-` (the factor `1 / T` is left to the rate).
/// Source: Hinton 2022, sections 2 and 3.
///
/// Use when you want the published algorithm. Avoid when training time is short: it needs many
/// epochs, since one wrong label a sample is all that a step sees.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Logistic {
    /// The threshold per unit; at 1 a layer with a mean square of 1 is undecided.
    pub threshold: f32,
    /// The temperature T > 0.
    pub temperature: f32,
}

impl Logistic {
    /// Threshold 1, temperature 1: the reference.
    pub const CLASSIC: Self = Self { threshold: 1.0, temperature: 1.0 };

    fn logit(&self, units: usize, goodness: f32) -> f32 {
        (goodness - self.threshold * units as f32) / self.temperature
    }
}

impl Objective for Logistic {
    const ONLINE_RATE: f32 = 0.01;

    #[inline]
    fn slopes(&self, units: usize, positive: f32, negative: f32) -> (f32, f32) {
        // 1 - p is taken as sigmoid of the negated logit, which stays exact where p is near 1.
        (sigmoid(-self.logit(units, positive)), -sigmoid(self.logit(units, negative)))
    }

    fn loss(&self, units: usize, positive: f32, negative: f32) -> f32 {
        softplus(-self.logit(units, positive)) + softplus(self.logit(units, negative))
    }

    fn slope_scale(&self, _: usize) -> f32 {
        self.temperature
    }

    fn check(&self) -> Result<(), Error> {
        error::within("threshold", self.threshold, 0.0, f32::MAX)?;
        error::within("temperature", self.temperature, f32::MIN_POSITIVE, f32::MAX)
    }
}
