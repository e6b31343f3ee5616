//! Recipes: everything that training depends on besides the data and the seed.
//!
//! A recipe is a small TOML file. Some are shipped in the binary ([`Recipe::shipped`]), a user may
//! write more, and the command line may override any field. Nothing is optional in the file, so
//! that it tells the whole of what a run did.

mod baseline;
mod check;
mod error;
mod library;
mod overrides;

pub use crate::rule::Rule;
pub use error::RecipeError;
pub use overrides::Overrides;
pub(crate) use overrides::{Widths, widths};

use clap::ValueEnum;
use ff_core::classify::ScoredLayers;
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
    /// Where the label enters; one-pass rules need no input for it.
    pub overlay: Overlay,
    /// Images are taken at a `pool`th of their width and height, by the mean of square cells.
    #[serde(default = "one")]
    pub pool: usize,
    /// The power that pixels, from 0 to 1, are raised to: below 1, dim ones become brighter.
    #[serde(default = "unchanged")]
    pub gamma: f32,
    /// Whether an image's mean is subtracted from its pixels.
    #[serde(default)]
    pub centre: bool,
    /// Whether every feature's mean over the training images is subtracted, and the rest divided by about
    /// its standard deviation.
    #[serde(default)]
    pub standardise: bool,
    /// How often the training images are seen.
    pub epochs: usize,
    /// Samples in a step; the last batch of an epoch may be smaller.
    pub batch: usize,
    /// How the rates change while training goes on.
    pub schedule: Schedule,
    /// The part of the training, at its end, over which weights are averaged; 0 for none.
    #[serde(default)]
    pub average: f64,
    /// The part of the training, at its end, in which no image is moved or bent and no unit silenced;
    /// 0 for none. Images are still mirrored.
    #[serde(default)]
    pub plain: f64,
    /// How directions become changes.
    #[serde(default)]
    pub optimiser: Optimiser,
    /// The layers' rate.
    pub rate: f32,
    /// What the velocity (Adam's first moment) keeps from step to step; 0 is plain descent.
    pub momentum: f32,
    /// The layers' weight decay, relative to their rate.
    pub decay: f32,
    /// The goodness per unit at which a layer is undecided.
    pub threshold: f32,
    /// What the goodness is divided by before the logistic function or the softmax: in units of
    /// the square root of the width for `n-way`; one over alpha for `symba`.
    pub temperature: f32,
    /// How wrong labels are drawn.
    pub negatives: Negatives,
    /// The strength of peer normalisation; 0 turns it off.
    pub peer: f32,
    /// The readout's rate; for one-pass rules the label rows'.
    pub readout_rate: f32,
    /// The readout's (or label rows') weight decay, relative to its rate.
    pub readout_decay: f32,
    /// The part of the truth that all labels share, for one-pass rules.
    #[serde(default)]
    pub label_smoothing: f32,
    /// What errors of wrong labels may be left out of a sample, in all, for one-pass rules: a sample whose
    /// labels are all settled costs no update.
    #[serde(default)]
    pub settled: f32,
    /// The probability that a unit is silenced in a pass.
    pub dropout: f32,
    /// How far an image may be moved, in pixels, each way in both directions.
    pub jitter: usize,
    /// Whether half of the images are mirrored left to right.
    #[serde(default)]
    pub flip: bool,
    /// How far an image may be turned, in degrees, each way.
    #[serde(default)]
    pub rotate: f32,
    /// By what part an image may be stretched or shrunk, in each direction by itself.
    #[serde(default)]
    pub stretch: f32,
    /// How far an image may be slanted: the shift at a distance of one.
    #[serde(default)]
    pub shear: f32,
    /// How far points of an image may be pulled about, in pixels (standard deviation).
    #[serde(default)]
    pub elastic: f32,
    /// The first layer whose goodness counts in classification, from 0; a number past the last
    /// layer means the last alone.
    pub scored_layers: usize,
    /// Whether an image is scored as it is and mirrored left to right, and the scores added: takes
    /// twice the time.
    #[serde(default)]
    pub both_ways: bool,
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
    /// Down from the full rate to 0 along half a cosine.
    Cosine,
    /// The full rate until 60 % are done, then a tenth, and from 85 % on a hundredth.
    Step,
}

/// How directions become changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Optimiser {
    /// Along a running mean of the directions.
    #[default]
    Momentum,
    /// The same, scaled weight by weight; takes twice the memory.
    Adam,
}

const fn one() -> usize {
    1
}

const fn unchanged() -> f32 {
    1.0
}

impl Schedule {
    /// What both rates are multiplied with when `done` (0 to 1) of the training is over.
    ///
    /// `HalfLinear` is `min(1, 2 (1 - done))`. Taken in the middle of every epoch, this is the
    /// schedule of the program published with the algorithm.
    #[must_use]
    pub fn lr_scale(self, done: f64) -> f32 {
        match self {
            Self::Constant => 1.0,
            Self::HalfLinear => (2.0 * (1.0 - done)).clamp(0.0, 1.0) as f32,
            Self::Cosine => (0.5 + 0.5 * (std::f64::consts::PI * done.clamp(0.0, 1.0)).cos()) as f32,
            Self::Step => match done {
                ..0.6 => 1.0,
                ..0.85 => 0.1,
                _ => 0.01,
            },
        }
    }
}

impl Recipe {
    /// How many label inputs the first layer has.
    #[must_use]
    pub const fn label_slots(&self, classes: usize) -> usize {
        if self.rule.takes_label() { classes } else { 0 }
    }

    /// How many of an image's first features make way for the label.
    #[must_use]
    pub const fn dropped(&self, classes: usize) -> usize {
        match self.overlay {
            Overlay::FirstPixels if self.rule.takes_label() => classes,
            _ => 0,
        }
    }

    /// How many features an image of this size gives; none where there would be none.
    #[must_use]
    pub fn features(&self, width: usize, height: usize, classes: usize) -> Option<usize> {
        let pooled = (width / self.pool).checked_mul(height / self.pool)?;
        pooled.checked_sub(self.dropped(classes)).filter(|&features| features > 0)
    }

    /// The first layer that the readout (or the label rows) has weights for; past the last where
    /// there are none. A single layer is read itself.
    #[must_use]
    pub fn read_from(&self) -> usize {
        match self.readout {
            _ if self.rule.has_label_rows() => 0,
            Readout::Softmax if self.rule.is_contrastive() => usize::from(self.layers.len() > 1),
            _ => self.layers.len(),
        }
    }

    /// The layers whose goodness counts in classification.
    #[must_use]
    pub const fn scored(&self) -> ScoredLayers {
        ScoredLayers { from: self.scored_layers }
    }

    /// The recipe as one epoch has it, counted from 0: without variations and dropout in the plain end.
    #[must_use]
    pub fn of_epoch(&self, epoch: usize) -> Self {
        let done = epoch as f64 / self.epochs as f64;
        if self.plain == 0.0 || done < 1.0 - self.plain {
            return self.clone();
        }
        Self { dropout: 0.0, jitter: 0, rotate: 0.0, stretch: 0.0, shear: 0.0, elastic: 0.0, ..self.clone() }
    }

    /// Whether anything in it depends on what part of the training is over, and so on the number of epochs.
    #[must_use]
    pub fn counts_in_parts(&self) -> bool {
        self.schedule != Schedule::Constant || self.average > 0.0 || self.plain > 0.0
    }

    /// Whether a black pixel is 0 to the network.
    #[must_use]
    pub const fn black_is_zero(&self) -> bool {
        !self.centre && !self.standardise
    }

    /// The recipe with pixels as they are, for pictures.
    #[must_use]
    pub fn unprepared(&self) -> Self {
        Self { gamma: 1.0, centre: false, standardise: false, ..self.clone() }
    }

    /// The recipe as a TOML file.
    ///
    /// # Errors
    /// Never for a recipe that passes [`Recipe::check`].
    pub fn to_toml(&self) -> Result<String, RecipeError> {
        toml::to_string(self).map_err(|error| RecipeError::Write { problem: error.to_string() })
    }
}
