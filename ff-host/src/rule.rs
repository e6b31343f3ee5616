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
use ff_core::saliency::{ClassHead, Score};
use ff_core::sample::Batch;
use serde::Serialize;

use crate::network::HostNetwork;
use crate::recipe::fields::{defaults, types};
use crate::recipe::{Negatives, Readout, Recipe, RuleOptions};

/// Declares the rules from a list that says which fields each has.
macro_rules! rules {
    ($($(#[doc = $about:literal])+ $kind:ident $name:literal { $($field:ident),+ $(,)? })+) => {
        /// A learning rule by its name: what a layer's step is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        pub enum RuleKind {
            $($(#[doc = $about])+ #[value(name = $name)] $kind,)+
        }

        /// A learning rule with its settings: the table `[rule]` of a recipe, whose `kind` says which fields
        /// it has.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize)]
        #[serde(tag = "kind")]
        #[expect(missing_docs, reason = "`recipe::fields` says what each field is")]
        pub enum Rule {
            $($(#[doc = $about])+ #[serde(rename = $name)] $kind { $($field: types::$field),+ },)+
        }

        impl RuleKind {
            /// Its name, as in recipes and on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }

            /// What it is, in a line.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!($($about),+).trim_ascii(),)+
                }
            }

            /// The names of its fields.
            #[must_use]
            pub const fn fields(self) -> &'static [&'static str] {
                match self {
                    $(Self::$kind => &[$(stringify!($field)),+],)+
                }
            }
        }

        impl Rule {
            /// Which rule it is.
            #[must_use]
            pub const fn kind(&self) -> RuleKind {
                match self {
                    $(Self::$kind { .. } => RuleKind::$kind,)+
                }
            }

            /// The rule of a kind with these fields, as far as it has them.
            #[must_use]
            pub(crate) fn of(kind: RuleKind, fields: &RuleOptions) -> Self {
                match kind {
                    $(RuleKind::$kind => Self::$kind {
                        $($field: fields.$field.unwrap_or(defaults::$field())),+
                    },)+
                }
            }

            /// Its fields, for what does not ask which rule it is.
            #[must_use]
            pub fn options(&self) -> RuleOptions {
                match *self {
                    $(Self::$kind { $($field),+ } => RuleOptions { $($field: Some($field),)+ ..RuleOptions::default() },)+
                }
            }
        }
    };
}

rules! {
    /// Positive against negative passes, logistic with a threshold: the published algorithm
    Classic "classic" {
        threshold, temperature, negatives, peer, overlay, readout, readout_learning_rate, readout_weight_decay,
        first_scored_layer,
    }
    /// Positive against negative passes, the goodness per unit
    MeanSquare "mean-square" {
        threshold, temperature, negatives, peer, overlay, readout, readout_learning_rate, readout_weight_decay,
        first_scored_layer,
    }
    /// Positive against negative passes, by their gap: no threshold
    Symba "symba" {
        temperature, negatives, peer, overlay, readout, readout_learning_rate, readout_weight_decay,
        first_scored_layer,
    }
    /// Classic with low goodness for positive data
    Minimised "minimised" {
        threshold, temperature, negatives, peer, overlay, readout, readout_learning_rate, readout_weight_decay,
        first_scored_layer,
    }
    /// Images against hybrids of two, without labels; a readout on top
    Unsupervised "unsupervised" {
        threshold, temperature, peer, readout_learning_rate, readout_weight_decay,
    }
    /// The goodness of every label in one pass, by a label column in each layer
    NWay "n-way" {
        temperature, label_smoothing, skip_error_below, readout_learning_rate, readout_weight_decay,
        first_scored_layer,
    }
    /// The goodness of every label in one pass, each class having units of its own
    Groups "groups" { temperature, label_smoothing, skip_error_below, first_scored_layer }
    /// A classifier of its own for each layer, in one pass
    LocalCrossEntropy "local-cross-entropy" {
        label_smoothing, skip_error_below, readout_learning_rate, readout_weight_decay, first_scored_layer,
    }
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

impl Rule {
    /// Its name, as in recipes and on the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.kind().name()
    }

    /// Whether it has a field.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.kind().fields().contains(&field)
    }

    /// Whether it compares positive with negative passes; otherwise one pass scores every class.
    #[must_use]
    pub const fn is_contrastive(&self) -> bool {
        self.kind().is_contrastive()
    }

    /// Whether the label has inputs beside the image's features.
    #[must_use]
    pub const fn takes_label(&self) -> bool {
        matches!(self, Self::Classic { .. } | Self::MeanSquare { .. } | Self::Symba { .. } | Self::Minimised { .. })
    }

    /// Whether every layer has a row of weights for each label.
    #[must_use]
    pub const fn has_label_rows(&self) -> bool {
        matches!(self, Self::NWay { .. } | Self::LocalCrossEntropy { .. })
    }

    /// Whether a softmax readout of several layers learns beside them.
    #[must_use]
    pub fn has_readout(&self) -> bool {
        matches!(self, Self::Unsupervised { .. }) || self.options().readout == Some(Readout::Softmax)
    }

    /// The sign with which goodness counts: minus where positive data should be quiet.
    #[must_use]
    pub const fn sign(&self) -> f32 {
        match self {
            Self::Minimised { .. } => <Minimised<Logistic> as Objective>::SIGN,
            _ => 1.0,
        }
    }

    /// Whether its scores are probabilities: those of a softmax readout.
    #[must_use]
    pub const fn gives_probabilities(&self, reading: Reading) -> bool {
        matches!(reading, Reading::Readout) && self.is_contrastive()
    }

    /// Whether a network that it trained can be read that way.
    #[must_use]
    pub fn reads_by(&self, reading: Reading) -> bool {
        match (reading, self) {
            (Reading::Goodness, Self::LocalCrossEntropy { .. } | Self::Unsupervised { .. }) => false,
            (Reading::Goodness, _) | (Reading::Readout, Self::LocalCrossEntropy { .. }) => true,
            (Reading::Readout, _) => self.has_readout(),
        }
    }

    /// How it classifies: the first reading that it has.
    #[must_use]
    pub fn reading(&self) -> Reading {
        if self.reads_by(Reading::Goodness) { Reading::Goodness } else { Reading::Readout }
    }

    /// Whether a label row may lift a silent unit.
    #[must_use]
    pub const fn may_lift(&self) -> bool {
        matches!(self, Self::NWay { .. })
    }

    /// The head of a one-pass rule, for maps; none for others.
    #[must_use]
    pub const fn class_head(&self) -> Option<ClassHead> {
        match *self {
            Self::NWay { temperature, .. } => Some(ClassHead::NWay(NWay { temperature })),
            Self::Groups { temperature, .. } => Some(ClassHead::Groups(LabelGroups { temperature })),
            Self::LocalCrossEntropy { .. } => Some(ClassHead::LocalCrossEntropy(LocalCrossEntropy)),
            _ => None,
        }
    }

    /// One layer's own score, whatever decides.
    #[must_use]
    pub fn layer_score(&self, layer: usize) -> Score {
        self.class_head().map_or(Score::OneLayer(layer), |head| Score::OnePassLayer { head, layer })
    }

    /// What a map's values, and all that was told with it, are multiplied with to speak for the label:
    /// -1 where positive data are quiet, since there what lowers the goodness speaks for it.
    #[must_use]
    pub fn direction(&self, score: Score) -> f32 {
        if score == Score::Logits { 1.0 } else { self.sign() }
    }

    /// Fields of its own that change nothing, as its other fields are.
    pub(crate) fn idle(&self) -> &'static [&'static str] {
        let fields = self.options();
        if fields.readout == Some(Readout::None) {
            &["readout_learning_rate", "readout_weight_decay"]
        } else if fields.label_smoothing.is_some_and(|part| part > 0.0) {
            &["skip_error_below"]
        } else {
            &[]
        }
    }

    /// The field, if any, whose value another one forbids, and why.
    pub(crate) fn contradiction(&self) -> Option<(&'static str, String)> {
        let RuleOptions { negatives, readout, .. } = self.options();
        let asks_nobody = negatives == Some(Negatives::Hard) && readout == Some(Readout::None);
        let text = "negatives = \"hard\" is out of range: it must be \"uniform\" where readout = \"none\", since it is \
                    the readout that finds hard ones";
        asks_nobody.then(|| ("negatives", text.to_owned()))
    }
}

impl RuleKind {
    /// Whether it compares positive with negative passes; otherwise one pass scores every class.
    #[must_use]
    pub const fn is_contrastive(self) -> bool {
        !matches!(self, Self::NWay | Self::Groups | Self::LocalCrossEntropy)
    }
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
