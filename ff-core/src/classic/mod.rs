//! The classic supervised recipe: one training step on a batch.
//!
//! For every sample the positive input `N([true label | image])` and the negative input
//! `N([wrong label | image])` go up the network side by side. Each layer, right after its own
//! forward product, is moved so that its goodness rises on the positive and falls on the negative
//! rows; then it hands its normalised activities on. With a readout, a third, *neutral* pass (all
//! label slots equal) comes first: it trains the readout and shows which wrong labels are hard.
//!
//! Per step, with batch B and rows stacked as B positive, then B negative:
//!
//! 1. `q = X W_features`: the images' product, computed once for all labels.
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
mod neutral;
mod scratch;

pub(crate) use neutral::{Neutral, PassDropout, multiply_pixels};

use crate::error::{self, Error};
use crate::goodness::{Logistic, Objective};
use crate::kernel::Kernel;
use crate::label::Negatives;
use crate::layer::{LayerMut, LayerRef, Shape};
use crate::network::{MAX_LAYERS, Parameters, Plan};
use crate::optimiser::{Momentum, Optimiser, Pace, Sgd};
use crate::random::Rng;
use crate::sample::Batch;
use contrast::Contrast;
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
    /// What a schedule moves: multiplies both rates. 1 is the full rate.
    pub gain: f32,
    /// The layers' pace.
    pub layers: Pace,
    /// The readout's pace; a rate of 0 leaves it alone.
    pub readout: Pace,
    /// The strength of peer normalisation; 0 turns it off, and then `means` may be empty.
    pub peer: f32,
    /// The probability that a unit is silenced; 0 turns dropout off.
    pub dropout: f32,
    /// How the wrong labels are drawn.
    pub negatives: Negatives,
}

impl Classic<Logistic, Sgd> {
    /// For small networks that learn one sample at a time: plain descent, uniform negatives,
    /// nothing that needs memory.
    pub const SMALL: Self = Self {
        goodness: Logistic::CLASSIC,
        optimiser: Sgd,
        gain: 1.0,
        layers: Pace { rate: 0.003, decay: 0.0 },
        readout: Pace { rate: 0.0, decay: 0.0 },
        peer: 0.0,
        dropout: 0.0,
        negatives: Negatives::Uniform,
    };
}

impl Classic<Logistic, Momentum> {
    /// The published recipe for wide layers and batches of 100, without dropout.
    pub const PUBLISHED: Self = Self {
        goodness: Logistic::CLASSIC,
        optimiser: Momentum { coefficient: 0.9 },
        gain: 1.0,
        layers: Pace { rate: 0.01, decay: 0.002 },
        readout: Pace { rate: 0.1, decay: 0.003 },
        peer: 0.03,
        dropout: 0.0,
        negatives: Negatives::Hard,
    };
}

/// Everything that a step works on. All of it is the caller's: firmware keeps statics, a host
/// vectors.
#[derive(Debug)]
pub struct Learner<'a, P, V, K> {
    /// What learns.
    pub network: &'a mut P,
    /// The optimiser's state: [`Stateless`](crate::optimiser::Stateless), or a second network that
    /// began as zeros.
    pub velocity: &'a mut V,
    /// Peer normalisation's running means, one a unit of every layer, beginning as zeros; empty
    /// where it is off.
    pub means: &'a mut [f32],
    /// At least [`Classic::scratch_floats`] floats of any content.
    pub scratch: &'a mut [f32],
    /// Draws wrong labels and dropout masks.
    pub rng: &'a mut Rng,
    /// Multiplies.
    pub kernel: &'a mut K,
}

/// What a step saw, before it changed anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Each layer's mean goodness.
    pub layers: heapless::Vec<LayerReport, MAX_LAYERS>,
    /// How many samples of the batch the readout got wrong; none without a neutral pass.
    pub readout_errors: Option<usize>,
}

/// A layer's goodness per unit (so 1 is the usual threshold), a mean over the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LayerReport {
    /// Of the positive rows.
    pub positive: f32,
    /// Of the negative rows.
    pub negative: f32,
}

impl<G: Objective, O: Optimiser> Classic<G, O> {
    /// Learns from one batch of any size that the scratch has room for.
    ///
    /// # Errors
    /// A bad batch, a setting out of range, or a slice of the wrong length: nothing has changed.
    /// [`Error::Diverged`]: see there.
    pub fn step<P, V, K>(&self, learner: &mut Learner<'_, P, V, K>, batch: Batch<'_>) -> Result<Report, Error>
    where
        P: Parameters,
        V: Parameters,
        K: Kernel,
    {
        let classes = learner.network.classes();
        let (mut layers, readout) = learner.network.views_mut();
        let (mut velocity, readout_velocity) = learner.velocity.views_mut();
        let step = Step {
            settings: self,
            layers: layers.as_mut(),
            velocity: velocity.as_mut(),
            readout,
            readout_velocity,
            means: learner.means,
            kernel: learner.kernel,
        };
        step.run(classes, learner.scratch, learner.rng, batch)
    }

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    pub fn check(&self) -> Result<(), Error> {
        self.goodness.check()?;
        self.optimiser.check()?;
        error::within("gain", self.gain, 0.0, f32::MAX)?;
        error::within("layer rate", self.layers.rate, 0.0, f32::MAX)?;
        error::within("layer decay", self.layers.decay, 0.0, f32::MAX)?;
        error::within("readout rate", self.readout.rate, 0.0, f32::MAX)?;
        error::within("readout decay", self.readout.decay, 0.0, f32::MAX)?;
        error::within("peer", self.peer, 0.0, f32::MAX)?;
        error::within("dropout", self.dropout, 0.0, 0.99)
    }

    /// The pace of a matrix under the schedule's gain.
    fn paced(&self, pace: Pace) -> Pace {
        Pace { rate: self.gain * pace.rate, decay: pace.decay }
    }
}

/// One step over erased parameters: compiled once for every shape.
struct Step<'a, 'v, G, O, K> {
    settings: &'a Classic<G, O>,
    layers: &'a mut [LayerMut<'v>],
    velocity: &'a mut [LayerMut<'v>],
    readout: &'a mut [f32],
    readout_velocity: &'a mut [f32],
    means: &'a mut [f32],
    kernel: &'a mut K,
}

impl<G: Objective, O: Optimiser, K: Kernel> Step<'_, '_, G, O, K> {
    fn run(mut self, classes: usize, floats: &mut [f32], rng: &mut Rng, batch: Batch<'_>) -> Result<Report, Error> {
        let plan = self.check(classes, batch)?;
        let neutral = plan.readout_from < self.layers.len() && self.settings.needs_neutral();
        let mut scratch = Scratch::carve(floats, self.settings, self.layers, &plan, batch.len())?;
        let keys = Keys::draw(rng);
        let mut report = Report::default();

        let pixels = scratch.pixels();
        let first = self.layers[0].as_ref();
        multiply_pixels(self.kernel, &plan, &first, batch.images, pixels);
        if neutral {
            report.readout_errors = Some(self.learn_readout(&plan, &mut scratch, keys.neutral, batch));
        }
        let contrast = Contrast { step: &mut self, plan, keys, batch };
        contrast.learn_layers(&mut scratch, &mut report)?;
        Ok(report)
    }

    /// Everything that can be refused, before anything changes.
    fn check(&self, classes: usize, batch: Batch<'_>) -> Result<Plan, Error> {
        self.settings.check()?;
        let plan = Plan::new(classes, self.layers.iter().map(LayerMut::as_ref), self.readout.len())?;
        batch.check(plan.features, classes)?;
        if self.settings.negatives == Negatives::Hard && self.readout.is_empty() {
            return Err(Error::Shape { what: "hard negatives need a readout" });
        }
        if self.settings.peer > 0.0 {
            let units = self.layers.iter().map(|layer| layer.shape.outputs).sum();
            error::exactly("means", units, self.means.len())?;
        }
        if O::STATEFUL {
            self.check_velocity()?
        }
        Ok(plan)
    }

    /// The velocity has the network's own shapes.
    fn check_velocity(&self) -> Result<(), Error> {
        error::exactly("velocity's layers", self.layers.len(), self.velocity.len())?;
        error::exactly("velocity's readout", self.readout.len(), self.readout_velocity.len())?;
        for (layer, velocity) in self.layers.iter().zip(self.velocity.iter()) {
            error::exactly("velocity's weights", layer.weights.len(), velocity.weights.len())?;
            error::exactly("velocity's biases", layer.biases.len(), velocity.biases.len())?;
        }
        Ok(())
    }

    /// The neutral pass, then the readout's delta rule. Leaves the readout's probabilities (from
    /// before the change) in scratch and returns how many samples it got wrong.
    fn learn_readout(&mut self, plan: &Plan, scratch: &mut Scratch<'_>, key: u32, batch: Batch<'_>) -> usize {
        let mut buffers = scratch.neutral();
        self.pass_neutral(plan, &mut buffers, key, batch);
        let errors = neutral::count_errors(plan.classes, buffers.probabilities, batch.labels);
        if self.settings.readout.rate > 0.0 {
            neutral::towards_truth(plan.classes, buffers.probabilities, batch.labels, buffers.partial);
            self.move_readout(plan, batch.len(), buffers.pool, buffers.partial);
        }
        errors
    }

    fn pass_neutral(&mut self, plan: &Plan, buffers: &mut NeutralBuffers<'_>, key: u32, batch: Batch<'_>) {
        let layers: heapless::Vec<LayerRef<'_>, MAX_LAYERS> = self.layers.iter().map(LayerMut::as_ref).collect();
        let pass = Neutral { plan, layers: &layers, readout: self.readout, rows: batch.len() };
        let dropout = PassDropout { probability: self.settings.dropout, key };
        let NeutralBuffers { pool, partial, probabilities } = buffers;
        pass.forward(self.kernel, batch.images, dropout, pool, partial, probabilities);
    }

    /// `S_l <- S_l + ... N(h_l)' (t - p)` for every layer that the readout reads.
    fn move_readout(&mut self, plan: &Plan, rows: usize, pool: &[f32], errors: &[f32]) {
        let optimiser = &self.settings.optimiser;
        let pace = self.settings.paced(self.settings.readout);
        let fold = optimiser.fold(pace);
        let mut start = 0;
        for (l, layer) in self.layers.iter().enumerate().skip(plan.readout_from) {
            let shape = Shape { inputs: layer.shape.outputs, outputs: plan.classes };
            let weights = self.readout.get_mut(start..start + shape.weights()).unwrap_or(&mut []);
            let velocity = match O::STATEFUL {
                true => self.readout_velocity.get_mut(start..start + shape.weights()).unwrap_or(&mut []),
                false => &mut [],
            };
            let activities = neutral::slot(pool, plan, rows, l, shape.inputs);
            let target = optimiser.target(weights, velocity);
            self.kernel.add_outer(shape, fold.keep, fold.scale / rows as f32, activities, errors, target);
            optimiser.advance(self.kernel, pace, plan.classes, weights, velocity);
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
