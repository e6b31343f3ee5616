//! What the backprop baseline takes from a recipe.

use ff_host::recipe::{Optimiser, Overrides, Recipe, RecipeError, RecipeOptions, RuleKind, RuleOptions, Schedule};

/// The learning rate of the baseline where none is given.
pub const LEARNING_RATE: f32 = 0.001;

/// What the backprop baseline beside this recipe follows: the same widths, epochs, batches,
/// dropout, features and augmentation, but Adam with a cosine schedule, no weight decay, and a
/// learning rate of its own, since that of another algorithm would be unfair to it. The recipe has what was
/// `given` already; the learning rate and smoothed labels are the baseline's as well.
///
/// The rule says that the label has no inputs, and how it is smoothed: the baseline runs none.
///
/// # Errors
/// A field out of range.
pub fn recipe(recipe: &Recipe, given: &Overrides) -> Result<Recipe, RecipeError> {
    let baseline = Overrides {
        kind: Some(RuleKind::LocalCrossEntropy),
        rule: RuleOptions { label_smoothing: given.rule.label_smoothing, ..RuleOptions::default() },
        recipe: RecipeOptions {
            optimiser: Some(Optimiser::Adam),
            schedule: Some(Schedule::Cosine),
            learning_rate: Some(given.recipe.learning_rate.unwrap_or(LEARNING_RATE)),
            momentum: Some(0.9),
            weight_decay: Some(0.0),
            weight_average: Some(0.0),
            ..RecipeOptions::default()
        },
        ..Overrides::default()
    };
    baseline.apply(recipe.clone())
}
