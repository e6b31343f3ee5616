//! The options that replace a recipe's fields, one a field.

use clap::Args;

use super::{Negatives, Optimiser, Overlay, Readout, Recipe, RecipeError, Rule, Schedule};

macro_rules! overrides {
    ($($(#[$attribute:meta])* $field:ident: $type:ty,)+) => {
        /// Replaces single fields of a recipe.
        #[derive(Args, Clone, Debug, Default)]
        #[command(next_help_heading = "Instead of the recipe's own")]
        pub struct Overrides {
            $($(#[$attribute])* pub $field: Option<$type>,)+
        }

        impl Overrides {
            /// The recipe with what was given on the command line in place of its own.
            ///
            /// # Errors
            /// A field out of range.
            pub fn apply(&self, mut recipe: Recipe) -> Result<Recipe, RecipeError> {
                $(if let Some(value) = self.$field.clone() {
                    recipe.$field = value;
                })+
                recipe.check()?;
                Ok(recipe)
            }

            /// The fields that were given on the command line.
            #[must_use]
            pub fn given(&self) -> Vec<&'static str> {
                [$((stringify!($field), self.$field.is_some()),)+]
                    .into_iter()
                    .filter_map(|(field, is_given)| is_given.then_some(field))
                    .collect()
            }
        }
    };
}

/// Widths such as `1000,1000,1000`.
pub(crate) type Widths = Vec<usize>;

/// Widths from the command line.
pub(crate) fn widths(text: &str) -> Result<Widths, String> {
    let width = |part: &str| part.trim().parse().map_err(|_| format!("`{part}` is no width; write 1000,1000"));
    text.split(',').map(width).collect()
}

overrides! {
    /// The learning rule
    #[arg(long)]
    rule: Rule,
    /// Width of each layer, first to last
    #[arg(long, value_name = "N,N,..", value_parser = widths)]
    layers: Widths,
    /// How often the training images are seen
    #[arg(long, value_name = "N")]
    epochs: usize,
    /// Samples in a step
    #[arg(long, value_name = "N")]
    batch: usize,
    /// How the rates change over the epochs
    #[arg(long)]
    schedule: Schedule,
    /// Part of the training, at its end, over which weights are averaged
    #[arg(long, value_name = "PART")]
    average: f64,
    /// Part of the training, at its end, without dropout, on images that are neither moved nor bent
    #[arg(long, value_name = "PART")]
    plain: f64,
    /// How directions become changes
    #[arg(long)]
    optimiser: Optimiser,
    /// The layers' rate
    #[arg(long, value_name = "X")]
    rate: f32,
    /// What the velocity keeps from step to step; 0 is plain descent
    #[arg(long, value_name = "X")]
    momentum: f32,
    /// The layers' weight decay
    #[arg(long, value_name = "X")]
    decay: f32,
    /// Goodness per unit at which a layer is undecided
    #[arg(long, value_name = "X")]
    threshold: f32,
    /// Temperature of the logistic function
    #[arg(long, value_name = "X")]
    temperature: f32,
    /// How wrong labels are drawn
    #[arg(long)]
    negatives: Negatives,
    /// Strength of peer normalisation; 0 turns it off
    #[arg(long, value_name = "X")]
    peer: f32,
    /// Whether a readout learns beside the layers
    #[arg(long)]
    readout: Readout,
    /// The readout's rate
    #[arg(long, value_name = "X")]
    readout_rate: f32,
    /// The readout's weight decay
    #[arg(long, value_name = "X")]
    readout_decay: f32,
    /// Part of the truth that all labels share (one-pass rules)
    #[arg(long, value_name = "PART")]
    label_smoothing: f32,
    /// Wrong labels' probability that is left as it is, in all, and then costs no time (one-pass rules,
    /// labels that are not smoothed)
    #[arg(long, value_name = "X")]
    settled: f32,
    /// Probability that a unit is silenced
    #[arg(long, value_name = "P")]
    dropout: f32,
    /// How far images are moved at random, in pixels
    #[arg(long, value_name = "N")]
    jitter: usize,
    /// Whether half of the images are mirrored left to right
    #[arg(long, value_name = "true|false")]
    flip: bool,
    /// How far images are turned at random, in degrees
    #[arg(long, value_name = "DEGREES")]
    rotate: f32,
    /// By what part images are stretched at random
    #[arg(long, value_name = "PART")]
    stretch: f32,
    /// How far images are slanted at random
    #[arg(long, value_name = "X")]
    shear: f32,
    /// How far points of images are pulled about at random, in pixels
    #[arg(long, value_name = "PIXELS")]
    elastic: f32,
    /// Take images at a Nth of their width and height
    #[arg(long, value_name = "N")]
    pool: usize,
    /// Power that pixels, from 0 to 1, are raised to; below 1, dim ones become brighter
    #[arg(long, value_name = "POWER")]
    gamma: f32,
    /// Whether an image's mean is subtracted from its pixels
    #[arg(long, value_name = "true|false")]
    centre: bool,
    /// Whether every pixel's mean over the training images is subtracted, and the rest brought to one spread
    #[arg(long, value_name = "true|false")]
    standardise: bool,
    /// Where the label enters: inputs of its own, or over the first pixels
    #[arg(long)]
    overlay: Overlay,
    /// First layer whose goodness counts in classification, from 0
    #[arg(long, value_name = "L")]
    scored_layers: usize,
    /// Whether an image is scored as it is and mirrored, and the scores added: twice the time
    #[arg(long, value_name = "true|false")]
    both_ways: bool,
}
