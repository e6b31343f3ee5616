//! The learning rules of ff-core by name: what each takes, what it can be read by, and its step.

use clap::ValueEnum;
use ff_core::classic::Classic;
use ff_core::classify;
use ff_core::error::Error;
use ff_core::goodness::{Logistic, MeanSquare, Minimised, Objective, SymBa};
use ff_core::kernel::Kernel;
use ff_core::layer::Shape;
use ff_core::learner::{Frozen, Learner, Report};
use ff_core::network;
use ff_core::onepass::{self, Head, LabelGroups, LocalCrossEntropy, NWay, OnePass, SKIP_ERROR_BELOW};
use ff_core::optimiser::{Moments, Optimiser, Sgd, StepSize};
use ff_core::random::Rng;
use ff_core::sample::Batch;
use serde::{Deserialize, Serialize};

use crate::network::HostNetwork;
use crate::recipe::{Negatives, Readout, Recipe};

/// The learning rule: what a layer's step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Positive against negative passes, logistic with a threshold: the published algorithm
    Classic,
    /// Positive against negative passes, the goodness per unit
    MeanSquare,
    /// Positive against negative passes, by their gap: no threshold
    Symba,
    /// Classic with low goodness for positive data
    Minimised,
    /// Images against hybrids of two, without labels; a readout on top
    Unsupervised,
    /// The goodness of every label in one pass, by a label column in each layer
    NWay,
    /// The goodness of every label in one pass, each class having units of its own
    Groups,
    /// A classifier of its own for each layer, in one pass
    LocalCrossEntropy,
}

/// What a network's answer can be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Each label's goodness.
    Goodness,
    /// A readout, or the layers' own classifiers.
    Readout,
}

/// A softmax's probability as a logit, but for a constant that no softmax sees.
pub(crate) fn logit(probability: f32) -> f32 {
    probability.max(f32::MIN_POSITIVE).ln()
}

/// Runs `$body` with `$objective` bound to a contrastive rule's objective, or `$other` for another.
macro_rules! with_objective {
    ($recipe:expr, $objective:ident => $body:expr, else $other:expr) => {{
        let recipe: &Recipe = $recipe;
        let (threshold, temperature) = (recipe.threshold, recipe.temperature);
        match recipe.rule {
            Rule::Classic | Rule::Unsupervised => {
                let $objective = Logistic { threshold, temperature };
                $body
            }
            Rule::MeanSquare => {
                let $objective = MeanSquare { threshold, temperature };
                $body
            }
            Rule::Symba => {
                let $objective = SymBa { alpha: 1.0 / temperature };
                $body
            }
            Rule::Minimised => {
                let $objective = Minimised(Logistic { threshold, temperature });
                $body
            }
            _ => $other,
        }
    }};
}

/// Runs `$body` with `$head` bound to a one-pass rule's head, or `$other` for another rule.
macro_rules! with_head {
    ($recipe:expr, $head:ident => $body:expr, else $other:expr) => {{
        let recipe: &Recipe = $recipe;
        let temperature = recipe.temperature;
        match recipe.rule {
            Rule::NWay => {
                let $head = NWay { temperature };
                $body
            }
            Rule::Groups => {
                let $head = LabelGroups { temperature };
                $body
            }
            Rule::LocalCrossEntropy => {
                let $head = LocalCrossEntropy;
                $body
            }
            _ => $other,
        }
    }};
}

impl Rule {
    /// Its name, as in recipes and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::MeanSquare => "mean-square",
            Self::Symba => "symba",
            Self::Minimised => "minimised",
            Self::Unsupervised => "unsupervised",
            Self::NWay => "n-way",
            Self::Groups => "groups",
            Self::LocalCrossEntropy => "local-cross-entropy",
        }
    }

    /// Whether it compares positive with negative passes; otherwise one pass scores every class.
    #[must_use]
    pub const fn is_contrastive(self) -> bool {
        self.takes_label() || matches!(self, Self::Unsupervised)
    }

    /// Whether the label has inputs beside the image's features.
    #[must_use]
    pub const fn takes_label(self) -> bool {
        matches!(self, Self::Classic | Self::MeanSquare | Self::Symba | Self::Minimised)
    }

    /// Whether every layer has a row of weights for each label.
    #[must_use]
    pub const fn has_label_rows(self) -> bool {
        matches!(self, Self::NWay | Self::LocalCrossEntropy)
    }

    /// The sign with which goodness counts: minus where positive data should be quiet.
    #[must_use]
    pub const fn sign(self) -> f32 {
        match self {
            Self::Minimised => <Minimised<Logistic> as Objective>::SIGN,
            _ => 1.0,
        }
    }

    /// Whether its scores are probabilities: those of a softmax readout.
    #[must_use]
    pub const fn gives_probabilities(self, reading: Reading) -> bool {
        matches!(reading, Reading::Readout) && self.is_contrastive()
    }

    /// Whether a network that it trained can be read that way.
    #[must_use]
    pub const fn reads_by(self, reading: Reading, readout: Readout) -> bool {
        match (reading, self) {
            (Reading::Goodness, Self::LocalCrossEntropy | Self::Unsupervised)
            | (Reading::Readout, Self::NWay | Self::Groups) => false,
            (Reading::Goodness, _) | (Reading::Readout, Self::LocalCrossEntropy) => true,
            (Reading::Readout, _) => matches!(readout, Readout::Softmax),
        }
    }
}

impl Recipe {
    /// Draws a network's weights.
    pub fn randomise(&self, network: &mut HostNetwork, rng: &mut Rng) {
        with_head!(self, head => self.one_pass(head, Sgd, 0.0).randomise(network, rng),
            else network::randomise(network, rng));
    }

    /// Floats of scratch for a step of a full batch.
    pub fn scratch_floats<O: Optimiser>(&self, optimiser: O, shapes: &[Shape], classes: usize) -> usize {
        let batch = self.batch;
        // Negative images have norms of their own.
        let more = if self.rule == Rule::Unsupervised { batch } else { 0 };
        with_head!(self, head => self.one_pass(head, optimiser, 0.0).scratch_floats(shapes, classes, batch),
            else with_objective!(self, objective =>
                self.contrastive(objective, optimiser, 0.0).scratch_floats(shapes, classes, batch) + more,
                else 0))
    }

    /// One step of the rule under the schedule's learning-rate scale. Without labels, `negatives` are its negative
    /// images; other rules do not look at them.
    ///
    /// # Errors
    /// What ff-core refuses.
    pub fn step<O: Optimiser, K: Kernel>(
        &self,
        optimiser: O,
        lr_scale: f32,
        learner: &mut Learner<'_, HostNetwork, Moments<HostNetwork>, K>,
        batch: Batch<'_>,
        negatives: &[f32],
    ) -> Result<Report, Error> {
        if self.rule == Rule::Unsupervised {
            let objective = Logistic { threshold: self.threshold, temperature: self.temperature };
            return self.contrastive(objective, optimiser, lr_scale).step_unsupervised(learner, batch, negatives);
        }
        with_head!(self, head => self.one_pass(head, optimiser, lr_scale).step(learner, batch),
            else with_objective!(self, objective =>
                self.contrastive(objective, optimiser, lr_scale).step(learner, batch),
                else Err(Error::Setting { name: "rule" })))
    }

    /// Floats of scratch for [`Recipe::scores`] of some images side by side.
    #[must_use]
    pub const fn score_floats(&self, shapes: &[Shape], classes: usize, reading: Reading, images: usize) -> usize {
        match reading {
            _ if !self.rule.is_contrastive() => onepass::score_floats(shapes, classes, images),
            Reading::Readout => classify::readout_floats(shapes, classes, images),
            Reading::Goodness => classify::goodness_floats(shapes, classes, images * classes),
        }
    }

    /// Every class's score for images as features, the higher the likelier: images x classes.
    ///
    /// # Errors
    /// What ff-core refuses.
    pub fn scores<K: Kernel>(
        &self,
        network: &HostNetwork,
        reading: Reading,
        rows: &[f32],
        scratch: &mut [f32],
        kernel: &mut K,
        scores: &mut [f32],
    ) -> Result<(), Error> {
        let scored = self.scored();
        with_head!(self, head => onepass::scores(&head, network, rows, scored, scratch, kernel, scores),
        else match reading {
            Reading::Readout => classify::by_readout(network, rows, scratch, kernel, scores),
            Reading::Goodness => {
                classify::by_goodness(network, rows, scored, scratch, kernel, scores)?;
                scores.iter_mut().for_each(|score| *score *= self.rule.sign());
                Ok(())
            }
        })
    }

    /// The same as logits, for a softmax: a readout's probabilities as their logarithms, which differ
    /// from its logits by a constant that no softmax sees.
    ///
    /// # Errors
    /// What ff-core refuses.
    pub fn logits<K: Kernel>(
        &self,
        network: &HostNetwork,
        reading: Reading,
        rows: &[f32],
        scratch: &mut [f32],
        kernel: &mut K,
        logits: &mut [f32],
    ) -> Result<(), Error> {
        self.scores(network, reading, rows, scratch, kernel, logits)?;
        if self.rule.gives_probabilities(reading) {
            logits.iter_mut().for_each(|p| *p = logit(*p));
        }
        Ok(())
    }

    fn contrastive<G, O>(&self, goodness: G, optimiser: O, lr_scale: f32) -> Classic<G, O> {
        let readout_rate = match self.readout {
            Readout::Softmax => self.readout_rate,
            Readout::None => 0.0,
        };
        Classic {
            goodness,
            optimiser,
            lr_scale,
            layers: StepSize { learning_rate: self.rate, weight_decay: self.decay },
            readout: StepSize { learning_rate: readout_rate, weight_decay: self.readout_decay },
            peer: self.peer,
            dropout: self.dropout,
            negatives: match self.negatives {
                Negatives::Hard => ff_core::label::Negatives::Hard,
                Negatives::Uniform => ff_core::label::Negatives::Uniform,
            },
            frozen: Frozen::NONE,
        }
    }

    fn one_pass<H: Head, O>(&self, head: H, optimiser: O, lr_scale: f32) -> OnePass<H, O> {
        OnePass {
            head,
            optimiser,
            lr_scale,
            layers: StepSize { learning_rate: self.rate, weight_decay: self.decay },
            labels: StepSize { learning_rate: self.readout_rate, weight_decay: self.readout_decay },
            dropout: self.dropout,
            frozen: Frozen::NONE,
            label_smoothing: self.label_smoothing,
            skip_error_below: self.settled.max(SKIP_ERROR_BELOW),
        }
    }
}
