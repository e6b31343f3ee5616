//! What the backprop baseline takes from a recipe.

use super::{Optimiser, Overlay, Readout, Recipe, Rule, Schedule};

impl Recipe {
    /// The rate that the baseline learns with where none is given.
    pub const BASELINE_RATE: f32 = 0.001;

    /// What the backprop baseline beside this recipe follows: the same widths, epochs, batches,
    /// dropout, features and augmentation, but Adam with a cosine schedule, no weight decay, and a
    /// rate of its own, since the rate of another algorithm would be unfair to it.
    ///
    /// The rule says that the label has no inputs, and nothing more: the baseline runs none.
    #[must_use]
    pub fn for_baseline(&self, rate: Option<f32>) -> Self {
        Self {
            rule: Rule::LocalCrossEntropy,
            overlay: Overlay::None,
            readout: Readout::None,
            optimiser: Optimiser::Adam,
            schedule: Schedule::Cosine,
            rate: rate.unwrap_or(Self::BASELINE_RATE),
            momentum: 0.9,
            decay: 0.0,
            average: 0.0,
            ..self.clone()
        }
    }
}
