//! The two ends of the path that a map explains: the sample and its baseline.

use super::pass::Pass;
use crate::math;

/// The two ends of the path that is explained, with everything checked.
pub(super) struct PathEndpoints<'a> {
    pub pass: &'a Pass<'a>,
    pub sample: &'a [f32],
    pub baseline: &'a [f32],
    /// Sums of squares of the two inputs, label slots included.
    pub squares: [f32; 2],
}

impl<'a> PathEndpoints<'a> {
    pub fn new(pass: &'a Pass<'a>, sample: &'a [f32], baseline: &'a [f32]) -> Self {
        let squares = [sample, baseline].map(|features| pass.input_squares(math::square_sum(features)));
        Self { pass, sample, baseline, squares }
    }

    /// 1 / N of both.
    pub fn inverse(&self) -> [f32; 2] {
        self.squares.map(|squares| self.pass.inverse(squares))
    }

    /// Every feature of both.
    pub fn features(&self) -> impl Iterator<Item = (f32, f32)> + Clone + use<'a> {
        pairs(self.sample, self.baseline)
    }
}

/// Every feature of the sample with the baseline's, zeros where that is empty.
pub(super) fn pairs<'a>(sample: &'a [f32], baseline: &'a [f32]) -> impl Iterator<Item = (f32, f32)> + Clone + 'a {
    sample.iter().enumerate().map(|(i, &x)| (x, baseline.get(i).copied().unwrap_or(0.0)))
}
