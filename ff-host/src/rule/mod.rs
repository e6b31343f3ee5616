//! The learning rules of ff-core by name: which settings each has, what it can be read by, how it is explained
//! and exported. What a rule does with a network is in `steps`.

mod steps;

pub(crate) use steps::logit;

use clap::ValueEnum;
use ff_core::goodness::{Logistic, Minimised, Objective};
use ff_core::onepass::{LabelGroups, LocalCrossEntropy, NWay};
use ff_core::saliency::{ClassHead, Score};
use serde::{Deserialize, Serialize};

use crate::recipe::fields::{defaults, types};
use crate::recipe::{Negatives, Readout, RuleOptions};

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

/// What a layer gives the labels, and what is told of it while it learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerScores {
    /// The goodness: a mean of squared activities, never below 0.
    Goodness,
    /// The logits of a classifier of its own, of any sign.
    Logits,
}

impl LayerScores {
    /// Their name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Goodness => "goodness",
            Self::Logits => "logits",
        }
    }

    /// What a chart of their means is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Goodness => "Mean goodness per unit",
            Self::Logits => "Mean logit",
        }
    }
}

/// Rust source of what an exported network goes on learning by.
pub(crate) enum Source {
    /// A contrastive rule's objective.
    Objective(&'static str, String),
    /// A one-pass rule's head, as type and value.
    Head(&'static str, String),
    /// A rule that needs more than single samples.
    None,
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

    /// Whether it learns from images and hybrids of them, without labels.
    #[must_use]
    pub const fn learns_without_labels(&self) -> bool {
        self.kind().learns_without_labels()
    }

    /// Whether the label has inputs beside the image's features.
    #[must_use]
    pub const fn takes_label(&self) -> bool {
        self.is_contrastive() && !self.learns_without_labels()
    }

    /// Whether every layer has a row of weights for each label.
    #[must_use]
    pub const fn has_label_rows(&self) -> bool {
        matches!(self, Self::NWay { .. } | Self::LocalCrossEntropy { .. })
    }

    /// Whether a softmax readout of several layers learns beside them.
    #[must_use]
    pub fn has_readout(&self) -> bool {
        self.learns_without_labels() || self.options().readout == Some(Readout::Softmax)
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

    /// What its layers give the labels.
    #[must_use]
    pub const fn layer_scores(&self) -> LayerScores {
        match self {
            Self::LocalCrossEntropy { .. } => LayerScores::Logits,
            _ => LayerScores::Goodness,
        }
    }

    /// What a reading is called.
    #[must_use]
    pub const fn reading_name(&self, reading: Reading) -> &'static str {
        match reading {
            Reading::Goodness => "goodness",
            Reading::Readout if self.is_contrastive() => "readout",
            Reading::Readout => self.layer_scores().name(),
        }
    }

    /// Whether each class has units of its own, of which narrow layers have too few.
    #[must_use]
    pub const fn divides_units(&self) -> bool {
        matches!(self, Self::Groups { .. })
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

    /// How an exported network goes on learning by it.
    pub(crate) fn source(&self) -> Source {
        let of =
            |threshold: f32, temperature: f32| format!("{{ threshold: {threshold:?}, temperature: {temperature:?} }}");
        let head = |name: &'static str, temperature: f32| {
            Source::Head(name, format!("ff_core::onepass::{name} {{ temperature: {temperature:?} }}"))
        };
        match *self {
            Self::Classic { threshold, temperature, .. } => {
                Source::Objective("Logistic", format!("ff_core::goodness::Logistic {}", of(threshold, temperature)))
            }
            Self::MeanSquare { threshold, temperature, .. } => {
                Source::Objective("MeanSquare", format!("ff_core::goodness::MeanSquare {}", of(threshold, temperature)))
            }
            Self::Symba { temperature, .. } => {
                Source::Objective("SymBa", format!("ff_core::goodness::SymBa {{ alpha: {:?} }}", 1.0 / temperature))
            }
            Self::Minimised { threshold, temperature, .. } => Source::Objective(
                "Minimised<ff_core::goodness::Logistic>",
                format!("ff_core::goodness::Minimised(ff_core::goodness::Logistic {})", of(threshold, temperature)),
            ),
            Self::Unsupervised { .. } => Source::None,
            Self::NWay { temperature, .. } => head("NWay", temperature),
            Self::Groups { temperature, .. } => head("LabelGroups", temperature),
            Self::LocalCrossEntropy { .. } => {
                Source::Head("LocalCrossEntropy", "ff_core::onepass::LocalCrossEntropy".to_owned())
            }
        }
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
    /// Whether it learns from images and hybrids of them, without labels.
    #[must_use]
    pub const fn learns_without_labels(self) -> bool {
        matches!(self, Self::Unsupervised)
    }

    /// Whether it compares positive with negative passes; otherwise one pass scores every class.
    #[must_use]
    pub const fn is_contrastive(self) -> bool {
        !matches!(self, Self::NWay | Self::Groups | Self::LocalCrossEntropy)
    }
}
