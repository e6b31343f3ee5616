//! What a step takes, and one piece of it at most, in multiply-adds: shapes decide, never data.
//!
//! In a piece, values that are only visited (bias, ReLU, squares, lengths) are charged as multiply-adds too.

use super::Classic;
use crate::layer::{LayerMut, Shape};
use crate::network::Plan;
use crate::optimiser::Optimiser;

/// What a value costs on its way from product to direction: bias, ReLU, square, the biases' change.
const FIRE: usize = 6;

/// What a value costs that is normalised.
const NORMALISE: usize = 2;

/// One input of the forward product of `rows` rows, or of the weights' change along so many.
#[inline(always)]
pub(super) const fn input(rows: usize, units: usize) -> usize {
    rows * units
}

/// A layer's activities, slopes and biases, for `rows` stacked rows; `inputs` values are summed up
/// in squares or scaled besides.
#[inline(always)]
pub(super) const fn fire(rows: usize, units: usize, inputs: usize) -> usize {
    rows * (FIRE * units + inputs)
}

/// The length normalisation of `rows` rows.
#[inline(always)]
pub(super) const fn normalise(rows: usize, units: usize) -> usize {
    rows * NORMALISE * units
}

/// The product of negative samples with the first layer, which is done in one piece.
#[inline(always)]
pub(super) const fn negative_samples(samples: usize, features: usize, units: usize) -> usize {
    samples * features * units
}

/// The neutral pass above the first layer, and the readout's change.
pub(super) fn neutral(layers: &[LayerMut<'_>], plan: &Plan, samples: usize) -> usize {
    let above: usize = layers.iter().skip(1).map(|layer| layer.shape.weights()).sum();
    let units: usize = layers.iter().map(|layer| layer.shape.outputs).sum();
    neutral_of(above, units, plan.classes, samples)
}

const fn neutral_of(above: usize, units: usize, classes: usize, samples: usize) -> usize {
    samples * (above + (2 * classes + FIRE) * units)
}

/// The weights of all layers above the first, and the units of all layers.
const fn sums(shapes: &[Shape]) -> [usize; 2] {
    let (mut above, mut units, mut l) = (0, 0, 0);
    while l < shapes.len() {
        above += if l > 0 { shapes[l].weights() } else { 0 };
        units += shapes[l].outputs;
        l += 1;
    }
    [above, units]
}

impl<G, O: Optimiser> Classic<G, O> {
    /// The multiply-adds of a step on `batch` labelled samples, as [`Metered`](crate::kernel::Metered)
    /// counts them: dense, in products and outer products alone. The network has label inputs, and a
    /// readout of `read` units, or none.
    ///
    /// With F features and U1, U2, ... units, a sample takes `2 F U1 + 4 (U1 U2 + U2 U3 + ...)` for the
    /// layers, of which the two passes share the first's product, and `2 (U1 + U2 + ...)` for biases;
    /// a readout another forward pass above the first layer and two products of its own, one where it
    /// only draws negatives. For 64 pixels, 10 classes and layers of 32 and 32 units: 8,320.
    #[must_use]
    pub const fn multiply_adds(&self, shapes: &[Shape], classes: usize, read: usize, batch: usize) -> usize {
        let [above, units] = sums(shapes);
        let samples = match shapes {
            [first, ..] => first.inputs.saturating_sub(classes) * first.outputs,
            [] => 0,
        };
        let layers = 2 * samples + 4 * above + 2 * units;
        let products = if self.readout.learning_rate > 0.0 { 2 } else { 1 };
        let readout = if read > 0 && self.needs_neutral() { above + products * classes * read } else { 0 };
        // The running means' direction: one row a step above the first layer, where it rides along.
        let peer = if self.peer > 0.0 { batch * units + above + units } else { 0 };
        batch * (layers + readout) + peer
    }

    /// The most multiply-adds that one call of [`Slices::poll`](super::Slices::poll) takes whatever
    /// its budget, since no piece is smaller: usually a layer's activities.
    ///
    /// With a readout that learns or draws negatives it is the neutral pass above the first layer,
    /// which is one piece. For 64 pixels and layers of 32 and 32 units, one sample at a time and no
    /// readout: 532.
    #[must_use]
    pub const fn largest_piece(&self, shapes: &[Shape], classes: usize, batch: usize) -> usize {
        let (mut largest, mut l) = (0, 0);
        while l < shapes.len() {
            let own = fire(self.stacked_rows(batch), shapes[l].outputs, shapes[l].inputs);
            largest = if own > largest { own } else { largest };
            l += 1;
        }
        let [above, units] = sums(shapes);
        let neutral = neutral_of(above, units, classes, batch);
        if self.needs_neutral() && neutral > largest { neutral } else { largest }
    }
}
