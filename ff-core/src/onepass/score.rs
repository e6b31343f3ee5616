//! Classification by a network that a one-pass rule has trained.

use super::check_head;
use super::forward::{fire, inverse_norms, normalise_forward};
use super::head::{Head, LabelRows};
use crate::classify::ScoredLayers;
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::{LayerRef, Shape};
use crate::network::{Parameters, Plan, widest};
use crate::pieces;
use crate::sample;

/// Floats of scratch for [`scores`] that scores `samples` side by side.
#[must_use]
pub const fn score_floats(shapes: &[Shape], classes: usize, samples: usize) -> usize {
    samples * per_sample(widest(shapes), classes)
}

const fn per_sample(widest: usize, classes: usize) -> usize {
    2 * widest + classes + 1
}

/// Every class's score for every sample, summed over the scored layers: `totals` is samples x
/// classes. One pass; works on as many samples at once as the scratch has room for.
///
/// The softmax of a row is what the layers together think, each having said it on its own: a sum
/// of scores is a product of their probabilities.
///
/// # Errors
/// A slice of the wrong length, features that are NaN, infinite or too large to be squared, shapes that do not fit.
pub fn scores<H: Head, P: Parameters, K: Kernel>(
    head: &H,
    network: &P,
    samples: &[f32],
    scored: ScoredLayers,
    scratch: &mut [f32],
    kernel: &mut K,
    totals: &mut [f32],
) -> Result<(), Error> {
    let (layers, readout) = network.views();
    let layers = layers.as_ref();
    let plan = Plan::of(network, layers, readout)?;
    check_head(head, &plan)?;
    let rows = pieces::count(samples.len(), plan.features);
    sample::check_samples(samples, plan.features, rows)?;
    error::exactly("scores", rows * plan.classes, totals.len())?;
    let one = per_sample(plan.widest, plan.classes);
    error::at_least("scratch", one, scratch.len())?;
    let together = pieces::count(scratch.len(), one);
    let scorer = Scorer { head, plan, layers, labels: readout, from: scored.from.min(layers.len() - 1) };
    let samples = pieces::chunks(samples, together * plan.features);
    for (samples, totals) in pieces::both(samples, pieces::chunks_mut(totals, together * plan.classes)) {
        scorer.score(kernel, samples, scratch, totals);
    }
    Ok(())
}

/// Scores with shapes that are checked.
struct Scorer<'a, H> {
    head: &'a H,
    plan: Plan,
    layers: &'a [LayerRef<'a>],
    labels: &'a [f32],
    from: usize,
}

impl<H: Head> Scorer<'_, H> {
    fn score<K: Kernel>(&self, kernel: &mut K, samples: &[f32], scratch: &mut [f32], totals: &mut [f32]) {
        let Plan { classes, features, widest, .. } = self.plan;
        let count = pieces::count(samples.len(), features);
        let (mut x, rest) = pieces::split_mut(scratch, count * widest);
        let (mut z, rest) = pieces::split_mut(rest, count * widest);
        let (scores, rest) = pieces::split_mut(rest, count * classes);
        let inverse = pieces::first_mut(rest, count);
        inverse_norms(samples, features, inverse);
        totals.fill(0.0);
        let mut rest = self.labels;
        for (l, layer) in self.layers.iter().enumerate() {
            let Shape { inputs, outputs } = layer.shape;
            let (input, inverse) =
                if l == 0 { (samples, &*inverse) } else { (pieces::first(x, count * inputs), &[][..]) };
            let out = pieces::first_mut(z, count * outputs);
            fire(kernel, self.head, layer, input, inverse, out);
            let (own, above) = if H::LABEL_ROWS { pieces::split(rest, classes * outputs) } else { (&[][..], rest) };
            rest = above;
            if l >= self.from {
                self.head.scores(kernel, LabelRows { classes, units: outputs, weights: own }, out, scores);
                totals.iter_mut().zip(&*scores).for_each(|(total, s)| *total += s);
            }
            if l + 1 < self.layers.len() {
                normalise_forward(kernel, outputs, out);
                core::mem::swap(&mut x, &mut z);
            }
        }
    }
}
