//! What a step takes, and one piece of it at most, in multiply-adds: shapes decide, never data.
//!
//! In a piece, values that are only visited (bias, ReLU, squares, lengths) are charged as multiply-adds too.

use super::{Head, OnePass};
use crate::layer::Shape;
use crate::optimiser::Optimiser;

/// What a value costs on its way from product to score: bias, dropout, ReLU.
const OPEN: usize = 4;

/// What a unit costs for each label that it is lifted by.
const LIFT: usize = 3;

/// What a value costs that is rectified and normalised.
const HAND_ON: usize = 3;

/// One input of the forward product of `rows` rows, or of the weights' change along so many.
pub(super) const fn input(rows: usize, units: usize) -> usize {
    rows * units
}

/// A layer's activities and scores; `inputs` values are summed up in squares besides.
pub(super) const fn fire(rows: usize, Shape { inputs, outputs }: Shape, classes: usize) -> usize {
    rows * (inputs + (OPEN + LIFT * classes) * outputs)
}

/// The directions of a layer, or the change of its label rows and biases.
pub(super) const fn direct(rows: usize, units: usize, classes: usize) -> usize {
    (rows * LIFT + 1) * (classes + 1) * units
}

/// What the next layer is handed.
pub(super) const fn normalise_forward(rows: usize, units: usize) -> usize {
    rows * HAND_ON * units
}

impl<H: Head, O: Optimiser> OnePass<H, O> {
    /// The multiply-adds of a step on `batch` samples, as [`Metered`](crate::kernel::Metered) counts them:
    /// dense, in products and outer products alone.
    ///
    /// With F features and U1, U2, ... units, a sample takes `2 (F U1 + U1 U2 + ...)`; where a head
    /// multiplies with its label rows, `3 C (U1 + U2 + ...)` more. What other heads do in loops over
    /// units is told there. Nothing is taken off for frozen layers or settled errors.
    #[must_use]
    pub const fn multiply_adds(&self, shapes: &[Shape], classes: usize, batch: usize) -> usize {
        let (mut sum, mut l) = (0, 0);
        while l < shapes.len() {
            sum += 2 * shapes[l].weights() + H::LABEL_PRODUCTS * classes * shapes[l].outputs;
            l += 1;
        }
        batch * sum
    }

    /// The most multiply-adds that one call of [`Slices::poll`](super::Slices::poll) takes whatever
    /// its budget, since no piece is smaller: a layer's scores, directions or label rows.
    ///
    /// For 64 pixels, 10 classes and layers of 32 and 32 units, one sample at a time: 1,408.
    #[must_use]
    pub const fn largest_piece(&self, shapes: &[Shape], classes: usize, batch: usize) -> usize {
        let (mut largest, mut l) = (0, 0);
        while l < shapes.len() {
            let pieces = [fire(batch, shapes[l], classes), direct(batch, shapes[l].outputs, classes)];
            let own = if pieces[0] > pieces[1] { pieces[0] } else { pieces[1] };
            largest = if own > largest { own } else { largest };
            l += 1;
        }
        largest
    }
}
