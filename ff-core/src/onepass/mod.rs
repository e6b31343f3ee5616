//! One-pass rules: every layer scores all classes from a single pass of the image, and learns from
//! the softmax of its own scores.
//!
//! The image goes up once, without a label. Each layer, right after its own product, turns what it
//! has into a score for every class by its [`Head`], moves so that the true class's score rises
//! over the others', and hands its normalised activities on. All wrong classes serve as negatives at once, so nothing is drawn
//! and no pass is wasted, and no gradient crosses a layer.
//!
//! Per step, with batch B, for every layer `l` with input `x_l` (`x_1 = N(image)`):
//!
//! 1. `z = x_l W + b`; with dropout, some units are silenced.
//! 2. `s_y` of every class by the head, `e = [y = t] - softmax(s)`.
//! 3. `D` by the head; label rows, biases and weights move: `W <- W + ... x_l' D / B`.
//! 4. `x_(l+1) = N(relu(z))`.
//!
//! | head | what a layer's score is | beside the layers |
//! |---|---|---|
//! | [`NWay`] | the goodness with the label's own column added | label rows |
//! | [`LabelGroups`] | the goodness of the class's own units | nothing |
//! | [`LocalCrossEntropy`] | a linear classifier's logit | label rows |
//!
//! The network is one of [`FeaturesOnly`](crate::network::FeaturesOnly); label rows live in its
//! [`Readout`](crate::network::Readout), which must span all layers. Classification sums the
//! layers' scores: [`scores`].
//!
//! Cost in multiply-adds a sample, for features F and widths d_1..d_L:
//! `2 F d_1 + 2 sum d_(l-1) d_l + 3 C sum d_l` (the last not for groups): about half of the classic
//! step. Scratch: [`OnePass::scratch_floats`], about `3 B W` floats for the widest layer's W.

mod cross_entropy;
mod groups;
mod head;
mod nway;
mod score;
mod scratch;

pub use cross_entropy::LocalCrossEntropy;
pub use groups::LabelGroups;
pub(crate) use groups::group;
pub use head::{Head, LabelRows};
pub use nway::NWay;
pub(crate) use nway::lifted;
pub use score::{score_floats, scores};
use scratch::Buffers;

use crate::activity::{self, Mask};
use crate::classify;
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::label;
use crate::layer::{LayerMut, LayerRef, Shape};
use crate::learner::{Frozen, LayerReport, Learner, Parts, Report};
use crate::math;
use crate::network::{self, Parameters, Plan};
use crate::optimiser::{Optimiser, Pace, Sgd, State, Target};
use crate::pieces;
use crate::random::Rng;
use crate::sample::Batch;

/// The settings of a one-pass rule. Passed to every step, never stored with the state, so each may
/// change from one step to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OnePass<H = NWay, O = Sgd> {
    /// How a layer scores classes.
    pub head: H,
    /// How directions become changes.
    pub optimiser: O,
    /// What a schedule moves: multiplies both rates. 1 is the full rate.
    pub gain: f32,
    /// The layers' pace.
    pub layers: Pace,
    /// The label rows' pace.
    pub labels: Pace,
    /// The probability that a unit is silenced; 0 turns dropout off.
    pub dropout: f32,
    /// The layers that keep their weights and label rows.
    pub frozen: Frozen,
    /// Errors `|e_y|` no larger than this count as zero: 0 to 0.5.
    ///
    /// What a label costs in a step it costs only while it is not settled, so a device that has
    /// learned most of its data takes shorter steps. [`SETTLED`] leaves out what f32 could not
    /// tell anyway.
    pub settled: f32,
}

/// The least value of [`OnePass::settled`] that makes sense: smaller errors could not move a weight
/// that any other error moves.
pub const SETTLED: f32 = label::LEAST;

impl<H: Head, O: Optimiser> OnePass<H, O> {
    /// The multiply-adds of a step on `batch` samples, as [`Metered`](crate::kernel::Metered) counts them:
    /// dense, in products and outer products alone.
    ///
    /// With F features and U1, U2, ... units, a sample takes `2 (F U1 + U1 U2 + ...)`; where a head
    /// multiplies with its label rows, `3 C (U1 + U2 + ...)` more. What other heads do in loops over
    /// units is told there. Nothing is taken off for frozen layers or settled errors.
    #[must_use]
    pub const fn multiply_adds(&self, shapes: &[Shape], classes: usize, batch: usize) -> usize {
        let (mut sum, mut l) = (0, 0);
        while l < shapes.len() {
            sum += 2 * shapes[l].weights() + H::LABEL_PRODUCTS * classes * shapes[l].outputs;
            l += 1;
        }
        batch * sum
    }

    /// Draws the layers' weights as [`network::randomise`] does, and the label rows from
    /// N(0, 1) times the head's own deviation.
    pub fn randomise<P: Parameters>(&self, network: &mut P, rng: &mut Rng) {
        network::randomise(network, rng);
        let classes = network.classes();
        let (layers, mut labels) = network.views_mut();
        let mut layers = layers;
        for layer in layers.as_mut() {
            let units = layer.shape.outputs;
            let deviation = self.head.label_deviation(units);
            let Some((own, rest)) = labels.split_at_mut_checked(classes * units) else { return };
            own.iter_mut().for_each(|w| *w = deviation * rng.normal());
            labels = rest;
        }
    }

    /// Learns from one batch of any size that the scratch has room for.
    ///
    /// # Errors
    /// A bad batch, a setting out of range, or a slice of the wrong length: nothing has changed.
    /// [`Error::Diverged`]: see there.
    pub fn step<P, S, K>(&self, learner: &mut Learner<'_, P, S, K>, batch: Batch<'_>) -> Result<Report, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        let (classes, slots) = (learner.network.classes(), learner.network.label_slots());
        learner.erased(|parts, floats, rng| {
            self.check()?;
            let plan = plan::<H, K>(classes, slots, &parts)?;
            batch.check(plan.features, classes)?;
            parts.weights.check::<O>()?;
            let mut buffers = Buffers::carve::<O>(floats, &parts, &plan, batch.len())?;
            let key = rng.next_u32();
            Step { settings: self, parts, plan, key, batch }.run(&mut buffers)
        })
    }

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    pub fn check(&self) -> Result<(), Error> {
        self.head.check()?;
        self.optimiser.check()?;
        error::within("gain", self.gain, 0.0, f32::MAX)?;
        error::within("layer rate", self.layers.rate, 0.0, f32::MAX)?;
        error::within("layer decay", self.layers.decay, 0.0, f32::MAX)?;
        error::within("label rate", self.labels.rate, 0.0, f32::MAX)?;
        error::within("label decay", self.labels.decay, 0.0, f32::MAX)?;
        error::within("dropout", self.dropout, 0.0, 0.99)?;
        error::within("settled", self.settled, 0.0, 0.5)
    }

    fn paced(&self, pace: Pace) -> Pace {
        Pace { rate: self.gain * pace.rate, decay: pace.decay }
    }
}

/// Refuses a head's settings out of range, and a network that does not suit it.
pub(crate) fn check_head<H: Head>(head: &H, plan: &Plan) -> Result<(), Error> {
    head.check()?;
    check_plan::<H>(plan)
}

/// The network's plan, if it suits the head.
fn plan<H: Head, K>(classes: usize, slots: usize, parts: &Parts<'_, '_, K>) -> Result<Plan, Error> {
    let layers = parts.weights.layers.iter().map(LayerMut::as_ref);
    let plan = Plan::new(classes, slots, layers, parts.weights.readout.len())?;
    check_plan::<H>(&plan)?;
    Ok(plan)
}

fn check_plan<H: Head>(plan: &Plan) -> Result<(), Error> {
    plan.expect_label_slots(0, "one-pass rules take a network without label inputs")?;
    if H::LABEL_ROWS && plan.readout_from != 0 {
        return Err(Error::Shape { what: "this head needs label rows for every layer: a readout of all units" });
    }
    Ok(())
}

/// Fires one layer: `z <- open(x W * inverse + b)`, silenced units far below zero.
///
/// The first layer's images are not normalised in place: `inverse` holds each row's factor, and is
/// empty for the layers above.
#[inline(always)]
fn fire<H: Head, K: Kernel>(
    kernel: &mut K,
    head: &H,
    layer: &LayerRef<'_>,
    x: &[f32],
    inverse: &[f32],
    mask: Option<Mask>,
    z: &mut [f32],
) {
    kernel.product(layer.shape, x, layer.weights, z);
    open(kernel, head, layer, inverse, mask, z);
}

/// The same from the layer's product on; a function of its own on bare metal, so that its stack is not
/// in use while the product is made.
#[cfg_attr(target_os = "none", inline(never))]
fn open<H: Head, K: Kernel>(
    kernel: &mut K,
    head: &H,
    layer: &LayerRef<'_>,
    inverse: &[f32],
    mask: Option<Mask>,
    z: &mut [f32],
) {
    kernel.rows(layer.shape.outputs, z, |r, row| {
        if let Some(&inverse) = inverse.get(r) {
            activity::scale(row, inverse);
        }
        activity::add_scaled(row, 1.0, layer.biases);
        if let Some(mask) = mask {
            mask.sink(r, row);
        }
        head.open(row);
    });
}

/// Turns a layer's output into the next layer's input: `N(relu(z))`.
fn hand_on<K: Kernel>(kernel: &mut K, units: usize, z: &mut [f32]) {
    kernel.rows(units, z, |_, row| {
        activity::rectify(row);
        activity::scale(row, activity::inverse_rms(math::square_sum(row), units));
    });
}

/// 1 / N of each image.
fn inverse_norms(images: &[f32], features: usize, inverse: &mut [f32]) {
    for (image, inverse) in pieces::rows(images, features).zip(inverse) {
        *inverse = label::inverse_norm(image, 0, 0.0);
    }
}

/// One step over erased parameters: compiled once for every shape.
struct Step<'a, 'v, 'b, H, O, K> {
    settings: &'a OnePass<H, O>,
    parts: Parts<'a, 'v, K>,
    plan: Plan,
    key: u32,
    batch: Batch<'b>,
}

impl<H: Head, O: Optimiser, K: Kernel> Step<'_, '_, '_, H, O, K> {
    fn run(mut self, buffers: &mut Buffers<'_>) -> Result<Report, Error> {
        inverse_norms(self.batch.images, self.plan.features, buffers.inverse);
        let mut report = Report::default();
        let depth = self.parts.weights.layers.len();
        let mut labels = 0;
        for l in 0..depth {
            let shape = LayerMut::of(self.parts.weights.layers, l).shape;
            self.fire(l, buffers);
            self.score(labels, shape.outputs, buffers);
            let seen = self.report(buffers.scores);
            if !seen.is_finite() {
                return Err(Error::Diverged { layer: l });
            }
            // The report has room for every layer that the plan let through.
            let _ = report.layers.push(seen);
            report.errors = Some(self.errors(buffers.scores));
            self.compare(buffers.scores);
            if !self.settings.frozen.layer(l) {
                self.learn(l, labels, shape, buffers);
            }
            if l + 1 < depth {
                let z = pieces::first_mut(buffers.z, self.batch.len() * shape.outputs);
                hand_on(self.parts.kernel, shape.outputs, z);
                core::mem::swap(&mut buffers.x, &mut buffers.z);
            }
            labels += if H::LABEL_ROWS { self.plan.classes * shape.outputs } else { 0 };
        }
        Ok(report)
    }

    fn fire(&mut self, l: usize, buffers: &mut Buffers<'_>) {
        let Parts { weights, kernel, .. } = &mut self.parts;
        let layer = LayerMut::of(weights.layers, l);
        let samples = self.batch.len();
        let mask = Mask::new(self.settings.dropout, self.key, l);
        let z = pieces::first_mut(buffers.z, samples * layer.shape.outputs);
        let (x, inverse) = match l {
            0 => (self.batch.images, &*buffers.inverse),
            _ => (pieces::first(buffers.x, samples * layer.shape.inputs), &[][..]),
        };
        fire(*kernel, &self.settings.head, &layer, x, inverse, mask, z);
    }

    /// The layer's label rows, which begin at `start`.
    fn labels(readout: &[f32], start: usize, classes: usize, units: usize) -> LabelRows<'_> {
        LabelRows { classes, units, weights: readout.get(start..start + classes * units).unwrap_or_default() }
    }

    fn score(&mut self, start: usize, units: usize, buffers: &mut Buffers<'_>) {
        let Parts { weights, kernel, .. } = &mut self.parts;
        let labels = Self::labels(weights.readout, start, self.plan.classes, units);
        let z = pieces::first(buffers.z, self.batch.len() * units);
        self.settings.head.scores(*kernel, labels, z, buffers.scores);
    }

    /// The mean score of the true class, and of all others.
    fn report(&self, scores: &[f32]) -> LayerReport {
        let (mut own, mut all) = (0.0, 0.0);
        for (scores, &label) in pieces::rows(scores, self.plan.classes).zip(self.batch.labels) {
            own += scores.get(usize::from(label)).copied().unwrap_or(0.0);
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

    /// Turns scores into errors: `e_y = [y = t] - softmax_y`.
    fn compare(&mut self, scores: &mut [f32]) {
        let (labels, least) = (self.batch.labels, self.settings.settled);
        self.parts.kernel.rows(self.plan.classes, scores, |r, row| {
            errors(row, labels.get(r).map(|&label| usize::from(label)), least);
        });
    }

    /// Moves the layer's label rows, biases and weights.
    fn learn(&mut self, l: usize, start: usize, shape: Shape, buffers: &mut Buffers<'_>) {
        let (samples, classes, units) = (self.batch.len(), self.plan.classes, shape.outputs);
        let OnePass { head, optimiser, .. } = self.settings;
        let (pace, label_pace) = (self.settings.paced(self.settings.layers), self.settings.paced(self.settings.labels));
        let Parts { weights, kernel, .. } = &mut self.parts;
        let Buffers { x, z, directions, scores, inverse, gradient } = buffers;
        let z = pieces::first(z, samples * units);
        let directions = pieces::first_mut(directions, samples * units);
        let labels = Self::labels(weights.readout, start, classes, units);
        head.directions(*kernel, labels, z, scores, directions);
        if H::LABEL_ROWS {
            let block = weights.readout(start..start + classes * units, units, gradient);
            optimiser.update(*kernel, label_pace, block, |kernel, target| {
                head.fold_labels(kernel, classes, units, z, scores, target);
            });
        }
        let mean = |fold: f32| fold / samples as f32;
        let block = weights.biases(l, gradient);
        let bias_pace = Pace { decay: 0.0, ..pace };
        optimiser.update(*kernel, bias_pace, block, |_, Target { fold, array, .. }| {
            add_rows(fold.keep, mean(fold.scale), directions, array);
        });
        let x = match l {
            0 => {
                kernel.rows(units, directions, |r, row| {
                    activity::scale(row, inverse.get(r).copied().unwrap_or(0.0));
                });
                self.batch.images
            }
            _ => pieces::first(x, samples * shape.inputs),
        };
        let block = weights.weights(l, 0..shape.inputs, gradient);
        optimiser.update(*kernel, pace, block, |kernel, Target { fold, array, .. }| {
            kernel.add_dense_outer(shape, fold.keep, mean(fold.scale), x, directions, array);
        });
    }
}

/// Turns a row of scores into errors, those no larger than `least` into 0.
#[cfg_attr(target_os = "none", inline(never))]
fn errors(row: &mut [f32], truth: Option<usize>, least: f32) {
    math::softmax_above(row, least);
    for (y, e) in row.iter_mut().enumerate() {
        *e = label::unless_settled(least, if Some(y) == truth { 1.0 - *e } else { -*e });
    }
}

/// `target <- keep * target + scale * (the sum of all rows)`.
fn add_rows(keep: f32, scale: f32, rows: &[f32], target: &mut [f32]) {
    activity::keep(keep, target);
    for row in pieces::rows(rows, target.len()) {
        activity::add_scaled(target, scale, row);
    }
}
