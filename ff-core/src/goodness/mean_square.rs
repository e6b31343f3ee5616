//! Goodness per unit instead of per layer.

use super::{Logistic, Objective};
use crate::error::Error;

/// Probability that a row is positive: `p = sigmoid((G / d - threshold) / temperature)`.
///
/// The same as [`Logistic`] with a temperature d times as high, so samples settle d times later
/// and slopes stay soft. Source: common in public programs that take the mean of the squares.
///
/// Use when wide layers settle too early. Avoid with few epochs: soft slopes are slow.
///
/// ```
/// use ff_core::prelude::*;
///
/// type Net = Network<Dense2<4, 16, 8>, 2>;
/// const RULE: Classic<MeanSquare> = Classic::online(MeanSquare::STANDARD);
///
/// let mut memory = Memory::<Net, { RULE.floats::<Net>(1) }>::ZEROED;
/// let mut trainer = Trainer::new(RULE, &mut memory, 1);
/// for _ in 0..300 {
///     trainer.step(&[0.2, 0.9], &[0])?;
///     trainer.step(&[0.8, 0.1], &[1])?;
/// }
/// assert_eq!([trainer.classify(&[0.3, 0.7])?, trainer.classify(&[0.9, 0.3])?], [0, 1]);
/// # Ok::<(), Error>(())
/// ```
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
