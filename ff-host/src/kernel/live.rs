//! Leaves out of an outer product the rows that would add nothing.

use ff_core::layer::Shape;

/// Room for the rows of an outer product that are not all zero.
///
/// Late in training most rows have a slope of zero; products over the others alone are several
/// times cheaper, and copying those costs a hundredth of multiplying them.
#[derive(Debug)]
pub(super) struct LiveRows {
    x: Vec<f32>,
    d: Vec<f32>,
}

impl LiveRows {
    pub const fn new() -> Self {
        Self { x: Vec::new(), d: Vec::new() }
    }

    /// The rows of `x` and `d` in which neither is all zeros; the slices themselves where that is
    /// most of them.
    pub fn gather<'a>(&'a mut self, shape: Shape, x: &'a [f32], d: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        let live = |(x, d): &(&[f32], &[f32])| !is_zero(x) && !is_zero(d);
        let rows = || x.chunks_exact(shape.inputs).zip(d.chunks_exact(shape.outputs));
        let count = rows().filter(live).count();
        if 4 * count > 3 * rows().len() {
            return (x, d);
        }
        self.x.clear();
        self.d.clear();
        for (x, d) in rows().filter(live) {
            self.x.extend_from_slice(x);
            self.d.extend_from_slice(d);
        }
        (&self.x, &self.d)
    }
}

fn is_zero(row: &[f32]) -> bool {
    row.iter().all(|&v| v == 0.0)
}
