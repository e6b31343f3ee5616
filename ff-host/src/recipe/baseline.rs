//! What the backprop baseline takes from a recipe.

use super::{Optimiser, Overrides, Recipe, RuleKind, Schedule};

impl Recipe {
    /// The learning rate of the baseline where none is given.
    pub const BASELINE_LEARNING_RATE: f32 = 0.001;

    /// What the backprop baseline beside this recipe follows: the same widths, epochs, batches,
    /// dropout, features and augmentation, but Adam with a cosine schedule, no weight decay, and a
    /// learning rate of its own, since that of another algorithm would be unfair to it. The recipe has what was
    /// `given` already; the learning rate and smoothed labels are the baseline's as well.
    ///
    /// The rule says that the label has no inputs, and how it is smoothed: the baseline runs none.
    #[must_use]
    pub fn for_baseline(&self, given: &Overrides) -> Self {
        let mut all = Overrides { kind: Some(RuleKind::LocalCrossEntropy), ..Overrides::of(self) };
        all.rule.label_smoothing = given.rule.label_smoothing.or(all.rule.label_smoothing);
        Self {
            rule: all.rule().unwrap_or(self.rule),
            optimiser: Optimiser::Adam,
            schedule: Schedule::Cosine,
            learning_rate: given.recipe.learning_rate.unwrap_or(Self::BASELINE_LEARNING_RATE),
            momentum: 0.9,
            weight_decay: 0.0,
            weight_average: 0.0,
            ..self.clone()
        }
    }
}
