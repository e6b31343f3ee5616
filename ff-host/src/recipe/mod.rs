//! Recipes: everything that training depends on besides the data and the seed.
//!
//! A recipe is a small TOML file. Some are shipped in the binary ([`Recipe::shipped`]), a user may
//! write more, and the command line may override any field. What a file leaves out it takes from the shipped
//! recipe that it names as `base`; the recipe kept with a run is whole, so that it tells all of what the run did.
//!
//! [`fields`] declares every field once, [`crate::rule`] says which rule has which of them, `file` reads.

#[macro_use]
mod declare;

mod decay;
mod error;
pub mod fields;
mod file;
mod library;
mod limit;
mod nearest;
mod overrides;
mod show;
mod suggest;
mod value;

pub use crate::rule::{Rule, RuleKind};
pub use error::{Problem, RecipeError};
pub use fields::{Recipe, RecipeOptions, RuleOptions};
pub use overrides::Overrides;
pub use suggest::{Suggestion, suggest};
pub use value::Value;
pub(crate) use value::{Widths, widths};

use clap::ValueEnum;
use ff_core::classify::ScoredLayers;
use serde::Serialize;

use crate::data::Shape;

/// What is known of a field besides its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in files; on the command line with `-` for `_`.
    pub name: &'static str,
    /// What its option was called before, and with `_` for `-` its name in files; empty for nothing else.
    pub old: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
}

impl Field {
    /// Every field of recipes and of rules.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        RecipeOptions::FIELDS.iter().chain(RuleOptions::FIELDS)
    }

    /// The option's present name, where it was called so in earlier versions; both without `--`.
    #[must_use]
    pub fn renamed_option(option: &str) -> Option<String> {
        let renamed = Self::all().find(|field| !field.old.is_empty() && field.old == option)?;
        Some(renamed.name.replace('_', "-"))
    }

    /// The field that may be meant by an option of the command line, as `; did you mean ...?`; or nothing.
    #[must_use]
    pub fn hint(option: &str) -> String {
        let names: Vec<_> = Self::all().map(|field| field.name.replace('_', "-")).collect();
        file::hint(option, &names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Whether it is or was called so, with `-` or `_`.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.replace('-', "_");
        name == self.name || !self.old.is_empty() && name == self.old.replace('-', "_")
    }
}

/// Whether a readout learns beside the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Readout {
    /// A linear softmax readout of all layers but the first (of the only one, where there is one).
    Softmax,
    /// None: classification is by goodness alone.
    None,
}

/// Where the label enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Overlay {
    /// The label has inputs of its own, and the whole image is kept.
    None,
    /// The label takes the place of the image's first pixels, one a class, which destroys what
    /// was there: for like-for-like comparison with programs that do so.
    FirstPixels,
}

/// How wrong labels are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Negatives {
    /// As likely as the readout thinks that they are right.
    Hard,
    /// All alike.
    Uniform,
}

/// How the learning rates change while training goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The full learning rate to the end.
    Constant,
    /// The full learning rate for the first half, then down to 0 in a straight line.
    HalfLinear,
    /// Down from the full learning rate to 0 along half a cosine.
    Cosine,
    /// The full learning rate until 60 % are done, then a tenth, and from 85 % on a hundredth.
    Step,
}

/// How directions become changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Optimiser {
    /// Along a running mean of the directions.
    #[default]
    Momentum,
    /// The same, scaled weight by weight; takes twice the memory.
    Adam,
}

impl Schedule {
    /// What both learning rates are multiplied with when `done` (0 to 1) of the training is over.
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
    /// Refuses a recipe with a field out of range, or with fields that contradict each other.
    ///
    /// # Errors
    /// [`RecipeError::Wrong`] with every field that is out of range, its value, and what is allowed.
    pub fn check(&self) -> Result<(), RecipeError> {
        Overrides::default().apply(self.clone()).map(drop)
    }

    /// The recipe with a rule of another kind, which takes over what both kinds have.
    #[must_use]
    pub fn with_rule(self, kind: RuleKind) -> Self {
        let all = Overrides { kind: Some(kind), ..Overrides::of(&self) };
        Self { rule: all.rule().unwrap_or(self.rule), ..self }
    }

    /// How many label inputs the first layer has.
    #[must_use]
    pub const fn label_slots(&self, classes: usize) -> usize {
        if self.rule.takes_label() { classes } else { 0 }
    }

    /// How many of an image's first features make way for the label.
    #[must_use]
    pub fn dropped(&self, classes: usize) -> usize {
        if self.rule.options().overlay == Some(Overlay::FirstPixels) { classes } else { 0 }
    }

    /// How many features a sample of this shape gives; none where there would be none.
    #[must_use]
    pub fn features(&self, shape: &Shape, classes: usize) -> Option<usize> {
        let ([channels, rows, columns], [high, wide]) = (shape.extents(), self.cell(shape));
        let pooled = (rows / high).checked_mul(columns / wide)?.checked_mul(channels)?;
        let kept = pooled.checked_sub(self.dropped(classes)).filter(|&features| features > 0)?;
        kept.checked_add(self.constants())
    }

    /// How many features are the same in every sample: one or none.
    #[must_use]
    pub fn constants(&self) -> usize {
        usize::from(self.constant > 0.0)
    }

    /// Rows and columns of the cells whose mean is a feature: pictures are pooled both ways, series in time,
    /// tables not at all.
    #[must_use]
    pub const fn cell(&self, shape: &Shape) -> [usize; 2] {
        match shape {
            Shape::Picture { .. } => [self.pool, self.pool],
            Shape::Series { .. } => [1, self.pool],
            Shape::Features { .. } => [1, 1],
        }
    }

    /// What of the recipe is for pictures and cannot be done to samples of a shape; none where all can.
    #[must_use]
    pub fn unfit_for(&self, shape: &Shape) -> Option<&'static str> {
        (self.flip_tta && !shape.is_picture()).then_some("flip_tta mirrors pictures; say --flip-tta false")
    }

    /// The first layer that the readout (or the label rows) has weights for; past the last where
    /// there are none. A single layer is read itself.
    #[must_use]
    pub fn read_from(&self) -> usize {
        if self.rule.has_label_rows() {
            0
        } else if self.rule.has_readout() {
            usize::from(self.layers.len() > 1)
        } else {
            self.layers.len()
        }
    }

    /// The layers whose score counts in classification.
    #[must_use]
    pub fn scored(&self) -> ScoredLayers {
        ScoredLayers { from: self.rule.options().first_scored_layer.unwrap_or(0) }
    }

    /// The recipe as one epoch has it, counted from 0: without variations and dropout in its tail.
    #[must_use]
    pub fn of_epoch(&self, epoch: usize) -> Self {
        let done = epoch as f64 / self.epochs as f64;
        if self.finetune_tail == 0.0 || done < 1.0 - self.finetune_tail {
            return self.clone();
        }
        Self { dropout: 0.0, jitter: 0, rotate: 0.0, stretch: 0.0, shear: 0.0, elastic: 0.0, ..self.clone() }
    }

    /// Whether anything in it depends on what part of the training is over, and so on the number of epochs.
    #[must_use]
    pub fn counts_in_parts(&self) -> bool {
        self.schedule != Schedule::Constant || self.weight_average > 0.0 || self.finetune_tail > 0.0
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

    /// The recipe as a TOML file, whole.
    ///
    /// # Errors
    /// Never for a recipe that passes [`Recipe::check`].
    pub fn to_toml(&self) -> Result<String, RecipeError> {
        toml::to_string(self).map_err(|error| RecipeError::Write { problem: error.to_string() })
    }
}
