//! The positive and the negative pass, layer by layer, each layer learning as soon as it has
//! fired.
//!
//! The first layer is special, since the samples' product is shared: [`labelled`](super::labelled)
//! and [`samples`](super::samples) know it. Two buffers are enough, and no direction `D = c h` is
//! ever written out: above the first layer the inputs, dead by then, are scaled by the slopes in
//! place, since `(c x)' h = x' (c h)`. Products and weights go an input at a time where a step is
//! [sliced](super::Slices).

use core::ops::Range;

use super::scratch::ContrastBuffers;
use super::{Step, costs};
use crate::activity::{self, Mask};
use crate::error::Error;
use crate::goodness::Objective;
use crate::kernel::Kernel;
use crate::label;
use crate::layer::{LayerMut, Shape};
use crate::learner::{LayerReport, Parts};
use crate::optimiser::{Optimiser, StepSize, Target};
use crate::peer;
use crate::pieces;
use crate::progress::{Budget, Phase, Progress, Stop};

/// The contrastive half of a step.
impl<G: Objective, O: Optimiser, K: Kernel> Step<'_, '_, '_, G, O, K> {
    /// Fires and moves every layer that is left, as far as the budget goes.
    pub fn learn_layers<B: Budget>(
        &mut self,
        mut buffers: ContrastBuffers<'_>,
        progress: &mut Progress<B>,
    ) -> Result<(), Stop> {
        let (depth, rows) = (self.layers().len(), self.rows());
        if !progress.layer.is_multiple_of(2) {
            core::mem::swap(&mut buffers.ping, &mut buffers.pong);
        }
        while progress.layer < depth {
            let l = progress.layer;
            let Shape { inputs, outputs } = self.layer(l).shape;
            if l > 0 {
                progress.run(Phase::Multiply, inputs, costs::input(rows, outputs), |_, part| {
                    self.multiply(l, part, &mut buffers);
                    Ok(())
                })?;
            }
            progress.run(Phase::Fire, 1, self.cost_of_fire(l), |progress, _| {
                self.fire(l, &mut buffers);
                // The report has room for every layer that the plan let through.
                progress.report.layers.push(self.judge(l, &mut buffers)?);
                if !self.settings.frozen.layer(l) {
                    self.learn_biases(l, &mut buffers);
                }
                Ok(())
            })?;
            if !self.settings.frozen.layer(l) {
                progress.run(Phase::Learn, inputs, self.cost_of_input(l), |_, part| {
                    self.learn(l, part, &mut buffers);
                    Ok(())
                })?;
            }
            if l + 1 < depth {
                progress.run(Phase::Normalise, 1, costs::normalise(rows, outputs), |_, _| {
                    self.normalise(l, &mut buffers);
                    Ok(())
                })?;
                core::mem::swap(&mut buffers.ping, &mut buffers.pong);
            }
            progress.next_layer();
        }
        Ok(())
    }

    fn cost_of_fire(&self, l: usize) -> usize {
        let Shape { inputs, outputs } = self.layer(l).shape;
        let product = match (l, self.negatives) {
            (0, Some(_)) => costs::negative_samples(self.batch.len(), inputs, outputs),
            _ => 0,
        };
        costs::fire(self.stacked(), outputs, inputs) + product
    }

    fn cost_of_input(&self, l: usize) -> usize {
        // In the first layer a sample's rows share the sample, and so one row of directions.
        let rows = if l == 0 && self.negatives.is_none() { self.batch.len() } else { self.stacked() };
        costs::input(rows, self.units(l))
    }

    /// Rows of slopes: those stacked, and peer normalisation's direction.
    fn stacked(&self) -> usize {
        self.rows() + usize::from(self.settings.peer > 0.0)
    }

    /// Some inputs of a further layer's product into `ping`, from the inputs in `pong`.
    fn multiply(&mut self, l: usize, part: Range<usize>, buffers: &mut ContrastBuffers<'_>) {
        let rows = self.rows();
        let Parts { weights, kernel, .. } = &mut self.parts;
        let layer = LayerMut::of(weights.layers, l);
        let Shape { inputs, outputs } = layer.shape;
        let pong = pieces::first(buffers.pong, rows * inputs);
        let ping = pieces::first_mut(buffers.ping, rows * outputs);
        let own = pieces::part(layer.weights, part.start * outputs..part.end * outputs);
        kernel.product_part(layer.shape, part, pong, own, ping);
    }

    fn fire(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) {
        match (l, self.negatives) {
            (0, None) => self.fire_labelled(buffers),
            (0, Some(negatives)) => self.fire_samples(negatives, buffers),
            _ => self.fire_above(l, buffers),
        }
    }

    /// Moves the weights of some inputs.
    fn learn(&mut self, l: usize, part: Range<usize>, buffers: &mut ContrastBuffers<'_>) {
        match (l, self.negatives) {
            (0, None) => self.learn_labelled(part, buffers),
            (0, Some(negatives)) => self.learn_samples(negatives, part, buffers),
            _ => self.learn_above(l, part, buffers),
        }
    }

    /// Stacked rows: positive, then negative.
    pub(super) fn rows(&self) -> usize {
        2 * self.batch.len()
    }

    pub(super) fn units(&self, l: usize) -> usize {
        self.layer(l).shape.outputs
    }

    pub(super) fn mask(&self, l: usize) -> Option<Mask> {
        Mask::new(self.settings.dropout, self.keys.contrast, l)
    }

    /// A further layer's activities from their product, both in `ping`.
    fn fire_above(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) {
        let (rows, mask) = (self.rows(), self.mask(l));
        let layer = LayerMut::of(self.parts.weights.layers, l);
        let outputs = layer.shape.outputs;
        let ping = pieces::first_mut(buffers.ping, rows * outputs);
        self.parts
            .kernel
            .rows_into(outputs, ping, buffers.goodness, |r, row| activity::fire(row, layer.biases, mask, r));
    }

    /// The slope of every stacked row, and peer normalisation's direction as one more row.
    fn judge(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) -> Result<LayerReport, Error> {
        let (samples, units) = (self.batch.len(), self.units(l));
        let (positive, negative) = pieces::split(buffers.goodness, samples);
        let per_unit = 1.0 / (samples * units) as f32;
        let seen = LayerReport {
            positive: positive.iter().sum::<f32>() * per_unit,
            negative: negative.iter().sum::<f32>() * per_unit,
        };
        if !seen.is_finite() {
            return Err(Error::Diverged { layer: l });
        }
        if self.settings.peer > 0.0 {
            self.observe_peers(l, buffers.ping, buffers.slopes);
        }
        let (up, rest) = pieces::split_mut(buffers.slopes, samples);
        let (down, rest) = pieces::split_mut(rest, samples);
        // The direction row, where there is one, counts once for every positive row.
        rest.fill(samples as f32);
        let settled = |slope| label::unless_settled(label::LEAST, slope);
        for ((up, down), (p, n)) in up.iter_mut().zip(down).zip(positive.iter().zip(negative)) {
            let (plus, minus) = self.settings.goodness.slopes(units, *p, *n);
            (*up, *down) = (settled(plus), settled(minus));
        }
        Ok(seen)
    }

    /// Updates the layer's running means and writes the direction behind the stacked rows.
    fn observe_peers(&mut self, l: usize, ping: &mut [f32], slopes: &mut [f32]) {
        let (samples, units) = (self.batch.len(), self.units(l));
        let start = self.layers().iter().take(l).map(|layer| layer.shape.outputs).sum::<usize>();
        let means = pieces::part_mut(self.parts.means, start..start + units);
        let ones = pieces::first_mut(slopes, samples);
        ones.fill(1.0);
        let (stacked, rest) = pieces::split_mut(ping, 2 * samples * units);
        peer::observe(self.parts.kernel, ones, pieces::first(stacked, samples * units), means);
        peer::direction(self.settings.peer, means, pieces::first_mut(rest, units));
    }

    /// Moves the biases along the sum of D: slopes as a column, times the stacked activities.
    fn learn_biases(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) {
        let shape = Shape { inputs: 1, outputs: self.units(l) };
        let slopes = &*buffers.slopes;
        let activities = pieces::first(buffers.ping, slopes.len() * shape.outputs);
        let step_size = StepSize { weight_decay: 0.0, ..self.settings.scaled(self.settings.layers) };
        let samples = self.batch.len() as f32;
        let Parts { weights, kernel, .. } = &mut self.parts;
        let block = weights.biases(l, buffers.gradient);
        self.settings.optimiser.update(*kernel, step_size, block, |kernel, Target { fold, array, .. }| {
            kernel.rank_update(shape, fold.keep, fold.scale / samples, slopes, activities, array);
        });
    }

    /// Moves some inputs' weights of a further layer: `W <- W + ... (c x)' h`, the inputs in `pong`
    /// scaled in place before the first of them.
    fn learn_above(&mut self, l: usize, part: Range<usize>, buffers: &mut ContrastBuffers<'_>) {
        if part.start == 0 {
            self.scale_inputs(l, buffers);
        }
        let samples = self.batch.len();
        let step_size = self.settings.scaled(self.settings.layers);
        let Parts { weights, kernel, .. } = &mut self.parts;
        let shape = LayerMut::of(weights.layers, l).shape;
        let stacked = buffers.slopes.len();
        let scaled = pieces::first(buffers.pong, stacked * shape.inputs);
        let activities = pieces::first(buffers.ping, stacked * shape.outputs);
        let block = weights.weights(l, part.clone(), buffers.gradient);
        self.settings.optimiser.update(*kernel, step_size, block, |kernel, Target { fold, array, .. }| {
            kernel.rank_update_part(shape, part, fold.keep, fold.scale / samples as f32, scaled, activities, array);
        });
    }

    /// Turns the inputs, dead after their product, into what the activities are multiplied with.
    fn scale_inputs(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) {
        let (samples, rows) = (self.batch.len(), self.rows());
        let inputs = self.layer(l).shape.inputs;
        let (x, rest) = pieces::split_mut(buffers.pong, rows * inputs);
        let slopes = &*buffers.slopes;
        if slopes.len() > rows {
            // The direction row's partner: the sum of the positive inputs.
            let sum = pieces::first_mut(rest, inputs);
            sum.fill(0.0);
            for row in pieces::rows(x, inputs).take(samples) {
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
        }
        self.parts.kernel.rows(inputs, x, |r: usize, row: &mut [f32]| {
            activity::scale(row, pieces::value(slopes, r));
        });
    }

    /// Turns the activities into the next layer's inputs.
    fn normalise(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) {
        let units = self.units(l);
        let activities = pieces::first_mut(buffers.ping, self.rows() * units);
        let goodness = &*buffers.goodness;
        self.parts.kernel.rows(units, activities, |r: usize, row: &mut [f32]| {
            let squares = pieces::value(goodness, r);
            activity::normalise(row, squares);
        });
    }
}
