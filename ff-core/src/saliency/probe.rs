//! Many changed inputs side by side: what the methods that only ever go forward share.

use super::Explained;
use super::pass::{Inputs, Pass, first_units, trace_floats, work_floats};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::math;
use crate::neutral::multiply_pixels;
use crate::pieces;

/// Floats of scratch with which `rows` rows go up side by side.
pub(super) const fn floats(shapes: &[Shape], rows: usize) -> usize {
    rows * (trace_floats(shapes) + work_floats(shapes, 1) + first_units(shapes) + 2)
}

/// Some inputs, by their products with the first layer, and their margins.
pub(super) struct Probe<'s> {
    pass: &'s Pass<'s>,
    /// Inputs x units of the first layer.
    pixels: &'s mut [f32],
    /// 1 / N of each.
    inverse: &'s mut [f32],
    margins: &'s mut [f32],
    /// How many labels of an input go side by side.
    labels: usize,
    memory: &'s mut [f32],
}

/// An input while it changes: its product with the first layer and its features' squares.
pub(super) struct State<'s> {
    pub pixels: &'s mut [f32],
    pub squares: f32,
    /// The whole sample that it is the state of; empty where that is zeros or not known.
    pub sample: &'s [f32],
}

/// The part of a sample's squares below which what is left after a change is summed anew: the rest of
/// a subtraction would be rounding for the most part, and without label inputs nothing else is in the
/// length that the product is divided by.
pub(super) const CANCELLED: f32 = 0.03;

impl<'s> Probe<'s> {
    /// Floats that one row takes.
    pub fn row_floats(pass: &Pass<'_>) -> usize {
        pass.trace_floats(1) + pass.plan.widest + pass.first_units() + 2
    }

    /// Takes all scratch: as many inputs side by side as it has room for.
    pub fn carve(pass: &'s Pass<'s>, mut scratch: &'s mut [f32]) -> Result<Self, Error> {
        let units = pass.first_units();
        let per_row = Self::row_floats(pass);
        error::at_least("scratch", per_row, scratch.len())?;
        let (room, rows) = (pieces::count(scratch.len(), per_row), pass.head.rows());
        let inputs = pieces::count(room, rows).max(1);
        let pixels = pieces::take(&mut scratch, inputs * units);
        let [inverse, margins] = pieces::take_each(&mut scratch, inputs);
        Ok(Self { pass, pixels, inverse, margins, labels: room.min(rows), memory: scratch })
    }

    /// How many inputs go side by side.
    pub fn inputs(&self) -> usize {
        self.inverse.len()
    }

    /// Puts an input into a place.
    pub fn put(&mut self, place: usize, pixels: &[f32], squares: f32) {
        let own = pieces::rows_mut(self.pixels, self.pass.first_units()).nth(place);
        if let (Some(own), Some(inverse)) = (own, self.inverse.get_mut(place)) {
            pieces::copy(pixels, own);
            *inverse = self.pass.inverse(self.pass.input_squares(squares));
        }
    }

    /// Puts a state into a place, with one feature changed from `x` to `y`: a step along one
    /// weight row.
    pub fn put_changed<K: Kernel>(
        &mut self,
        kernel: &mut K,
        place: usize,
        from: &State<'_>,
        (feature, x, y): (usize, f32, f32),
    ) {
        let squares = changed_squares(from.squares, x, y);
        if squares < CANCELLED * from.squares {
            return self.put_anew(kernel, place, from.sample, (feature, y));
        }
        self.put(place, from.pixels, squares);
        if let Some(pixels) = pieces::rows_mut(self.pixels, self.pass.first_units()).nth(place) {
            self.pass.add_feature(kernel, feature, y - x, pixels);
        }
    }

    /// Puts a sample with one feature changed, summed from nothing.
    fn put_anew<K: Kernel>(&mut self, kernel: &mut K, place: usize, sample: &[f32], (feature, y): (usize, f32)) {
        let changed = || sample.iter().enumerate().map(|(i, &x)| (i, if i == feature { y } else { x }));
        let squares = changed().map(|(_, x)| x * x).sum::<f32>();
        if let (Some(own), Some(inverse)) =
            (pieces::rows_mut(self.pixels, self.pass.first_units()).nth(place), self.inverse.get_mut(place))
        {
            own.fill(0.0);
            changed().filter(|&(_, x)| x != 0.0).for_each(|(i, x)| self.pass.add_feature(kernel, i, x, own));
            *inverse = self.pass.inverse(self.pass.input_squares(squares));
        }
    }

    /// Puts whole samples (row by row) into the first places.
    pub fn put_samples<K: Kernel>(&mut self, kernel: &mut K, samples: &[f32]) {
        let (features, units) = (self.pass.plan.features, self.pass.first_units());
        let count = pieces::count(samples.len(), features);
        let pixels = pieces::first_mut(self.pixels, count * units);
        multiply_pixels(kernel, &self.pass.plan, &self.pass.first(), samples, pixels);
        for (sample, inverse) in pieces::rows(samples, features).zip(self.inverse.iter_mut()) {
            *inverse = self.pass.inverse(self.pass.input_squares(math::square_sum(sample)));
        }
    }

    /// The margins of the inputs in the first `count` places.
    pub fn margins<K: Kernel>(&mut self, kernel: &mut K, count: usize) -> &[f32] {
        let pass = self.pass;
        let (rows, widest) = (pass.head.rows(), pass.plan.widest);
        let margins = pieces::first_mut(self.margins, count);
        margins.fill(0.0);
        let pixels = pieces::first(self.pixels, count * pass.first_units());
        for first in (0..rows).step_by(self.labels.max(1)) {
            let labels = first..rows.min(first + self.labels);
            let side_by_side = labels.len();
            let inputs = Inputs { pixels, inverse: pieces::first(self.inverse, count), labels };
            let together = count * side_by_side;
            let (memory, rest) = pieces::split_mut(self.memory, pass.trace_floats(together));
            let work = pieces::first_mut(rest, together * widest);
            let trace = pass.fire(kernel, &inputs, memory, work);
            for r in 0..together {
                let (input, row) = pieces::place(r, side_by_side);
                if let Some(margin) = margins.get_mut(input) {
                    *margin += pass.value(&trace, r, first + row);
                }
            }
        }
        margins
    }

    /// The margin of one state.
    pub fn margin<K: Kernel>(&mut self, kernel: &mut K, state: &State<'_>) -> f32 {
        self.put(0, state.pixels, state.squares);
        self.margins(kernel, 1).first().copied().unwrap_or(0.0)
    }

    /// The margins at both ends, as an answer without shares.
    pub fn ends<K: Kernel>(&mut self, kernel: &mut K, sample: &State<'_>, baseline: &State<'_>) -> Explained {
        let (score, baseline_score) = (self.margin(kernel, sample), self.margin(kernel, baseline));
        Explained { score, baseline_score, ..Explained::default() }
    }
}

impl<'s> State<'s> {
    /// The state of a whole sample; an empty one is all zeros.
    pub fn of<K: Kernel>(kernel: &mut K, pass: &Pass<'_>, sample: &'s [f32], pixels: &'s mut [f32]) -> Self {
        pass.multiply(kernel, sample, pixels);
        Self { pixels, squares: math::square_sum(sample), sample }
    }

    /// Changes one feature from `x` to `y`.
    pub fn change<K: Kernel>(&mut self, kernel: &mut K, pass: &Pass<'_>, feature: usize, x: f32, y: f32) {
        self.squares = changed_squares(self.squares, x, y);
        pass.add_feature(kernel, feature, y - x, self.pixels);
    }
}

/// A sum of squares after one of the values changes; rounding may not take it below 0.
fn changed_squares(squares: f32, x: f32, y: f32) -> f32 {
    let changed = squares - x * x + y * y;
    if changed > 0.0 { changed } else { 0.0 }
}
