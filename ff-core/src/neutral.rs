//! The neutral pass: every label slot the same, one pass up, the readout's probabilities.
//!
//! Training uses it with dropout to train the readout and to find hard negatives; classification
//! by readout uses it without.

use core::ops::Range;

use crate::activity::{self, Mask};
use crate::kernel::Kernel;
use crate::label::{self, Labelled};
use crate::layer::{LayerRef, Shape};
use crate::math;
use crate::network::Plan;
use crate::pieces;

/// `q = X W_features` into `pixels`: the part of the first layer's product that no label changes.
pub(crate) fn multiply_pixels<K: Kernel>(
    kernel: &mut K,
    plan: &Plan,
    first: &LayerRef<'_>,
    samples: &[f32],
    pixels: &mut [f32],
) {
    multiply_some_pixels(kernel, plan, first, 0..plan.features, samples, pixels);
}

/// The features `part` of that product: as [`Kernel::product_part`], they add up to the whole.
pub(crate) fn multiply_some_pixels<K: Kernel>(
    kernel: &mut K,
    plan: &Plan,
    first: &LayerRef<'_>,
    part: Range<usize>,
    samples: &[f32],
    pixels: &mut [f32],
) {
    let shape = Shape { inputs: plan.features, outputs: first.shape.outputs };
    let features = pieces::from(first.weights, (plan.slots + part.start) * shape.outputs);
    let own = pieces::first(features, part.len() * shape.outputs);
    kernel.product_part(shape, part, samples, own, pixels);
}

/// The rows of layer `l`'s slot in a pool: `rows` x `units`.
pub(crate) fn slot<'a>(pool: &'a [f32], plan: &Plan, rows: usize, l: usize, units: usize) -> &'a [f32] {
    let start = l * rows * plan.widest;
    pieces::part(pool, start..start + rows * units)
}

/// One neutral pass over `rows` samples.
pub(crate) struct Neutral<'a> {
    pub plan: &'a Plan,
    pub layers: &'a [LayerRef<'a>],
    pub readout: &'a [f32],
    pub rows: usize,
}

impl Neutral<'_> {
    /// Floats of pool that a pass over `rows` samples needs.
    pub const fn pool_floats(depth: usize, widest: usize, rows: usize) -> usize {
        ((depth + 1) * rows + 1) * widest
    }

    /// Fills `probabilities` (rows x classes). The pool ends with the samples' product, as
    /// [`multiply_pixels`] left it; afterwards slot `l` holds layer `l`'s normalised activities.
    pub fn forward<K: Kernel>(
        &self,
        kernel: &mut K,
        samples: &[f32],
        dropout: PassDropout,
        pool: &mut [f32],
        partial: &mut [f32],
        probabilities: &mut [f32],
    ) {
        self.first_layer(kernel, samples, dropout, pool);
        for l in 1..self.layers.len() {
            self.layer(kernel, l, dropout, pool);
        }
        self.read_out(kernel, pool, partial, probabilities);
        kernel.rows(self.plan.classes, probabilities, |_: usize, row: &mut [f32]| math::softmax(row));
    }

    fn first_layer<K: Kernel>(&self, kernel: &mut K, samples: &[f32], dropout: PassDropout, pool: &mut [f32]) {
        let Plan { slots, features, .. } = *self.plan;
        let layer = LayerRef::of(self.layers, 0);
        let units = layer.shape.outputs;
        let (label_weights, _) = pieces::split(layer.weights, slots * units);
        let (rest, pixels) = pieces::split_mut(pool, pool.len() - self.rows * units);
        let (rows, rest) = pieces::split_mut(rest, self.rows * units);
        let (mean, _) = pieces::split_mut(rest, units);
        label::mean_row(label_weights, mean);
        let mask = dropout.mask(0);
        let (mean, pixels) = (&*mean, &*pixels);
        kernel.rows(units, rows, |r: usize, row: &mut [f32]| {
            let sample = pieces::row(samples, features, r);
            let inverse = label::inverse_norm(sample, slots, label::neutral_squares(slots));
            let pixels = pieces::from(pixels, r * units);
            let squares = label::fire(Labelled { label_row: mean, pixels, inverse }, row, layer.biases, mask, r);
            activity::normalise(row, squares);
        });
    }

    fn layer<K: Kernel>(&self, kernel: &mut K, l: usize, dropout: PassDropout, pool: &mut [f32]) {
        let layer = LayerRef::of(self.layers, l);
        let (below, above) = pieces::split_mut(pool, l * self.rows * self.plan.widest);
        let inputs = slot(below, self.plan, self.rows, l - 1, layer.shape.inputs);
        let (rows, _) = pieces::split_mut(above, self.rows * layer.shape.outputs);
        kernel.product(layer.shape, inputs, layer.weights, rows);
        let mask = dropout.mask(l);
        kernel.rows(layer.shape.outputs, rows, |r: usize, row: &mut [f32]| finish(row, layer.biases, mask, r));
    }

    /// `probabilities <- sum over the layers it reads of N(h_l) S_l`: logits, as yet.
    fn read_out<K: Kernel>(&self, kernel: &mut K, pool: &[f32], partial: &mut [f32], probabilities: &mut [f32]) {
        let classes = self.plan.classes;
        probabilities.fill(0.0);
        let mut weights = self.readout;
        for (l, layer) in self.layers.iter().enumerate().skip(self.plan.readout_from) {
            let shape = Shape { inputs: layer.shape.outputs, outputs: classes };
            let (own, rest) = pieces::split(weights, shape.weights());
            let activities = slot(pool, self.plan, self.rows, l, shape.inputs);
            kernel.product(shape, activities, own, partial);
            probabilities.iter_mut().zip(&*partial).for_each(|(sum, p)| *sum += p);
            weights = rest;
        }
    }
}

/// The dropout of a whole pass: a probability, and the key that its masks come from.
#[derive(Clone, Copy)]
pub(crate) struct PassDropout {
    pub probability: f32,
    pub key: u32,
}

impl PassDropout {
    /// No dropout, as in classification.
    pub const NONE: Self = Self { probability: 0.0, key: 0 };

    /// The masks of one layer.
    pub fn mask(self, layer: usize) -> Option<Mask> {
        Mask::new(self.probability, self.key, layer)
    }
}

/// Activities of one row, length-normalised.
#[inline(always)]
fn finish(row: &mut [f32], biases: &[f32], mask: Option<Mask>, r: usize) {
    let squares = activity::fire(row, biases, mask, r);
    activity::normalise(row, squares);
}

/// How many rows' likeliest class is not their label.
pub(crate) fn count_errors(classes: usize, probabilities: &[f32], labels: &[u8]) -> usize {
    let rows = pieces::rows(probabilities, classes).zip(labels);
    rows.filter(|(row, label)| label::best(row) != **label).count()
}

/// `errors <- t - p`, t the one-hot truth.
pub(crate) fn towards_truth(classes: usize, probabilities: &[f32], labels: &[u8], errors: &mut [f32]) {
    let rows = pieces::both(pieces::rows_mut(errors, classes), pieces::rows(probabilities, classes));
    for ((errors, probabilities), &label) in rows.zip(labels) {
        for (class, (error, p)) in errors.iter_mut().zip(probabilities).enumerate() {
            let truth = if class == usize::from(label) { 1.0 } else { 0.0 };
            *error = truth - p;
        }
    }
}
