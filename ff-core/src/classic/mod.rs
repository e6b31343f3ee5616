//! The classic supervised recipe: one training step on a batch.
//!
//! For every sample the positive input `N([true label | sample])` and the negative input
//! `N([wrong label | sample])` go up the network side by side. Each layer, right after its own
//! forward product, is moved so that its goodness rises on the positive and falls on the negative
//! rows; then it hands its normalised activities on. With a readout, a third, *neutral* pass (all
//! label slots equal) comes first: it trains the readout and shows which wrong labels are hard.
//!
//! Per step, with batch B and rows stacked as B positive, then B negative:
//!
//! 1. `q = X W_features`: the samples' product, computed once for all labels.
//! 2. Neutral: `h_1 = relu((q + mean label row) / n_0 + b)`, upwards, `p = softmax(sum N(h_l) S_l)`;
//!    `S <- S + ...(t - p)`: [`Readout`](crate::network::Readout)'s delta rule.
//! 3. First layer: `h = relu((q + label row) / n + b)`, goodness `G`, slopes `c` of the
//!    [objective](crate::goodness), `D+ = c+ h+ + v`, `D- = c- h-` with `v` of
//!    [peer normalisation](crate::peer); features move along `X' ((D+ + D-) / n)`, label rows along
//!    their own rows' `D / n`, biases along the sum of `D`.
//! 4. Every further layer: the same with inputs `N(h)` of the layer before.
//!
//! Cost in multiply-adds a sample, for features F and widths d_1..d_L:
//! `2 F d_1 + 4 sum d_(l-1) d_l`, and with a readout `sum d_(l-1) d_l` and `2 C sum d_l` more.
//!
//! Source: Hinton 2022 and the program published with it.

mod contrast;
mod costs;
mod labelled;
mod samples;
mod scratch;
mod slices;
mod stacked;
mod unsupervised;

use crate::error::{self, Error};
use crate::goodness::{Logistic, Objective};
use crate::kernel::Kernel;
use crate::label::Negatives;
use crate::layer::{LayerMut, LayerRef, Shape};
use crate::learner::{Frozen, Learner, Parts, Report};
use crate::network::{MAX_LAYERS, Parameters, Plan};
use crate::neutral::{self, Neutral, PassDropout};
use crate::optimiser::{self, Momentum, Optimiser, Sgd, State, StepSize, Target};
use crate::progress::{Budget, Phase, Progress, Stop, Unlimited};
use crate::random::Rng;
use crate::sample::Batch;
pub use slices::Slices;
pub use unsupervised::Unsupervised;

use scratch::{NeutralBuffers, Scratch};

/// The settings of the classic recipe. Passed to every step, never stored with the state, so each
/// may change from one step to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Classic<G = Logistic, O = Sgd> {
    /// The objective that each layer climbs.
    pub goodness: G,
    /// How directions become changes.
    pub optimiser: O,
    /// What a schedule moves: multiplies both rates. 1 is the full rate; 0 to [`optimiser::MOST`].
    pub lr_scale: f32,
    /// The layers' step size.
    pub layers: StepSize,
    /// The readout's step size; a rate of 0 leaves it alone.
    pub readout: StepSize,
    /// The strength of peer normalisation; 0 turns it off, and then `means` may be empty.
    pub peer: f32,
    /// The probability that a unit is silenced, up to 0.99; 0 turns dropout off.
    pub dropout: f32,
    /// How the wrong labels are drawn.
    pub negatives: Negatives,
    /// The layers that keep their weights.
    pub frozen: Frozen,
}

impl Classic<Logistic, Sgd> {
    /// For small networks that learn one sample at a time: plain descent, uniform negatives,
    /// nothing that needs memory.
    pub const SMALL: Self = Self {
        goodness: Logistic::CLASSIC,
        optimiser: Sgd,
        lr_scale: 1.0,
        layers: StepSize { learning_rate: 0.003, weight_decay: 0.0 },
        readout: StepSize { learning_rate: 0.0, weight_decay: 0.0 },
        peer: 0.0,
        dropout: 0.0,
        negatives: Negatives::Uniform,
        frozen: Frozen::NONE,
    };
}

impl Classic<Logistic, Momentum> {
    /// The published recipe for wide layers and batches of 100, without dropout.
    pub const PUBLISHED: Self = Self {
        goodness: Logistic::CLASSIC,
        optimiser: Momentum { coefficient: 0.9 },
        lr_scale: 1.0,
        layers: StepSize { learning_rate: 0.01, weight_decay: 0.002 },
        readout: StepSize { learning_rate: 0.1, weight_decay: 0.003 },
        peer: 0.03,
        dropout: 0.0,
        negatives: Negatives::Hard,
        frozen: Frozen::NONE,
    };
}

impl<G, O> Classic<G, O> {
    /// One step size for the layers, at the full rate, and nothing else: no readout, uniform negatives, no
    /// peer normalisation, no dropout, no frozen layer.
    #[must_use]
    pub const fn new(goodness: G, optimiser: O, step_size: StepSize) -> Self {
        Self {
            goodness,
            optimiser,
            lr_scale: 1.0,
            layers: step_size,
            readout: StepSize { learning_rate: 0.0, weight_decay: 0.0 },
            peer: 0.0,
            dropout: 0.0,
            negatives: Negatives::Uniform,
            frozen: Frozen::NONE,
        }
    }
}

impl<G: Objective> Classic<G, Sgd> {
    /// For small networks that see each sample once, one at a time: plain descent at the objective's own
    /// [`Objective::ONLINE_RATE`].
    ///
    /// Chosen and measured as [`OnePass::online`](crate::onepass::OnePass::online) is:
    ///
    /// | objective | rate | falling to 0 | constant |
    /// |---|---|---|---|
    /// | [`Logistic`] | 0.01 | 86.1 % | 68.2 % |
    /// | [`MeanSquare`](crate::goodness::MeanSquare) | 0.02 | 78.4 % | 66.5 % |
    /// | [`SymBa`](crate::goodness::SymBa) | 0.03 | 86.3 % | 72.4 % |
    /// | [`Minimised`](crate::goodness::Minimised) | 0.01 | 85.2 % | 72.2 % |
    ///
    /// One wrong label a sample teaches slowly: where one pass is all there is, take a one-pass rule.
    ///
    /// ```
    /// use ff_core::prelude::*;
    ///
    /// type Net = Network<Dense2<4, 16, 8>, 2>;
    /// const RULE: Classic<SymBa> = Classic::online(SymBa::STANDARD);
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
    pub const fn online(goodness: G) -> Self {
        Self::new(goodness, Sgd, StepSize { learning_rate: G::ONLINE_RATE, weight_decay: 0.0 })
    }
}

impl<G: Objective, O: Optimiser> Classic<G, O> {
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
        self.run(learner, batch, None)
    }

    /// Learns from one batch whose negatives are samples of their own: unsupervised learning, in
    /// which labels serve the readout alone.
    ///
    /// `negatives` holds a sample for each of the batch, such as a [hybrid](crate::hybrid) of two.
    /// The network takes [features only](crate::network::FeaturesOnly), and is classified by its
    /// readout. Scratch: `batch` floats more than [`Classic::scratch_floats`]. Source: Hinton 2022,
    /// section 3.2.
    ///
    /// Use when few samples have labels, or none. Avoid when all have: the layers then spend their
    /// units on what the classes have in common.
    ///
    /// # Errors
    /// As [`Classic::step`].
    pub fn step_unsupervised<P, S, K>(
        &self,
        learner: &mut Learner<'_, P, S, K>,
        batch: Batch<'_>,
        negatives: &[f32],
    ) -> Result<Report, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        self.run(learner, batch, Some(negatives))
    }

    fn run<P, S, K>(
        &self,
        learner: &mut Learner<'_, P, S, K>,
        batch: Batch<'_>,
        negatives: Option<&[f32]>,
    ) -> Result<Report, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        let (classes, slots) = (learner.network.classes(), learner.network.label_slots());
        learner.erased(|parts, floats, rng| {
            let plan = self.plan((classes, slots), &parts, batch, negatives)?;
            let scratch = Scratch::carve(floats, self, parts.weights.layers, &plan, batch.len(), negatives.is_some())?;
            let mut step = Step { settings: self, parts, plan, keys: Keys::draw(rng), batch, negatives };
            let mut progress = Progress::new(Unlimited);
            match step.proceed(scratch, &mut progress) {
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
        negatives: Option<&[f32]>,
    ) -> Result<Plan, Error> {
        self.check()?;
        let layers = &*parts.weights.layers;
        let readout = parts.weights.readout.len();
        let plan = Plan::new(classes, slots, layers.iter().map(LayerMut::as_ref), readout)?;
        batch.check(plan.features, classes)?;
        match negatives {
            None => plan.expect_label_slots(classes, "the classic recipe puts labels on the first layer's inputs")?,
            Some(samples) => {
                plan.expect_label_slots(0, "negative samples go to a network without label inputs")?;
                error::exactly("negatives", batch.samples.len(), samples.len())?;
                error::squarable("negatives", samples)?;
            }
        }
        if self.negatives == Negatives::Hard && readout == 0 && negatives.is_none() {
            return Err(Error::Shape { what: "hard negatives need a readout" });
        }
        if self.peer > 0.0 {
            let units = layers.iter().map(|layer| layer.shape.outputs).sum();
            error::exactly("means", units, parts.means.len())?;
        }
        parts.weights.check::<O>()?;
        Ok(plan)
    }

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    pub fn check(&self) -> Result<(), Error> {
        self.goodness.check()?;
        self.optimiser.check()?;
        error::within("lr_scale", self.lr_scale, 0.0, optimiser::MOST)?;
        error::within("layer rate", self.layers.learning_rate, 0.0, optimiser::MOST)?;
        error::within("layer decay", self.layers.weight_decay, 0.0, optimiser::MOST)?;
        error::within("readout rate", self.readout.learning_rate, 0.0, optimiser::MOST)?;
        error::within("readout decay", self.readout.weight_decay, 0.0, optimiser::MOST)?;
        error::within("peer", self.peer, 0.0, f32::MAX)?;
        error::within("dropout", self.dropout, 0.0, 0.99)
    }

    /// The step size of a matrix under the schedule's scale.
    fn scaled(&self, step_size: StepSize) -> StepSize {
        StepSize { learning_rate: self.lr_scale * step_size.learning_rate, weight_decay: step_size.weight_decay }
    }
}

/// One step over erased parameters: compiled once for every shape.
struct Step<'a, 'v, 'b, G, O, K> {
    settings: &'a Classic<G, O>,
    parts: Parts<'a, 'v, K>,
    plan: Plan,
    keys: Keys,
    batch: Batch<'b>,
    /// Negative samples; none where a wrong label is what makes a row negative.
    negatives: Option<&'b [f32]>,
}

impl<G: Objective, O: Optimiser, K: Kernel> Step<'_, '_, '_, G, O, K> {
    /// Goes on from where the step stands, to its end or until the budget is spent.
    fn proceed<B: Budget>(&mut self, mut scratch: Scratch<'_>, progress: &mut Progress<B>) -> Result<(), Stop> {
        if progress.layer == 0 {
            let units = self.layer(0).shape.outputs;
            progress.run(Phase::Multiply, self.plan.features, self.batch.len() * units, |_, part| {
                let first = LayerMut::of(self.parts.weights.layers, 0);
                let (kernel, samples) = (&mut *self.parts.kernel, self.batch.samples);
                neutral::multiply_some_pixels(kernel, &self.plan, &first, part, samples, scratch.pixels());
                Ok(())
            })?;
            if self.has_neutral() {
                let cost = costs::neutral(self.layers(), &self.plan, self.batch.len());
                progress.run(Phase::Neutral, 1, cost, |progress, _| {
                    progress.report.errors = Some(self.learn_readout(&mut scratch)?);
                    Ok(())
                })?;
            }
        }
        self.learn_layers(scratch.contrast(), progress)
    }

    fn has_neutral(&self) -> bool {
        self.plan.readout_from < self.layers().len() && self.settings.needs_neutral()
    }

    fn layers(&self) -> &[LayerMut<'_>] {
        self.parts.weights.layers
    }

    fn layer(&self, l: usize) -> LayerRef<'_> {
        LayerMut::of(self.parts.weights.layers, l)
    }

    /// The neutral pass, then the readout's delta rule. Leaves the readout's probabilities (from
    /// before the change) in scratch and returns how many samples it got wrong.
    fn learn_readout(&mut self, scratch: &mut Scratch<'_>) -> Result<usize, Error> {
        let mut buffers = scratch.neutral();
        self.pass_neutral(&mut buffers);
        let diverged = Error::Diverged { layer: self.layers().len() };
        error::finite("probabilities", buffers.probabilities).map_err(|_| diverged)?;
        let (classes, labels) = (self.plan.classes, self.batch.labels);
        let errors = neutral::count_errors(classes, buffers.probabilities, labels);
        if self.settings.readout.learning_rate > 0.0 {
            neutral::towards_truth(classes, buffers.probabilities, labels, buffers.partial);
            self.move_readout(&mut buffers);
        }
        Ok(errors)
    }

    fn pass_neutral(&mut self, buffers: &mut NeutralBuffers<'_>) {
        let Parts { weights, kernel, .. } = &mut self.parts;
        let mut layers = heapless::Vec::<LayerRef<'_>, MAX_LAYERS>::new();
        for layer in weights.layers.iter() {
            // There is room for every layer that the plan let through.
            let _ = layers.push(layer.as_ref());
        }
        let pass = Neutral { plan: &self.plan, layers: &layers, readout: weights.readout, rows: self.batch.len() };
        let dropout = PassDropout { probability: self.settings.dropout, key: self.keys.neutral };
        let NeutralBuffers { pool, partial, probabilities, .. } = buffers;
        pass.forward(*kernel, self.batch.samples, dropout, pool, partial, probabilities);
    }

    /// `S_l <- S_l + ... N(h_l)' (t - p)` for every layer that the readout reads.
    fn move_readout(&mut self, buffers: &mut NeutralBuffers<'_>) {
        let NeutralBuffers { pool, partial: errors, gradient, .. } = buffers;
        let (plan, rows) = (&self.plan, self.batch.len());
        let step_size = self.settings.scaled(self.settings.readout);
        let Parts { weights, kernel, .. } = &mut self.parts;
        let mut start = 0;
        for l in plan.readout_from..weights.layers.len() {
            let shape = Shape { inputs: LayerMut::of(weights.layers, l).shape.outputs, outputs: plan.classes };
            let activities = neutral::slot(pool, plan, rows, l, shape.inputs);
            let block = weights.readout(start..start + shape.weights(), plan.classes, gradient);
            self.settings.optimiser.update(*kernel, step_size, block, |kernel, Target { fold, array, .. }| {
                kernel.rank_update(shape, fold.keep, fold.scale / rows as f32, activities, errors, array);
            });
            start += shape.weights();
        }
    }
}

/// A step's random keys: rows and layers derive their own from them, in any order.
#[derive(Clone, Copy)]
struct Keys {
    negatives: u32,
    neutral: u32,
    contrast: u32,
}

impl Keys {
    fn draw(rng: &mut Rng) -> Self {
        Self { negatives: rng.next_u32(), neutral: rng.next_u32(), contrast: rng.next_u32() }
    }
}
