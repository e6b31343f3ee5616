//! The positive and the negative pass, layer by layer, each layer learning as soon as it has
//! fired.
//!
//! Two buffers are enough, and no direction `D = c h` is ever written out: above the first layer
//! the inputs, dead by then, are scaled by the slopes in place, since `(c x)' h = x' (c h)`.

use super::scratch::{ContrastBuffers, Scratch};
use super::{Keys, LayerReport, Report, Step};
use crate::activity::{self, Mask};
use crate::error::Error;
use crate::goodness::Objective;
use crate::kernel::Kernel;
use crate::label::{self, Labelled, Negatives, SLOT};
use crate::layer::{LayerMut, Shape};
use crate::network::Plan;
use crate::optimiser::{Optimiser, Pace};
use crate::peer;
use crate::random;
use crate::sample::Batch;

/// The contrastive half of a step.
pub(super) struct Contrast<'s, 'a, 'v, 'b, G, O, K> {
    pub step: &'s mut Step<'a, 'v, G, O, K>,
    pub plan: Plan,
    pub keys: Keys,
    pub batch: Batch<'b>,
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
    fn of(&self, r: usize) -> u8 {
        let samples = self.truth.len();
        let truth = self.truth.get(r % samples).copied().unwrap_or(0);
        if r < samples {
            return truth;
        }
        let bits = random::hash(self.key, r as u32);
        match self.negatives {
            Negatives::Uniform => label::uniform_wrong(truth, self.classes, bits),
            Negatives::Hard => {
                let start = (r - samples) * self.classes;
                let row = self.probabilities.get(start..start + self.classes).unwrap_or(&[]);
                label::hard_wrong(truth, row, bits)
            }
        }
    }
}

impl<'b, G: Objective, O: Optimiser, K: Kernel> Contrast<'_, '_, '_, 'b, G, O, K> {
    /// Fires and moves every layer, from the first to the last.
    pub fn learn_layers(mut self, scratch: &mut Scratch<'_>, report: &mut Report) -> Result<(), Error> {
        let mut buffers = scratch.contrast();
        let depth = self.step.layers.len();
        for l in 0..depth {
            if l == 0 {
                self.fire_first(&mut buffers);
            } else {
                core::mem::swap(&mut buffers.ping, &mut buffers.pong);
                self.fire(l, &mut buffers);
            }
            // The report has room for every layer that the plan let through.
            let _ = report.layers.push(self.judge(l, &mut buffers)?);
            self.learn_biases(l, &buffers);
            if l == 0 {
                self.learn_first(&mut buffers);
            } else {
                self.learn(l, &mut buffers);
            }
            if l + 1 < depth {
                self.normalise(l, &mut buffers);
            }
        }
        Ok(())
    }

    /// Stacked rows: positive, then negative.
    fn rows(&self) -> usize {
        2 * self.batch.len()
    }

    fn units(&self, l: usize) -> usize {
        self.step.layers[l].shape.outputs
    }

    /// Borrows nothing of the step itself, so that the kernel stays free.
    fn labels<'p>(&self, probabilities: &'p [f32]) -> RowLabels<'p>
    where
        'b: 'p,
    {
        RowLabels {
            truth: self.batch.labels,
            classes: self.plan.classes,
            negatives: self.step.settings.negatives,
            key: self.keys.negatives,
            probabilities,
        }
    }

    fn mask(&self, l: usize) -> Option<Mask> {
        Mask::new(self.step.settings.dropout, self.keys.contrast, l)
    }

    /// The first layer's activities into `ping`, from the images' product at the end of the pool.
    fn fire_first(&mut self, buffers: &mut ContrastBuffers<'_>) {
        let Plan { classes, features, .. } = self.plan;
        let (samples, rows, units) = (self.batch.len(), self.rows(), self.units(0));
        for (image, inverse) in self.batch.images.chunks_exact(features).zip(buffers.inverse.iter_mut()) {
            *inverse = label::inverse_norm(image, classes, SLOT * SLOT);
        }
        let mask = self.mask(0);
        let labels = self.labels(buffers.probabilities);
        let layer = self.step.layers[0].as_ref();
        let (label_rows, _) = layer.weights.split_at(classes * units);
        let pixels = buffers.pong.get(buffers.pixels.clone()).unwrap_or(&[]);
        let inverse = &*buffers.inverse;
        let ping = buffers.ping.split_at_mut(rows * units).0;
        self.step.kernel.rows_into(units, ping, buffers.goodness, |r, row| {
            let b = r % samples;
            let label_row = label_rows.get(usize::from(labels.of(r)) * units..).unwrap_or(&[]);
            let pixels = pixels.get(b * units..).unwrap_or(&[]);
            let inverse = inverse.get(b).copied().unwrap_or(0.0);
            label::fire(Labelled { label_row, pixels, inverse }, row, layer.biases, mask, r)
        });
    }

    /// A further layer's activities into `ping`, from the inputs in `pong`.
    fn fire(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) {
        let (rows, mask) = (self.rows(), self.mask(l));
        let layer = self.step.layers[l].as_ref();
        let Shape { inputs, outputs } = layer.shape;
        let pong = buffers.pong.split_at(rows * inputs).0;
        let ping = buffers.ping.split_at_mut(rows * outputs).0;
        self.step.kernel.product(layer.shape, pong, layer.weights, ping);
        self.step
            .kernel
            .rows_into(outputs, ping, buffers.goodness, |r, row| activity::fire(row, layer.biases, mask, r));
    }

    /// The slope of every stacked row, and peer normalisation's direction as one more row.
    fn judge(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) -> Result<LayerReport, Error> {
        let (samples, units) = (self.batch.len(), self.units(l));
        let (positive, negative) = buffers.goodness.split_at(samples);
        let per_unit = 1.0 / (samples * units) as f32;
        let seen = LayerReport {
            positive: positive.iter().sum::<f32>() * per_unit,
            negative: negative.iter().sum::<f32>() * per_unit,
        };
        if !(seen.positive.is_finite() && seen.negative.is_finite()) {
            return Err(Error::Diverged { layer: l });
        }
        if self.step.settings.peer > 0.0 {
            self.observe_peers(l, buffers.ping, buffers.slopes);
        }
        let (up, rest) = buffers.slopes.split_at_mut(samples);
        let (down, rest) = rest.split_at_mut(samples);
        // The direction row, where there is one, counts once for every positive row.
        rest.fill(samples as f32);
        let (positive, negative) = buffers.goodness.split_at(samples);
        for ((up, down), (p, n)) in up.iter_mut().zip(down).zip(positive.iter().zip(negative)) {
            let (plus, minus) = self.step.settings.goodness.slopes(units, *p, *n);
            (*up, *down) = (settled(plus), settled(minus));
        }
        Ok(seen)
    }

    /// Updates the layer's running means and writes the direction behind the stacked rows.
    fn observe_peers(&mut self, l: usize, ping: &mut [f32], slopes: &mut [f32]) {
        let (samples, units) = (self.batch.len(), self.units(l));
        let start = self.step.layers.iter().take(l).map(|layer| layer.shape.outputs).sum::<usize>();
        let means = self.step.means.get_mut(start..start + units).unwrap_or(&mut []);
        let ones = slopes.split_at_mut(samples).0;
        ones.fill(1.0);
        let (stacked, rest) = ping.split_at_mut(2 * samples * units);
        peer::observe(self.step.kernel, ones, stacked.split_at(samples * units).0, means);
        peer::direction(self.step.settings.peer, means, rest.split_at_mut(units).0);
    }

    /// Moves the biases along the sum of D: slopes as a column, times the stacked activities.
    fn learn_biases(&mut self, l: usize, buffers: &ContrastBuffers<'_>) {
        let units = self.units(l);
        let activities = buffers.ping.split_at(buffers.slopes.len() * units).0;
        let pace = Pace { decay: 0.0, ..self.step.settings.paced(self.step.settings.layers) };
        let optimiser = &self.step.settings.optimiser;
        let fold = optimiser.fold(pace);
        let scale = fold.scale / self.batch.len() as f32;
        let biases = &mut *self.step.layers[l].biases;
        let velocity = self.step.velocity.get_mut(l).map_or(&mut [][..], |v| &mut *v.biases);
        let target = optimiser.target(biases, velocity);
        let shape = Shape { inputs: 1, outputs: units };
        self.step.kernel.add_outer(shape, fold.keep, scale, buffers.slopes, activities, target);
        optimiser.advance(self.step.kernel, pace, units, biases, velocity);
    }

    /// Moves the first layer: label rows by their own rows, features by the sample's sum.
    fn learn_first(&mut self, buffers: &mut ContrastBuffers<'_>) {
        let (samples, units) = (self.batch.len(), self.units(0));
        let pace = self.step.settings.paced(self.step.settings.layers);
        let optimiser = &self.step.settings.optimiser;
        let fold = optimiser.fold(pace);
        let scale = fold.scale / samples as f32;
        let labels = self.labels(buffers.probabilities);
        let stacked = Stacked {
            rows: buffers.ping.split_at(buffers.slopes.len() * units).0,
            slopes: buffers.slopes,
            inverse: buffers.inverse,
            units,
        };
        let layer = &mut self.step.layers[0];
        let weights = &mut *layer.weights;
        let velocity = self.step.velocity.get_mut(0).map_or(&mut [][..], |v| &mut *v.weights);
        let target = optimiser.target(weights, velocity);
        let (label_rows, features) = target.split_at_mut(self.plan.classes * units);
        if fold.keep != 1.0 {
            activity::scale(label_rows, fold.keep);
        }
        for r in 0..2 * samples {
            let start = usize::from(labels.of(r)) * units;
            stacked.add_direction(r, scale * SLOT, label_rows.get_mut(start..start + units).unwrap_or(&mut []));
        }
        let sums = buffers.pong.split_at_mut(samples * units).0;
        self.step.kernel.rows(units, sums, |b, row| stacked.sum_directions(b, row));
        let shape = Shape { inputs: self.plan.features, outputs: units };
        self.step.kernel.add_outer(shape, fold.keep, scale, self.batch.images, sums, features);
        optimiser.advance(self.step.kernel, pace, units, weights, velocity);
    }

    /// Moves a further layer: `W <- W + ... (c x)' h`, the inputs in `pong` scaled in place.
    fn learn(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) {
        let (samples, rows) = (self.batch.len(), self.rows());
        let LayerMut { shape, weights, .. } = &mut self.step.layers[l];
        let (shape, weights) = (*shape, &mut **weights);
        let stacked = buffers.slopes.len();
        let (inputs, rest) = buffers.pong.split_at_mut(rows * shape.inputs);
        if stacked > rows {
            // The direction row's partner: the sum of the positive inputs.
            let sum = rest.split_at_mut(shape.inputs).0;
            sum.fill(0.0);
            for row in inputs.chunks_exact(shape.inputs).take(samples) {
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
        }
        let slopes = &*buffers.slopes;
        self.step.kernel.rows(shape.inputs, inputs, |r, row| {
            activity::scale(row, slopes.get(r).copied().unwrap_or(0.0));
        });
        let pace = self.step.settings.paced(self.step.settings.layers);
        let optimiser = &self.step.settings.optimiser;
        let fold = optimiser.fold(pace);
        let velocity = self.step.velocity.get_mut(l).map_or(&mut [][..], |v| &mut *v.weights);
        let target = optimiser.target(weights, velocity);
        let scaled = buffers.pong.split_at(stacked * shape.inputs).0;
        let activities = buffers.ping.split_at(stacked * shape.outputs).0;
        self.step.kernel.add_outer(shape, fold.keep, fold.scale / samples as f32, scaled, activities, target);
        optimiser.advance(self.step.kernel, pace, shape.outputs, weights, velocity);
    }

    /// Turns the activities into the next layer's inputs.
    fn normalise(&mut self, l: usize, buffers: &mut ContrastBuffers<'_>) {
        let units = self.units(l);
        let activities = buffers.ping.split_at_mut(self.rows() * units).0;
        let goodness = &*buffers.goodness;
        self.step.kernel.rows(units, activities, |r, row| {
            let squares = goodness.get(r).copied().unwrap_or(0.0);
            activity::normalise(row, squares);
        });
    }
}

/// A slope, or 0 for a row that is settled: below 2^-30 it could not move a weight that any
/// unsettled row moves, since f32 keeps 24 bits. Kernels skip rows of zeros, and late in training
/// most rows are settled; denormal products, which slow some machines down, do not arise.
#[inline]
fn settled(slope: f32) -> f32 {
    const LEAST: f32 = 1.0 / (1 << 30) as f32;
    if slope.abs() > LEAST { slope } else { 0.0 }
}

/// The first layer's stacked activities with what turns them into directions.
struct Stacked<'a> {
    /// Positive rows, negative rows and, with peer normalisation, its direction.
    rows: &'a [f32],
    slopes: &'a [f32],
    inverse: &'a [f32],
    units: usize,
}

impl Stacked<'_> {
    fn samples(&self) -> usize {
        self.inverse.len()
    }

    fn row(&self, r: usize) -> &[f32] {
        self.rows.get(r * self.units..(r + 1) * self.units).unwrap_or(&[])
    }

    fn slope(&self, r: usize) -> f32 {
        self.slopes.get(r).copied().unwrap_or(0.0)
    }

    /// Peer normalisation's direction; empty without it.
    fn peers(&self) -> &[f32] {
        self.row(2 * self.samples())
    }

    /// `target += scale * D_r / n`.
    fn add_direction(&self, r: usize, scale: f32, target: &mut [f32]) {
        let scale = scale * self.inverse.get(r % self.samples()).copied().unwrap_or(0.0);
        let own = scale * self.slope(r);
        activity::add_scaled(target, own, self.row(r));
        if r < self.samples() {
            target.iter_mut().zip(self.peers()).for_each(|(t, v)| *t += scale * v);
        }
    }

    /// `sum <- (D+ + D-) / n` of sample `b`.
    #[inline(always)]
    fn sum_directions(&self, b: usize, sum: &mut [f32]) {
        let inverse = self.inverse.get(b).copied().unwrap_or(0.0);
        let (up, down) = (self.slope(b) * inverse, self.slope(b + self.samples()) * inverse);
        let (positive, negative) = (self.row(b), self.row(b + self.samples()));
        activity::blend(sum, [up, down], [positive, negative]);
        sum.iter_mut().zip(self.peers()).for_each(|(sum, v)| *sum += inverse * v);
    }
}
