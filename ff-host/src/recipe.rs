//! Recipes: everything that training depends on besides the data and the seed.
//!
//! A recipe is a small TOML file. Some are shipped in the binary ([`Recipe::shipped`]), a user may
//! write more, and the command line may override any field. Nothing is optional in the file, so
//! that it tells the whole of what a run did.

mod check;
mod error;
mod library;

pub use error::RecipeError;

use clap::ValueEnum;
use ff_core::classic::Classic;
use ff_core::classify::ScoredLayers;
use ff_core::goodness::Logistic;
use ff_core::label;
use ff_core::optimiser::{Momentum, Pace};
use serde::{Deserialize, Serialize};

/// Everything that training depends on besides the data and the seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What it is called in folders and reports: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// One line for a list.
    pub summary: String,
    /// The learning rule.
    pub rule: Rule,
    /// The width of each layer, first to last: 1 to 8 layers.
    pub layers: Vec<usize>,
    /// Whether a readout learns beside the layers.
    pub readout: Readout,
    /// Where the label enters.
    pub overlay: Overlay,
    /// How often the training images are seen.
    pub epochs: usize,
    /// Samples in a step; the last batch of an epoch may be smaller.
    pub batch: usize,
    /// How the rates change while training goes on.
    pub schedule: Schedule,
    /// The layers' rate.
    pub rate: f32,
    /// What the velocity keeps from step to step; 0 is plain stochastic descent.
    pub momentum: f32,
    /// The layers' weight decay, relative to their rate.
    pub decay: f32,
    /// The goodness per unit at which a layer is undecided.
    pub threshold: f32,
    /// What the goodness is divided by before the logistic function.
    pub temperature: f32,
    /// How wrong labels are drawn.
    pub negatives: Negatives,
    /// The strength of peer normalisation; 0 turns it off.
    pub peer: f32,
    /// The readout's rate.
    pub readout_rate: f32,
    /// The readout's weight decay, relative to its rate.
    pub readout_decay: f32,
    /// The probability that a unit is silenced in a pass.
    pub dropout: f32,
    /// How far an image may be moved, in pixels, each way in both directions.
    pub jitter: usize,
    /// The first layer whose goodness counts in classification, from 0; a number past the last
    /// layer means the last alone.
    pub scored_layers: usize,
}

/// The learning rule: what a layer's step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// One positive and one negative pass a sample: see [`ff_core::classic`].
    Classic,
}

/// Whether a readout learns beside the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Readout {
    /// A linear softmax readout of all layers but the first (of the only one, where there is one).
    Softmax,
    /// None: classification is by goodness alone.
    None,
}

/// Where the label enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Overlay {
    /// The label has inputs of its own, and the whole image is kept.
    None,
    /// The label takes the place of the image's first pixels, one a class, which destroys what
    /// was there: for like-for-like comparison with programs that do so.
    FirstPixels,
}

impl Overlay {
    /// How many of an image's first pixels make way for the label.
    #[must_use]
    pub const fn dropped(self, classes: usize) -> usize {
        match self {
            Self::None => 0,
            Self::FirstPixels => classes,
        }
    }
}

/// How wrong labels are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Negatives {
    /// As likely as the readout thinks that they are right.
    Hard,
    /// All alike.
    Uniform,
}

/// How the rates change while training goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The full rate to the end.
    Constant,
    /// The full rate for the first half, then down to 0 in a straight line.
    HalfLinear,
}

impl Schedule {
    /// What both rates are multiplied with when `done` (0 to 1) of the training is over.
    ///
    /// `HalfLinear` is `min(1, 2 (1 - done))`. Taken in the middle of every epoch, this is the
    /// schedule of the program published with the algorithm.
    #[must_use]
    pub fn gain(self, done: f64) -> f32 {
        match self {
            Self::Constant => 1.0,
            Self::HalfLinear => (2.0 * (1.0 - done)).clamp(0.0, 1.0) as f32,
        }
    }
}

impl Recipe {
    /// The settings of a training step when `done` (0 to 1) of the training is over.
    ///
    /// A momentum of 0 makes the same moves as [`ff_core::optimiser::Sgd`].
    #[must_use]
    pub fn settings(&self, done: f64) -> Classic<Logistic, Momentum> {
        let readout_rate = match self.readout {
            Readout::Softmax => self.readout_rate,
            Readout::None => 0.0,
        };
        Classic {
            goodness: Logistic { threshold: self.threshold, temperature: self.temperature },
            optimiser: Momentum { coefficient: self.momentum },
            gain: self.schedule.gain(done),
            layers: Pace { rate: self.rate, decay: self.decay },
            readout: Pace { rate: readout_rate, decay: self.readout_decay },
            peer: self.peer,
            dropout: self.dropout,
            negatives: match self.negatives {
                Negatives::Hard => label::Negatives::Hard,
                Negatives::Uniform => label::Negatives::Uniform,
            },
        }
    }

    /// The layers whose goodness counts in classification.
    #[must_use]
    pub const fn scored(&self) -> ScoredLayers {
        ScoredLayers { from: self.scored_layers }
    }

    /// The recipe as a TOML file.
    ///
    /// # Errors
    /// Never for a recipe that passes [`Recipe::check`].
    pub fn to_toml(&self) -> Result<String, RecipeError> {
        toml::to_string(self).map_err(|error| RecipeError::Write { problem: error.to_string() })
    }
}
