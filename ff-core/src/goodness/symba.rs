//! The symmetric objective: positive against negative, without a threshold.

use super::{Objective, softplus};
use crate::error::{self, Error};
use crate::math::sigmoid;

/// `L = softplus(-alpha (G+ - G-) / d)`: only the gap between a sample's two passes counts.
///
/// Slopes `p` and `-p` with `p = sigmoid(-alpha (G+ - G-) / d)` (the factor `alpha / d` is left to
/// the rate). Source: SymBa (Lee and Song, 2023), with goodness per unit, so that alpha does not
/// depend on the width.
///
/// Use when a threshold is hard to choose: positive and negative slopes are always of one size, so
/// activities neither die nor explode. Avoid when a single pass must tell good from bad, as in
/// anomaly detection: absolute goodness means nothing here.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SymBa {
    /// How fast a gap settles a sample, above 0.
    pub alpha: f32,
}

impl SymBa {
    /// alpha = 4, as published.
    pub const STANDARD: Self = Self { alpha: 4.0 };

    fn gap(&self, units: usize, positive: f32, negative: f32) -> f32 {
        self.alpha * (positive - negative) / units as f32
    }
}

impl Objective for SymBa {
    const ONLINE_RATE: f32 = 0.03;

    #[inline]
    fn slopes(&self, units: usize, positive: f32, negative: f32) -> (f32, f32) {
        let slope = sigmoid(-self.gap(units, positive, negative));
        (slope, -slope)
    }

    fn loss(&self, units: usize, positive: f32, negative: f32) -> f32 {
        softplus(-self.gap(units, positive, negative))
    }

    fn slope_scale(&self, units: usize) -> f32 {
        units as f32 / self.alpha
    }

    fn check(&self) -> Result<(), Error> {
        error::within("alpha", self.alpha, f32::MIN_POSITIVE, f32::MAX)
    }
}
