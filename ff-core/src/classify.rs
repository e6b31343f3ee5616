//! Which label does the network see?
//!
//! By *goodness*: put every label on the sample in turn and take the one whose goodness, summed
//! over the scored layers, is highest. The samples' product with the first layer is computed once
//! for all labels. By *readout*: one neutral pass, several times cheaper.

use crate::activity;
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::label::{self, Labelled, SLOT};
use crate::layer::{LayerRef, Shape};
use crate::network::{Parameters, Plan, widest};
use crate::neutral::{Neutral, PassDropout, multiply_pixels};
use crate::pieces;
use crate::sample;

pub use crate::label::best;

/// The layers whose goodness counts: `from` and all above it.
///
/// A number past the last layer means the last alone, so [`ScoredLayers::ABOVE_FIRST`] also serves
/// a network of a single layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ScoredLayers {
    /// The first layer that counts, from 0.
    pub from: usize,
}

impl ScoredLayers {
    /// Every layer: better for small networks.
    pub const ALL: Self = Self { from: 0 };
    /// All but the first, as published for wide networks.
    pub const ABOVE_FIRST: Self = Self { from: 1 };
}

/// The indices of the highest score and of the second, the lower index first among equals; the
/// second is 0 where there is no other.
#[must_use]
pub fn best_two(scores: &[f32]) -> [u8; 2] {
    let first = best(scores);
    let others = scores.iter().enumerate().filter(|(i, _)| *i != usize::from(first));
    // Where nothing is higher, the first of the others.
    let none = if first == 0 && scores.len() > 1 { 1 } else { 0 };
    let second = others.fold((none, f32::NEG_INFINITY), |top, (i, &s)| if s > top.1 { (i, s) } else { top });
    [first, second.0 as u8]
}

/// Floats of scratch for [`by_goodness`] that scores `rows` labels side by side (at least 1; a
/// whole number of times the classes classifies several samples at once).
#[must_use]
pub const fn goodness_floats(shapes: &[Shape], classes: usize, rows: usize) -> usize {
    let samples = if rows > classes { pieces::count(rows, classes) } else { 1 };
    samples * (widest(shapes) + 1) + rows * (2 * widest(shapes) + 1)
}

/// Floats of scratch for [`by_readout`] that classifies `samples` side by side.
#[must_use]
pub const fn readout_floats(shapes: &[Shape], classes: usize, samples: usize) -> usize {
    Neutral::pool_floats(shapes.len(), widest(shapes), samples) + samples * classes
}

/// Every label's goodness for every sample: `scores` is samples x classes.
///
/// After [`Minimised`](crate::goodness::Minimised) the right label has the lowest: multiply by
/// [`Objective::SIGN`](crate::goodness::Objective::SIGN) before asking for the [best]. Cost: a sample's
/// features times the first layer's units, once, and for every label all weights above.
///
/// Works on as many rows at once as the scratch has room for; see [`goodness_floats`].
///
/// # Errors
/// A slice of the wrong length, features that are NaN, infinite or too large to be squared, shapes that do not fit.
pub fn by_goodness<P: Parameters, K: Kernel>(
    network: &P,
    samples: &[f32],
    scored: ScoredLayers,
    scratch: &mut [f32],
    kernel: &mut K,
    scores: &mut [f32],
) -> Result<(), Error> {
    let (layers, readout) = network.views();
    let layers = layers.as_ref();
    let plan = Plan::of(network, layers, readout)?;
    plan.expect_label_slots(plan.classes, "classification by goodness puts labels on the first layer's inputs")?;
    check(&plan, samples, scores)?;
    let one = goodness_floats(&[Shape { inputs: 0, outputs: plan.widest }], plan.classes, 1);
    error::at_least("scratch", one, scratch.len())?;
    let from = scored.from.min(layers.len() - 1);
    // Several whole samples at once, or else one sample, some labels at a time.
    let per_sample = goodness_floats(&[Shape { inputs: 0, outputs: plan.widest }], plan.classes, plan.classes);
    let together = scratch.len().checked_div(per_sample).unwrap_or(0).max(1);
    let left = scratch.len() - together * (plan.widest + 1);
    let labels = left.checked_div(together * (2 * plan.widest + 1)).unwrap_or(0).min(plan.classes).max(1);
    let scorer = Scorer { plan, layers, from };
    let samples = pieces::chunks(samples, together * plan.features);
    for (samples, scores) in pieces::both(samples, pieces::chunks_mut(scores, together * plan.classes)) {
        scorer.score(kernel, samples, labels, scratch, scores);
    }
    Ok(())
}

/// The readout's probability of every class for every sample: `probabilities` is samples x classes.
///
/// For networks with a readout: what a one-pass rule keeps in its place are label rows, which only
/// [`onepass::scores`](crate::onepass::scores) can read. Cost: one pass, all weights and the readout's.
///
/// Works on as many samples at once as the scratch has room for; see [`readout_floats`].
///
/// # Errors
/// As [`by_goodness`], and [`Error::Shape`] without a readout.
pub fn by_readout<P: Parameters, K: Kernel>(
    network: &P,
    samples: &[f32],
    scratch: &mut [f32],
    kernel: &mut K,
    probabilities: &mut [f32],
) -> Result<(), Error> {
    let (layers, readout) = network.views();
    let layers = layers.as_ref();
    let plan = Plan::of(network, layers, readout)?;
    check(&plan, samples, probabilities)?;
    if readout.is_empty() {
        return Err(Error::Shape { what: "the network has no readout" });
    }
    let first = LayerRef::of(layers, 0);
    let one = Neutral::pool_floats(layers.len(), plan.widest, 1) + plan.classes;
    error::at_least("scratch", one, scratch.len())?;
    // One row of the pool is shared by all samples.
    let together = pieces::count(scratch.len() - plan.widest, one - plan.widest);
    let samples = pieces::chunks(samples, together * plan.features);
    for (samples, probabilities) in pieces::both(samples, pieces::chunks_mut(probabilities, together * plan.classes)) {
        let rows = pieces::count(samples.len(), plan.features);
        let (pool, rest) = pieces::split_mut(scratch, Neutral::pool_floats(layers.len(), plan.widest, rows));
        let (_, pixels) = pieces::split_mut(pool, pool.len() - rows * first.shape.outputs);
        multiply_pixels(kernel, &plan, &first, samples, pixels);
        let pass = Neutral { plan: &plan, layers, readout, rows };
        let partial = pieces::first_mut(rest, rows * plan.classes);
        pass.forward(kernel, samples, PassDropout::NONE, pool, partial, probabilities);
    }
    Ok(())
}

fn check(plan: &Plan, samples: &[f32], scores: &[f32]) -> Result<(), Error> {
    let rows = pieces::count(samples.len(), plan.features);
    sample::check_samples(samples, plan.features, rows)?;
    error::exactly("scores", rows * plan.classes, scores.len())
}

/// Scores labels by goodness, with shapes that are checked.
struct Scorer<'a> {
    plan: Plan,
    layers: &'a [LayerRef<'a>],
    from: usize,
}

impl Scorer<'_> {
    /// All labels of a few samples, `labels` of each at a time.
    fn score<K: Kernel>(
        &self,
        kernel: &mut K,
        samples: &[f32],
        labels: usize,
        scratch: &mut [f32],
        scores: &mut [f32],
    ) {
        let Plan { classes, features, widest, .. } = self.plan;
        let count = pieces::count(samples.len(), features);
        let first_layer = LayerRef::of(self.layers, 0);
        let units = first_layer.shape.outputs;
        let mut scratch = scratch;
        let pixels = pieces::take(&mut scratch, count * units);
        let inverse = pieces::take(&mut scratch, count);
        let ping = pieces::take(&mut scratch, count * labels * widest);
        let pong = pieces::take(&mut scratch, count * labels * widest);
        multiply_pixels(kernel, &self.plan, &first_layer, samples, pixels);
        for (sample, inverse) in pieces::rows(samples, features).zip(inverse.iter_mut()) {
            *inverse = label::inverse_norm(sample, classes, SLOT * SLOT);
        }
        scores.fill(0.0);
        let mut first = 0;
        while first < classes {
            let some = Labels { pixels, inverse, first, labels: labels.min(classes - first) };
            let goodness = pieces::first_mut(scratch, count * some.labels);
            self.score_labels(kernel, &some, [&mut *ping, &mut *pong], goodness, scores);
            first += some.labels;
        }
    }

    /// The goodness of some labels of each sample, added to their scores.
    fn score_labels<K: Kernel>(
        &self,
        kernel: &mut K,
        some: &Labels<'_>,
        buffers: [&mut [f32]; 2],
        goodness: &mut [f32],
        scores: &mut [f32],
    ) {
        let [mut ping, mut pong] = buffers;
        let rows = goodness.len();
        for (l, layer) in self.layers.iter().enumerate() {
            let Shape { inputs, outputs } = layer.shape;
            core::mem::swap(&mut ping, &mut pong);
            let out = pieces::first_mut(ping, rows * outputs);
            let is_last = l + 1 == self.layers.len();
            if l == 0 {
                self.fire_first(kernel, some, is_last, out, goodness);
            } else {
                let x = pieces::first(pong, rows * inputs);
                kernel.product(layer.shape, x, layer.weights, out);
                kernel.rows_into(outputs, out, goodness, |r, row| {
                    normalise_forward(is_last, activity::fire(row, layer.biases, None, r), row)
                });
            }
            if l >= self.from {
                some.add(goodness, self.plan.classes, scores);
            }
        }
    }

    fn fire_first<K: Kernel>(
        &self,
        kernel: &mut K,
        some: &Labels<'_>,
        is_last: bool,
        out: &mut [f32],
        goodness: &mut [f32],
    ) {
        let layer = LayerRef::of(self.layers, 0);
        let units = layer.shape.outputs;
        let label_rows = pieces::from(layer.weights, some.first * units);
        kernel.rows_into(units, out, goodness, |r, row| {
            let (sample, label) = pieces::place(r, some.labels);
            let label_row = pieces::from(label_rows, label * units);
            let pixels = pieces::from(some.pixels, sample * units);
            let inverse = pieces::value(some.inverse, sample);
            let input = Labelled { label_row, pixels, inverse };
            normalise_forward(is_last, label::fire(input, row, layer.biases, None, r), row)
        });
    }
}

/// Turns a row that has fired into the next layer's input, where there is one; returns its goodness.
#[inline(always)]
fn normalise_forward(is_last: bool, goodness: f32, row: &mut [f32]) -> f32 {
    if !is_last {
        activity::normalise(row, goodness);
    }
    goodness
}

/// A run of labels for each of a few samples, stacked sample by sample.
struct Labels<'a> {
    pixels: &'a [f32],
    inverse: &'a [f32],
    first: usize,
    labels: usize,
}

impl Labels<'_> {
    /// Counted, not cut into rows: that would be two divisions for a handful of sums.
    #[inline]
    fn add(&self, goodness: &[f32], classes: usize, scores: &mut [f32]) {
        let (mut at, mut left) = (self.first, self.labels);
        for g in goodness {
            if let Some(score) = scores.get_mut(at) {
                *score += g;
            }
            at += 1;
            left -= 1;
            if left == 0 {
                at += classes - self.labels;
                left = self.labels;
            }
        }
    }
}
