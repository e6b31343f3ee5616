//! The first layer under labels: a sample's positive and negative row differ in their label alone,
//! so they share one product of the sample, and one of its direction.

use core::ops::Range;

use super::Step;
use super::scratch::ContrastBuffers;
use super::stacked::Stacked;
use crate::activity;
use crate::goodness::Objective;
use crate::kernel::Kernel;
use crate::label::{self, Labelled, Negatives, SLOT};
use crate::layer::{LayerMut, Shape};
use crate::learner::Parts;
use crate::network::Plan;
use crate::optimiser::{Optimiser, Target};
use crate::pieces;
use crate::random;

impl<'b, G: Objective, O: Optimiser, K: Kernel> Step<'_, '_, 'b, G, O, K> {
    /// The first layer's activities into `ping`, from the samples' product at the end of the pool.
    pub(super) fn fire_labelled(&mut self, buffers: &mut ContrastBuffers<'_>) {
        let Plan { classes, features, .. } = self.plan;
        let (samples, rows, units) = (self.batch.len(), self.rows(), self.units(0));
        for (sample, inverse) in pieces::rows(self.batch.samples, features).zip(buffers.inverse.iter_mut()) {
            *inverse = label::inverse_norm(sample, classes, SLOT * SLOT);
        }
        let mask = self.mask(0);
        let labels = self.labels(buffers.probabilities);
        let layer = LayerMut::of(self.parts.weights.layers, 0);
        let (label_rows, _) = pieces::split(layer.weights, classes * units);
        let pixels = pieces::part(buffers.pong, buffers.pixels.clone());
        let inverse = &*buffers.inverse;
        let ping = pieces::first_mut(buffers.ping, rows * units);
        self.parts.kernel.rows_into(units, ping, buffers.goodness, |r, row| {
            // The first half of the rows, then the second.
            let b = if r < samples { r } else { r - samples };
            let label_row = pieces::from(label_rows, usize::from(labels.of(r)) * units);
            let pixels = pieces::from(pixels, b * units);
            let inverse = pieces::value(inverse, b);
            label::fire(Labelled { label_row, pixels, inverse }, row, layer.biases, mask, r)
        });
    }

    /// Moves some inputs' weights of the first layer: label rows by their own rows, features by the
    /// sample's sum.
    pub(super) fn learn_labelled(&mut self, part: Range<usize>, buffers: &mut ContrastBuffers<'_>) {
        let (count, units, classes) = (self.batch.len(), self.units(0), self.plan.classes);
        let step_size = self.settings.scaled(self.settings.layers);
        let labels = self.labels(buffers.probabilities);
        let stacked = Stacked {
            rows: pieces::first(buffers.ping, buffers.slopes.len() * units),
            slopes: buffers.slopes,
            inverse: buffers.inverse,
            samples: count,
            units,
        };
        let sums = pieces::first_mut(buffers.pong, count * units);
        let (shape, samples) = (Shape { inputs: self.plan.features, outputs: units }, self.batch.samples);
        let (slots, features) = split(&part, classes);
        let Parts { weights, kernel, .. } = &mut self.parts;
        let block = weights.weights(0, part, buffers.gradient);
        self.settings.optimiser.update(*kernel, step_size, block, |kernel, Target { fold, array, .. }| {
            let scale = fold.scale / count as f32;
            let (label_rows, weights) = pieces::split_mut(array, slots.len() * units);
            activity::keep(fold.keep, label_rows);
            // Wrong labels are drawn anew wherever they are needed, and here only for label rows.
            let rows = if slots.is_empty() { 0 } else { 2 * count };
            for r in 0..rows {
                // A label whose row is not in this part wraps around to far behind it.
                let row = usize::from(labels.of(r)).wrapping_sub(slots.start);
                let start = row.saturating_mul(units);
                let own = label_rows.get_mut(start..start.saturating_add(units)).unwrap_or_default();
                stacked.add_direction(r, scale * SLOT, own);
            }
            if !features.is_empty() {
                kernel.rows(units, sums, |b: usize, row: &mut [f32]| stacked.sum_directions(b, row));
                kernel.rank_update_part(shape, features, fold.keep, scale, samples, sums, weights);
            }
        });
    }

    /// Borrows nothing of the step itself, so that the kernel stays free.
    fn labels<'p>(&self, probabilities: &'p [f32]) -> RowLabels<'p>
    where
        'b: 'p,
    {
        RowLabels {
            truth: self.batch.labels,
            classes: self.plan.classes,
            negatives: self.settings.negatives,
            key: self.keys.negatives,
            probabilities,
        }
    }
}

/// Which label slots are among some inputs, and which features.
fn split(part: &Range<usize>, slots: usize) -> (Range<usize>, Range<usize>) {
    let feature = |input: usize| input.saturating_sub(slots);
    (part.start.min(slots)..part.end.min(slots), feature(part.start)..feature(part.end))
}

/// The label that each stacked row carries: the true one for the first half, a wrong one for the
/// second. A pure function of the row, so wrong labels need no memory.
#[derive(Clone, Copy)]
struct RowLabels<'a> {
    truth: &'a [u8],
    classes: usize,
    negatives: Negatives,
    key: u32,
    probabilities: &'a [f32],
}

impl RowLabels<'_> {
    /// Inlined, so that a program whose settings draw uniformly links no other way to draw.
    #[inline(always)]
    fn of(&self, r: usize) -> u8 {
        let samples = self.truth.len();
        let truth = self.truth.get(if r < samples { r } else { r - samples }).copied().unwrap_or(0);
        if r < samples {
            return truth;
        }
        let bits = random::hash(self.key, r as u32);
        match self.negatives {
            Negatives::Uniform => label::uniform_wrong(truth, self.classes, bits),
            Negatives::Hard => {
                let start = (r - samples) * self.classes;
                let row = pieces::part(self.probabilities, start..start + self.classes);
                label::hard_wrong(truth, row, bits)
            }
        }
    }
}
