//! One-pass rules: every layer scores all classes from a single pass of the sample, and learns from
//! the softmax of its own scores.
//!
//! The sample goes up once, without a label. Each layer, right after its own product, turns what it
//! has into a score for every class by its [`Head`], moves so that the true class's score rises
//! over the others', and hands its normalised activities on. All wrong classes serve as negatives at
//! once, so nothing is drawn and no pass is wasted, and no gradient crosses a layer.
//!
//! Per step, with batch B, for every layer `l` with input `x_l` (`x_1 = N(sample)`):
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
//!
//! A step can be done in slices, between which a processor does other things: [`OnePass::begin`].

mod costs;
mod cross_entropy;
mod forward;
mod groups;
mod head;
mod nway;
mod score;
mod scratch;
mod slices;
mod step;

pub use cross_entropy::LocalCrossEntropy;
pub use groups::LabelGroups;
pub(crate) use groups::group;
pub use head::{Head, LabelRows};
pub use nway::NWay;
pub use score::{score_floats, scores};
pub use slices::Slices;

use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::label;
use crate::layer::LayerMut;
use crate::learner::{Frozen, Learner, Parts, Report};
use crate::network::{self, Parameters, Plan};
use crate::optimiser::{self, Optimiser, Sgd, State, StepSize};
use crate::progress::{Progress, Stop, Unlimited};
use crate::random::Rng;
use crate::sample::Batch;
use scratch::Buffers;
use step::Step;

/// The settings of a one-pass rule. Passed to every step, never stored with the state, so each may
/// change from one step to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OnePass<H = NWay, O = Sgd> {
    /// How a layer scores classes.
    pub head: H,
    /// How directions become changes.
    pub optimiser: O,
    /// What a schedule moves: multiplies both rates. 1 is the full rate; 0 to [`optimiser::MOST`].
    pub lr_scale: f32,
    /// The layers' step size.
    pub layers: StepSize,
    /// The label rows' step size.
    pub labels: StepSize,
    /// The probability that a unit is silenced, up to 0.99; 0 turns dropout off.
    pub dropout: f32,
    /// The layers that keep their weights and label rows.
    pub frozen: Frozen,
    /// The part of the truth that all labels share, 0 to 0.5: the errors are then
    /// `e_y = (1 - s) [y = t] + s / C - softmax_y`, with s for this, and no label is ever meant to be
    /// certain. Source: [arXiv 1512.00567](https://arxiv.org/abs/1512.00567).
    ///
    /// Use where classes overlap and it was measured: 0.1 took 1 error in 70 from N-way goodness on
    /// Fashion-MNIST, none from local cross-entropy, and made more on MNIST. Avoid where time counts:
    /// wrong labels never settle.
    pub label_smoothing: f32,
    /// What errors of wrong labels may be left out of a sample, in all, 0 to 0.5: with C classes those no
    /// larger than a Cth of this count as zero (up to [`SKIP_ERROR_BELOW`] all that are no larger than this; with
    /// smoothed labels never more than that). The true label's is what the others leave, so that they still
    /// add up to 0; otherwise all goodness would rise without end.
    ///
    /// What a label costs in a step it costs only while it is not settled, so a device that has
    /// learned most of its data takes shorter steps. [`SKIP_ERROR_BELOW`] leaves out what f32 could not
    /// tell anyway.
    pub skip_error_below: f32,
}

/// The least value of [`OnePass::skip_error_below`] that makes sense: smaller errors could not move a weight
/// that any other error moves.
pub const SKIP_ERROR_BELOW: f32 = label::LEAST;

impl<H, O> OnePass<H, O> {
    /// One step size for layers and label rows, at the full rate, and nothing else: no dropout, no frozen layer,
    /// no smoothed labels.
    #[must_use]
    pub const fn new(head: H, optimiser: O, step_size: StepSize) -> Self {
        Self {
            head,
            optimiser,
            lr_scale: 1.0,
            layers: step_size,
            labels: step_size,
            dropout: 0.0,
            frozen: Frozen::NONE,
            label_smoothing: 0.0,
            skip_error_below: SKIP_ERROR_BELOW,
        }
    }
}

impl<H: Head> OnePass<H, Sgd> {
    /// For small networks that see each sample once, one at a time: plain descent at the head's own
    /// [`Head::ONLINE_RATE`].
    ///
    /// Chosen on 8x8 digits: of eleven rates from 0.003 to 0.5 the one with the highest mean accuracy after
    /// one pass over 1,079 digits at a constant rate and at one that falls to 0 in a straight line, on 359
    /// digits apart, over five seeds. On the held-out 359, after one pass over 1,438 digits (`cargo test -p
    /// ff-core --test online -- --nocapture` prints it), two layers of 32 units recognise:
    ///
    /// | head | rate | falling to 0 | constant |
    /// |---|---|---|---|
    /// | [`NWay`] | 0.02 | 93.9 % | 90.9 % |
    /// | [`LabelGroups`] | 0.01 | 88.8 % | 87.9 % |
    /// | [`LocalCrossEntropy`] | 0.03 | 93.2 % | 90.8 % |
    ///
    /// So let it fall where an end is known (`trainer.rule.lr_scale`). It is a beginning: a rate too high
    /// shows as [`Error::Diverged`] or as chance, and standardised features of sensors bore four times as much.
    ///
    /// ```
    /// use ff_core::prelude::*;
    ///
    /// type Net = Network<Dense2<2, 16, 16>, 2, NoReadout, FeaturesOnly>;
    /// const RULE: OnePass<LabelGroups> = OnePass::online(LabelGroups::STANDARD);
    ///
    /// let mut memory = Memory::<Net, { RULE.floats::<Net>(1) }>::ZEROED;
    /// let mut trainer = Trainer::new(RULE, &mut memory, 1);
    /// for _ in 0..300 {
    ///     trainer.step(&[0.2, 0.9], &[0])?;
    ///     trainer.step(&[0.8, 0.1], &[1])?;
    /// }
    /// assert_eq!([trainer.classify(&[0.3, 0.7])?, trainer.classify(&[0.9, 0.3])?], [0, 1]);
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub const fn online(head: H) -> Self {
        Self::new(head, Sgd, StepSize { learning_rate: H::ONLINE_RATE, weight_decay: 0.0 })
    }
}

impl<H: Head, O: Optimiser> OnePass<H, O> {
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
            let plan = self.plan((classes, slots), &parts, batch)?;
            let buffers = Buffers::carve::<O>(floats, &parts, &plan, batch.len())?;
            let key = rng.next_u32();
            let mut progress = Progress::new(Unlimited);
            match (Step { settings: self, parts, plan, key, batch }).proceed(buffers, &mut progress) {
                Err(Stop::Failed(error)) => Err(error),
                // Without a limit it does not pause.
                Ok(()) | Err(Stop::Paused) => Ok(progress.report),
            }
        })
    }

    /// Everything that can be refused, before anything changes.
    fn plan<K>(
        &self,
        (classes, slots): (usize, usize),
        parts: &Parts<'_, '_, K>,
        batch: Batch<'_>,
    ) -> Result<Plan, Error> {
        self.check()?;
        let layers = parts.weights.layers.iter().map(LayerMut::as_ref);
        let plan = Plan::new(classes, slots, layers, parts.weights.readout.len())?;
        check_plan::<H>(&plan)?;
        batch.check(plan.features, classes)?;
        parts.weights.check::<O>()?;
        Ok(plan)
    }

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    pub fn check(&self) -> Result<(), Error> {
        self.head.check()?;
        self.optimiser.check()?;
        error::within("lr_scale", self.lr_scale, 0.0, optimiser::MOST)?;
        error::within("layer rate", self.layers.learning_rate, 0.0, optimiser::MOST)?;
        error::within("layer decay", self.layers.weight_decay, 0.0, optimiser::MOST)?;
        error::within("label rate", self.labels.learning_rate, 0.0, optimiser::MOST)?;
        error::within("label decay", self.labels.weight_decay, 0.0, optimiser::MOST)?;
        error::within("dropout", self.dropout, 0.0, 0.99)?;
        error::within("label smoothing", self.label_smoothing, 0.0, 0.5)?;
        error::within("skip_error_below", self.skip_error_below, 0.0, 0.5)
    }

    fn scaled(&self, step_size: StepSize) -> StepSize {
        StepSize { learning_rate: self.lr_scale * step_size.learning_rate, weight_decay: step_size.weight_decay }
    }
}

/// Refuses a head's settings out of range, and a network that does not suit it.
pub(crate) fn check_head<H: Head>(head: &H, plan: &Plan) -> Result<(), Error> {
    head.check()?;
    check_plan::<H>(plan)
}

fn check_plan<H: Head>(plan: &Plan) -> Result<(), Error> {
    plan.expect_label_slots(0, "one-pass rules take a network without label inputs")?;
    if H::LABEL_ROWS && plan.readout_from != 0 {
        return Err(Error::Shape { what: "this head needs label rows for every layer: a readout of all units" });
    }
    Ok(())
}
