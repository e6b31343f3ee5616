//! The first layer's positive and negative rows, as directions of its weights.

use crate::activity;
use crate::pieces;

/// The first layer's stacked activities with what turns them into directions.
pub(super) struct Stacked<'a> {
    /// Positive rows, negative rows and, with peer normalisation, its direction.
    pub rows: &'a [f32],
    /// The objective's slope of each row.
    pub slopes: &'a [f32],
    /// 1 / N of each input: one a sample where its rows share it, otherwise one a row.
    pub inverse: &'a [f32],
    pub samples: usize,
    pub units: usize,
}

impl Stacked<'_> {
    fn row(&self, r: usize) -> &[f32] {
        pieces::row(self.rows, self.units, r)
    }

    fn slope(&self, r: usize) -> f32 {
        pieces::value(self.slopes, r)
    }

    fn inverse(&self, r: usize) -> f32 {
        // Rows go on to the next sample's, where both of a sample's share one.
        let place = r.checked_sub(self.inverse.len()).unwrap_or(r);
        pieces::value(self.inverse, place)
    }

    /// `target += scale * v`, v peer normalisation's direction; nothing without it.
    fn add_peers(&self, scale: f32, target: &mut [f32]) {
        if self.slopes.len() > 2 * self.samples {
            activity::add_scaled(target, scale, self.row(2 * self.samples));
        }
    }

    /// `target += scale * D_r / n`.
    pub fn add_direction(&self, r: usize, scale: f32, target: &mut [f32]) {
        let scale = scale * self.inverse(r);
        let own = scale * self.slope(r);
        activity::add_scaled(target, own, self.row(r));
        if r < self.samples {
            self.add_peers(scale, target);
        }
    }

    /// `sum <- (D+ + D-) / n` of sample `b`.
    #[inline(always)]
    pub fn sum_directions(&self, b: usize, sum: &mut [f32]) {
        let inverse = pieces::value(self.inverse, b);
        let (up, down) = (self.slope(b) * inverse, self.slope(b + self.samples) * inverse);
        let (positive, negative) = (self.row(b), self.row(b + self.samples));
        activity::blend(sum, [up, down], [positive, negative]);
        self.add_peers(inverse, sum);
    }

    /// `row <- D_r / n`.
    #[inline(always)]
    pub fn direction(&self, r: usize, row: &mut [f32]) {
        row.fill(0.0);
        self.add_direction(r, 1.0, row);
    }
}
