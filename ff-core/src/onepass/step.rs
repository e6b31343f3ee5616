//! One step of a one-pass rule: layer by layer, in phases that can pause.

use core::ops::Range;

use super::forward::{inverse_norms, normalise_forward, open};
use super::scratch::Buffers;
use super::{Head, LabelRows, OnePass, SKIP_ERROR_BELOW, costs};
use crate::activity::{self, Mask};
use crate::classify;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::label;
use crate::layer::{LayerMut, Shape};
use crate::learner::{LayerReport, Parts, Report};
use crate::math;
use crate::network::Plan;
use crate::optimiser::{Optimiser, StepSize, Target};
use crate::pieces;
use crate::progress::{Budget, Phase, Progress, Stop};
use crate::sample::Batch;

/// One step over erased parameters: compiled once for every shape.
pub(super) struct Step<'a, 'v, 'b, H, O, K> {
    pub settings: &'a OnePass<H, O>,
    pub parts: Parts<'a, 'v, K>,
    pub plan: Plan,
    pub key: u32,
    pub batch: Batch<'b>,
}

impl<H: Head, O: Optimiser, K: Kernel> Step<'_, '_, '_, H, O, K> {
    /// Goes on from where the step stands, to its end or until the budget is spent.
    pub fn proceed<B: Budget>(&mut self, mut buffers: Buffers<'_>, progress: &mut Progress<B>) -> Result<(), Stop> {
        let Plan { classes, .. } = self.plan;
        let (depth, rows) = (self.parts.weights.layers.len(), self.batch.len());
        if !progress.layer.is_multiple_of(2) {
            core::mem::swap(&mut buffers.x, &mut buffers.z);
        }
        while progress.layer < depth {
            let here = self.here(progress.layer);
            let Here { l, shape: Shape { inputs, outputs }, .. } = here;
            let (direct, input) = (costs::direct(rows, outputs, classes), costs::input(rows, outputs));
            progress.run(Phase::Multiply, inputs, input, |_, part| {
                self.multiply(here, part, &mut buffers);
                Ok(())
            })?;
            progress.run(Phase::Fire, 1, costs::fire(rows, here.shape, classes), |progress, _| {
                self.open(here, &mut buffers);
                self.judge(here, &mut buffers, &mut progress.report)
            })?;
            if !self.settings.frozen.layer(l) {
                progress.run(Phase::Direct, 1, direct, |_, _| {
                    self.direct(here, &mut buffers);
                    Ok(())
                })?;
                progress.run(Phase::Labels, 1, direct, |_, _| {
                    self.learn_labels(here, &mut buffers);
                    self.learn_biases(here, &mut buffers);
                    Ok(())
                })?;
                progress.run(Phase::Learn, inputs, input, |_, part| {
                    self.learn(here, part, &mut buffers);
                    Ok(())
                })?;
            }
            if l + 1 < depth {
                progress.run(Phase::Normalise, 1, costs::normalise_forward(rows, outputs), |_, _| {
                    normalise_forward(self.parts.kernel, outputs, pieces::first_mut(buffers.z, rows * outputs));
                    Ok(())
                })?;
                core::mem::swap(&mut buffers.x, &mut buffers.z);
            }
            progress.next_layer();
        }
        Ok(())
    }

    /// Some inputs of the layer's product.
    fn multiply(&mut self, here: Here, part: Range<usize>, buffers: &mut Buffers<'_>) {
        let Parts { weights, kernel, .. } = &mut self.parts;
        let layer = LayerMut::of(weights.layers, here.l);
        let Shape { inputs, outputs } = here.shape;
        let samples = self.batch.len();
        let x = if here.l == 0 { self.batch.samples } else { pieces::first(buffers.x, samples * inputs) };
        let z = pieces::first_mut(buffers.z, samples * outputs);
        let own = pieces::part(layer.weights, part.start * outputs..part.end * outputs);
        kernel.product_part(here.shape, part, x, own, z);
    }

    /// The layer's affine outputs, from their product.
    fn open(&mut self, here: Here, buffers: &mut Buffers<'_>) {
        if here.l == 0 {
            inverse_norms(self.batch.samples, self.plan.features, buffers.inverse);
        }
        let Parts { weights, kernel, .. } = &mut self.parts;
        let layer = LayerMut::of(weights.layers, here.l);
        let mask = Mask::new(self.settings.dropout, self.key, here.l);
        let z = pieces::first_mut(buffers.z, self.batch.len() * here.shape.outputs);
        let inverse = if here.l == 0 { &*buffers.inverse } else { &[] };
        open(*kernel, &self.settings.head, &layer, inverse, mask, z);
    }

    /// The layer's scores, what they report, and their errors.
    fn judge(&mut self, here: Here, buffers: &mut Buffers<'_>, report: &mut Report) -> Result<(), Error> {
        self.score(here, buffers);
        let seen = self.report(buffers.scores);
        if !seen.is_finite() {
            return Err(Error::Diverged { layer: here.l });
        }
        // The report has room for every layer that the plan let through.
        report.layers.push(seen);
        report.errors = Some(self.errors(buffers.scores));
        self.compare(buffers.scores);
        Ok(())
    }

    fn here(&self, l: usize) -> Here {
        let layers = &*self.parts.weights.layers;
        let below: usize = layers.iter().take(l).map(|layer| layer.shape.outputs).sum();
        Here { l, shape: LayerMut::of(layers, l).shape, labels: self.plan.classes * below }
    }

    fn score(&mut self, here: Here, buffers: &mut Buffers<'_>) {
        let Parts { weights, kernel, .. } = &mut self.parts;
        let labels = here.labels(weights.readout, self.plan.classes);
        let z = pieces::first(buffers.z, self.batch.len() * labels.units);
        self.settings.head.scores(*kernel, labels, z, buffers.scores);
    }

    /// The mean score of the true class, and of all others.
    fn report(&self, scores: &[f32]) -> LayerReport {
        let (mut own, mut all) = (0.0, 0.0);
        for (scores, &label) in pieces::rows(scores, self.plan.classes).zip(self.batch.labels) {
            own += pieces::value(scores, usize::from(label));
            all += scores.iter().sum::<f32>();
        }
        let samples = self.batch.len() as f32;
        let others = samples * (self.plan.classes - 1) as f32;
        LayerReport { positive: own / samples, negative: (all - own) / others }
    }

    fn errors(&self, scores: &[f32]) -> usize {
        let rows = pieces::rows(scores, self.plan.classes).zip(self.batch.labels);
        rows.filter(|(scores, label)| classify::best(scores) != **label).count()
    }

    /// Turns scores into errors: `e_y = [y = t] - softmax_y`, smoothed.
    fn compare(&mut self, scores: &mut [f32]) {
        let (labels, OnePass { label_smoothing, skip_error_below, .. }) = (self.batch.labels, self.settings);
        let truth = Truth { smoothing: *label_smoothing, least: *skip_error_below };
        self.parts.kernel.rows(self.plan.classes, scores, |r: usize, row: &mut [f32]| {
            truth.errors(row, labels.get(r).map(|&label| usize::from(label)));
        });
    }

    /// The directions of the layer's affine outputs.
    fn direct(&mut self, here: Here, buffers: &mut Buffers<'_>) {
        let values = self.batch.len() * here.shape.outputs;
        let Parts { weights, kernel, .. } = &mut self.parts;
        let (z, directions) = (pieces::first(buffers.z, values), pieces::first_mut(buffers.directions, values));
        let labels = here.labels(weights.readout, self.plan.classes);
        self.settings.head.directions(*kernel, labels, z, buffers.scores, directions);
    }

    /// Moves the layer's label rows.
    fn learn_labels(&mut self, here: Here, buffers: &mut Buffers<'_>) {
        if !H::LABEL_ROWS {
            return;
        }
        let (units, classes) = (here.shape.outputs, self.plan.classes);
        let step_size = self.settings.scaled(self.settings.labels);
        let Parts { weights, kernel, .. } = &mut self.parts;
        let z = pieces::first(buffers.z, self.batch.len() * units);
        let block = weights.readout(here.label_rows(classes), units, buffers.gradient);
        self.settings.optimiser.update(*kernel, step_size, block, |kernel, target| {
            self.settings.head.fold_labels(kernel, classes, units, z, buffers.scores, target);
        });
    }

    /// Moves the layer's biases along the sum of the directions.
    fn learn_biases(&mut self, here: Here, buffers: &mut Buffers<'_>) {
        let samples = self.batch.len();
        let step_size = StepSize { weight_decay: 0.0, ..self.settings.scaled(self.settings.layers) };
        let Parts { weights, kernel, .. } = &mut self.parts;
        let directions = pieces::first(buffers.directions, samples * here.shape.outputs);
        let block = weights.biases(here.l, buffers.gradient);
        self.settings.optimiser.update(*kernel, step_size, block, |_, Target { fold, array, .. }| {
            add_rows(fold.keep, fold.scale / samples as f32, directions, array);
        });
    }

    /// Moves the weights of some inputs. Samples are not normalised in place: the first layer's
    /// directions are, before the first of them.
    fn learn(&mut self, here: Here, part: Range<usize>, buffers: &mut Buffers<'_>) {
        let (Here { l, shape, .. }, samples) = (here, self.batch.len());
        let step_size = self.settings.scaled(self.settings.layers);
        let Parts { weights, kernel, .. } = &mut self.parts;
        let directions = pieces::first_mut(buffers.directions, samples * shape.outputs);
        if l == 0 && part.start == 0 {
            kernel.rows(shape.outputs, directions, |r: usize, row: &mut [f32]| {
                activity::scale(row, pieces::value(buffers.inverse, r));
            });
        }
        let x = if l == 0 { self.batch.samples } else { pieces::first(buffers.x, samples * shape.inputs) };
        let block = weights.weights(l, part.clone(), buffers.gradient);
        self.settings.optimiser.update(*kernel, step_size, block, |kernel, Target { fold, array, .. }| {
            kernel.dense_rank_update_part(shape, part, fold.keep, fold.scale / samples as f32, x, directions, array);
        });
    }
}

/// A layer of the step: its number, its shape, and where its label rows begin.
#[derive(Clone, Copy)]
struct Here {
    l: usize,
    shape: Shape,
    labels: usize,
}

impl Here {
    fn label_rows(self, classes: usize) -> Range<usize> {
        self.labels..self.labels + classes * self.shape.outputs
    }

    fn labels(self, readout: &[f32], classes: usize) -> LabelRows<'_> {
        // Heads without label rows have nothing there.
        let weights = readout.get(self.label_rows(classes)).unwrap_or_default();
        LabelRows { classes, units: self.shape.outputs, weights }
    }
}

/// What scores are compared with.
#[derive(Clone, Copy)]
struct Truth {
    smoothing: f32,
    least: f32,
}

impl Truth {
    /// Turns a row of scores into errors, of which those left out, as 0, add up to no more than `least`.
    #[cfg_attr(target_os = "none", inline(never))]
    fn errors(self, row: &mut [f32], label: Option<usize>) {
        let classes = row.len() as f32;
        let share = self.smoothing / classes;
        // A smoothed label is pulled up again where it is too unlikely: none is settled for good.
        let in_all = if self.smoothing > 0.0 { self.least.min(SKIP_ERROR_BELOW) } else { self.least };
        let balanced = in_all > SKIP_ERROR_BELOW;
        let least = if balanced { in_all / classes } else { in_all };
        math::softmax_above(row, in_all);
        for (y, e) in row.iter_mut().enumerate() {
            let wanted = if Some(y) == label { 1.0 - self.smoothing + share } else { share };
            *e = label::unless_settled(least, wanted - *e);
        }
        if balanced {
            balance(row, label);
        }
    }
}

/// Takes from the true label what the settled ones no longer push against: errors add up to nothing, or all
/// goodness would rise without end.
fn balance(errors: &mut [f32], label: Option<usize>) {
    let Some(label) = label else { return };
    let others = errors.iter().enumerate().filter(|(y, _)| *y != label);
    let others = others.fold(0.0, |sum, (_, e)| sum + e);
    if let Some(own) = errors.get_mut(label) {
        *own = -others;
    }
}

/// `target <- keep * target + scale * (the sum of all rows)`.
fn add_rows(keep: f32, scale: f32, rows: &[f32], target: &mut [f32]) {
    activity::keep(keep, target);
    for row in pieces::rows(rows, target.len()) {
        activity::add_scaled(target, scale, row);
    }
}
