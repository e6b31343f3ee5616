//! RISE: random masks, and what each feature has to do with the margin under them.

use super::cells::Cells;
use super::endpoints::pairs;
use super::pass::{Pass, features, first_units};
use super::probe::{self, Probe, State};
use super::{Explained, Question, Saliency};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::network::Parameters;
use crate::pieces;
use crate::random::{self, Rng};

/// The mean margin with a feature minus that without it, over random masks of cells:
/// `R_i = cov(mask_i, M) / var(mask_i)`. Each mask keeps cells with a probability and shows the baseline elsewhere;
/// means run along, so no mask is kept.
///
/// Cost: `masks (F U_1 + R P)`. Floats: `3 U_1 + 2 F + U + L + W + 2`, label inputs counted as features.
///
/// Use when only scores can be trusted and large parts are the question. Avoid when time counts: its noise falls
/// with the square root of the masks. Source: [arXiv 1806.07421](https://arxiv.org/abs/1806.07421), here signed and
/// without bilinear masks.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rise {
    /// How many masks, at least 1.
    pub masks: u32,
    /// What a mask covers or leaves as a whole. Each mask moves the grid at random.
    pub cells: Cells,
    /// The probability that a cell is left, above 0 and below 1.
    pub keep: f32,
    /// Draws the masks.
    pub seed: u64,
}

impl Rise {
    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        let features = features(shapes);
        Pass::floats(shapes, classes)
            + 2 * first_units(shapes)
            + features
            + rows * features
            + probe::floats(shapes, rows)
    }

    /// [`Saliency::scratch_floats`] as a constant.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }

    fn check(&self) -> Result<(), Error> {
        self.cells.check()?;
        if self.masks == 0 {
            return Err(Error::Setting { name: "masks" });
        }
        // A NaN fails both comparisons.
        if self.keep > 0.0 && self.keep < 1.0 { Ok(()) } else { Err(Error::Setting { name: "keep" }) }
    }

    fn mask(&self, key: u32, number: u32) -> Mask {
        let key = random::hash(key, number);
        let side = self.cells.side as u32;
        let [dx, dy] = [1, 2].map(|axis| random::scale_below(random::hash(!key, axis), side) as usize);
        // 2^32 keep, saturating.
        Mask { cells: self.cells, shift: (dx, dy), key, limit: (self.keep * 4_294_967_296.0) as u32 }
    }
}

/// One mask: a pure function of its number and the feature, so that it needs no memory.
#[derive(Clone, Copy)]
struct Mask {
    cells: Cells,
    shift: (usize, usize),
    key: u32,
    limit: u32,
}

impl Mask {
    fn keeps(self, feature: usize) -> bool {
        random::hash(self.key, self.cells.shifted(feature, self.shift) as u32) < self.limit
    }
}

impl Saliency for Rise {
    fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        self.floats(shapes, classes, rows)
    }

    fn map<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        self.check()?;
        question.answer(scratch, kernel, map, |pass, mut rest, kernel, map| {
            let (units, features) = (pass.first_units(), pass.plan.features);
            // What is stated is for a network without label inputs, whose features are more.
            let inputs = features + pass.plan.slots;
            let per_row = Probe::row_floats(pass) + inputs;
            error::at_least("scratch", 2 * units + inputs + per_row, rest.len())?;
            let [sample, base] = pieces::take_each(&mut rest, units);
            let kept = pieces::take(&mut rest, inputs);
            let room = pieces::count(rest.len(), per_row);
            let samples = pieces::take(&mut rest, room * features);
            let sample = State::of(kernel, pass, question.sample, sample);
            let base = State::of(kernel, pass, question.baseline, base);
            let mut probe = Probe::carve(pass, rest)?;
            let explained = probe.ends(kernel, &sample, &base);
            let together = probe.inputs().min(room);
            let key = Rng::new(self.seed).next_u32();
            map.fill(0.0);
            let mut running = Running { margin: 0.0, kept, products: map };
            running.kept.fill(0.0);
            for first in (0..self.masks).step_by(together.max(1)) {
                let numbers = first..self.masks.min(first.saturating_add(together as u32));
                let masks = numbers.clone().map(|number| self.mask(key, number));
                let samples = pieces::first_mut(samples, masks.len() * features);
                for (mask, masked) in masks.clone().zip(pieces::rows_mut(samples, features)) {
                    cover(mask, question.sample, question.baseline, masked);
                }
                probe.put_samples(kernel, samples);
                let margins = probe.margins(kernel, masks.len());
                for ((number, mask), &margin) in numbers.zip(masks).zip(margins) {
                    running.add(number + 1, mask, margin);
                }
            }
            running.finish(self.masks, question);
            explained.checked(map)
        })
    }
}

/// The sample where the mask keeps it, the baseline elsewhere.
fn cover(mask: Mask, sample: &[f32], baseline: &[f32], masked: &mut [f32]) {
    for (i, (masked, (x, base))) in masked.iter_mut().zip(pairs(sample, baseline)).enumerate() {
        *masked = if mask.keeps(i) { x } else { base };
    }
}

/// Running means, and sums of products of deviations from them (Welford).
struct Running<'a> {
    margin: f32,
    /// How often each feature was kept, a mean.
    kept: &'a mut [f32],
    products: &'a mut [f32],
}

impl Running<'_> {
    /// Takes in a mask, the `count`-th.
    fn add(&mut self, count: u32, mask: Mask, margin: f32) {
        let per_count = 1.0 / count as f32;
        let deviation = margin - self.margin;
        self.margin += deviation * per_count;
        for (i, (kept, product)) in self.kept.iter_mut().zip(self.products.iter_mut()).enumerate() {
            let m = if mask.keeps(i) { 1.0 } else { 0.0 };
            *kept += (m - *kept) * per_count;
            *product += deviation * (m - *kept);
        }
    }

    /// From sums of products to differences of means: the covariance over the variance of being
    /// kept. A feature that equals the baseline cannot be covered and is given 0, not its cell's
    /// value.
    fn finish<P>(self, masks: u32, question: &Question<'_, P>) {
        let features = pairs(question.sample, question.baseline).zip(self.kept.iter());
        for (product, ((x, base), &kept)) in self.products.iter_mut().zip(features) {
            let variance = masks as f32 * kept * (1.0 - kept);
            *product = if x != base && variance > 0.0 { *product / variance } else { 0.0 };
        }
    }
}
