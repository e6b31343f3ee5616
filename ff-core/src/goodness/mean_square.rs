//! Goodness per unit instead of per layer.

use super::{Logistic, Objective};
use crate::error::Error;

/// Probability that a row is positive: `p = sigmoid((G / d - threshold) / temperature)`.
///
/// The same as [`Logistic`] with a temperature d times as high, so samples settle d times later
/// and slopes stay soft. Source: common in public programs that take the mean of the squares.
///
/// Use when wide layers settle too early. Avoid with few epochs: soft slopes are slow.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MeanSquare {
    /// The threshold per unit.
    pub threshold: f32,
    /// The temperature T > 0, per unit.
    pub temperature: f32,
}

impl MeanSquare {
    /// Threshold 1 and temperature 1, per unit.
    pub const STANDARD: Self = Self { threshold: 1.0, temperature: 1.0 };

    fn logistic(&self, units: usize) -> Logistic {
        Logistic { threshold: self.threshold, temperature: self.temperature * units as f32 }
    }
}

impl Objective for MeanSquare {
    const ONLINE_RATE: f32 = 0.02;

    #[inline]
    fn slopes(&self, units: usize, positive: f32, negative: f32) -> (f32, f32) {
        self.logistic(units).slopes(units, positive, negative)
    }

    fn loss(&self, units: usize, positive: f32, negative: f32) -> f32 {
        self.logistic(units).loss(units, positive, negative)
    }

    fn slope_scale(&self, units: usize) -> f32 {
        self.temperature * units as f32
    }

    fn check(&self) -> Result<(), Error> {
        self.logistic(1).check()
    }
}
