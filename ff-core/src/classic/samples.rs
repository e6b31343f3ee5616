//! The first layer where negative rows are samples of their own: hybrids of two real ones.

use core::ops::Range;

use super::Step;
use super::scratch::ContrastBuffers;
use super::stacked::Stacked;
use crate::activity;
use crate::goodness::Objective;
use crate::kernel::Kernel;
use crate::label;
use crate::layer::{LayerMut, Shape};
use crate::learner::Parts;
use crate::optimiser::{Optimiser, Target};
use crate::pieces;

impl<G: Objective, O: Optimiser, K: Kernel> Step<'_, '_, '_, G, O, K> {
    /// The first layer's activities into `ping`: of the samples from their product at the end of
    /// the pool, of the negatives from a product of their own.
    pub(super) fn fire_samples(&mut self, negatives: &[f32], buffers: &mut ContrastBuffers<'_>) {
        let features = self.plan.features;
        let (count, rows, units) = (self.batch.len(), self.rows(), self.units(0));
        let samples = pieces::rows(self.batch.samples, features).chain(pieces::rows(negatives, features));
        for (sample, inverse) in samples.zip(buffers.inverse.iter_mut()) {
            *inverse = label::inverse_norm(sample, 0, 0.0);
        }
        let mask = self.mask(0);
        let Parts { weights, kernel, .. } = &mut self.parts;
        let layer = LayerMut::of(weights.layers, 0);
        let pixels = pieces::part(buffers.pong, buffers.pixels.clone());
        let inverse = &*buffers.inverse;
        let ping = pieces::first_mut(buffers.ping, rows * units);
        let (positive, negative) = pieces::split_mut(ping, count * units);
        pieces::copy(pixels, positive);
        kernel.product(layer.shape, negatives, layer.weights, negative);
        kernel.rows_into(units, ping, buffers.goodness, |r, row| {
            activity::scale(row, pieces::value(inverse, r));
            activity::fire(row, layer.biases, mask, r)
        });
    }

    /// Moves some inputs' weights of the first layer: along the samples' directions, then along the
    /// negatives'.
    pub(super) fn learn_samples(&mut self, negatives: &[f32], part: Range<usize>, buffers: &mut ContrastBuffers<'_>) {
        let (count, units) = (self.batch.len(), self.units(0));
        let step_size = self.settings.scaled(self.settings.layers);
        let stacked = Stacked {
            rows: pieces::first(buffers.ping, buffers.slopes.len() * units),
            slopes: buffers.slopes,
            inverse: buffers.inverse,
            samples: count,
            units,
        };
        let directions = pieces::first_mut(buffers.pong, count * units);
        let (shape, samples) = (Shape { inputs: self.plan.features, outputs: units }, self.batch.samples);
        let Parts { weights, kernel, .. } = &mut self.parts;
        let block = weights.weights(0, part.clone(), buffers.gradient);
        self.settings.optimiser.update(*kernel, step_size, block, |kernel, Target { fold, array, .. }| {
            let scale = fold.scale / count as f32;
            kernel.rows(units, directions, |b: usize, row: &mut [f32]| stacked.direction(b, row));
            kernel.rank_update_part(shape, part.clone(), fold.keep, scale, samples, directions, array);
            kernel.rows(units, directions, |b: usize, row: &mut [f32]| stacked.direction(count + b, row));
            kernel.rank_update_part(shape, part, 1.0, scale, negatives, directions, array);
        });
    }
}
