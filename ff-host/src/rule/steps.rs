//! What a rule does with a network: its first weights, its step, its scores.

use ff_core::classic::Classic;
use ff_core::classify;
use ff_core::error::Error;
use ff_core::goodness::{Logistic, MeanSquare, Minimised, SymBa};
use ff_core::kernel::Kernel;
use ff_core::layer::Shape;
use ff_core::learner::{Frozen, Learner, Report};
use ff_core::network;
use ff_core::onepass::{self, Head, LabelGroups, LocalCrossEntropy, NWay, OnePass, SKIP_ERROR_BELOW};
use ff_core::optimiser::{Moments, Optimiser, Sgd, StepSize};
use ff_core::random::Rng;
use ff_core::saliency::Score;
use ff_core::sample::Batch;

use super::{Reading, Rule};
use crate::network::HostNetwork;
use crate::recipe::{Negatives, Recipe};

/// Runs the body of the rule's data flow: with `$objective` bound to its objective where positive and negative
/// passes are compared, with or without labels, or with `$head` to its head.
macro_rules! by_flow {
    (
        $rule:expr,
        labelled $objective:ident => $labelled:expr,
        unlabelled $hybrids:ident => $unlabelled:expr,
        one_pass $head:ident => $one_pass:expr $(,)?
    ) => {
        match $rule {
            Rule::Classic { threshold, temperature, .. } => {
                let $objective = Logistic { threshold, temperature };
                $labelled
            }
            Rule::MeanSquare { threshold, temperature, .. } => {
                let $objective = MeanSquare { threshold, temperature };
                $labelled
            }
            Rule::Symba { temperature, .. } => {
                let $objective = SymBa { alpha: 1.0 / temperature };
                $labelled
            }
            Rule::Minimised { threshold, temperature, .. } => {
                let $objective = Minimised(Logistic { threshold, temperature });
                $labelled
            }
            Rule::Unsupervised { threshold, temperature, .. } => {
                let $hybrids = Logistic { threshold, temperature };
                $unlabelled
            }
            Rule::NWay { temperature, .. } => {
                let $head = NWay { temperature };
                $one_pass
            }
            Rule::Groups { temperature, .. } => {
                let $head = LabelGroups { temperature };
                $one_pass
            }
            Rule::LocalCrossEntropy { .. } => {
                let $head = LocalCrossEntropy;
                $one_pass
            }
        }
    };
}

/// A softmax's probability as a logit, but for a constant that no softmax sees.
pub(crate) fn logit(probability: f32) -> f32 {
    probability.max(f32::MIN_POSITIVE).ln()
}

impl Recipe {
    /// Draws a network's weights.
    pub fn randomise(&self, network: &mut HostNetwork, rng: &mut Rng) {
        by_flow!(self.rule,
            labelled _objective => network::randomise(network, rng),
            unlabelled _objective => network::randomise(network, rng),
            one_pass head => self.one_pass(head, Sgd, 0.0).randomise(network, rng),
        );
    }

    /// What is explained of a network that this recipe trained: the score that it answers by.
    #[must_use]
    pub fn explained_score(&self) -> Score {
        let scored = self.scored();
        match self.rule.class_head() {
            Some(head) => Score::OnePass { head, scored },
            None if self.rule.takes_label() => Score::Goodness(scored),
            None => Score::Logits,
        }
    }

    /// Floats of scratch for a step of a full batch.
    pub fn scratch_floats<O: Optimiser>(&self, optimiser: O, shapes: &[Shape], classes: usize) -> usize {
        let batch = self.batch_size;
        by_flow!(self.rule,
            labelled objective => self.contrastive(objective, optimiser, 0.0).scratch_floats(shapes, classes, batch),
            unlabelled objective => {
                // Negative images have norms of their own.
                self.contrastive(objective, optimiser, 0.0).scratch_floats(shapes, classes, batch) + batch
            },
            one_pass head => self.one_pass(head, optimiser, 0.0).scratch_floats(shapes, classes, batch),
        )
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
        by_flow!(self.rule,
            labelled objective => self.contrastive(objective, optimiser, lr_scale).step(learner, batch),
            unlabelled objective => {
                self.contrastive(objective, optimiser, lr_scale).step_unsupervised(learner, batch, negatives)
            },
            one_pass head => self.one_pass(head, optimiser, lr_scale).step(learner, batch),
        )
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
        by_flow!(self.rule,
            labelled _objective => self.contrastive_scores(network, reading, rows, scratch, kernel, scores),
            unlabelled _objective => self.contrastive_scores(network, reading, rows, scratch, kernel, scores),
            one_pass head => onepass::scores(&head, network, rows, scored, scratch, kernel, scores),
        )
    }

    fn contrastive_scores<K: Kernel>(
        &self,
        network: &HostNetwork,
        reading: Reading,
        rows: &[f32],
        scratch: &mut [f32],
        kernel: &mut K,
        scores: &mut [f32],
    ) -> Result<(), Error> {
        if reading == Reading::Readout {
            return classify::by_readout(network, rows, scratch, kernel, scores);
        }
        classify::by_goodness(network, rows, self.scored(), scratch, kernel, scores)?;
        scores.iter_mut().for_each(|score| *score *= self.rule.sign());
        Ok(())
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
        let rule = self.rule.options();
        Classic {
            goodness,
            optimiser,
            lr_scale,
            layers: self.step_size(),
            readout: self.readout_step_size(),
            peer: rule.peer.unwrap_or(0.0),
            dropout: self.dropout,
            negatives: match rule.negatives {
                Some(Negatives::Hard) => ff_core::label::Negatives::Hard,
                Some(Negatives::Uniform) | None => ff_core::label::Negatives::Uniform,
            },
            frozen: Frozen::NONE,
        }
    }

    fn one_pass<H: Head, O>(&self, head: H, optimiser: O, lr_scale: f32) -> OnePass<H, O> {
        let rule = self.rule.options();
        OnePass {
            head,
            optimiser,
            lr_scale,
            layers: self.step_size(),
            labels: self.readout_step_size(),
            dropout: self.dropout,
            frozen: Frozen::NONE,
            label_smoothing: rule.label_smoothing.unwrap_or(0.0),
            skip_error_below: rule.skip_error_below.unwrap_or(0.0).max(SKIP_ERROR_BELOW),
        }
    }

    const fn step_size(&self) -> StepSize {
        StepSize { learning_rate: self.learning_rate, weight_decay: self.weight_decay }
    }

    /// Of the readout or the label rows; no step where there are none.
    fn readout_step_size(&self) -> StepSize {
        let rule = self.rule.options();
        let learns = self.rule.has_readout() || self.rule.has_label_rows();
        StepSize {
            learning_rate: rule.readout_learning_rate.filter(|_| learns).unwrap_or(0.0),
            weight_decay: rule.readout_weight_decay.unwrap_or(0.0),
        }
    }
}
