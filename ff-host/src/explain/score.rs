//! Which score of a network its maps explain.

use ff_core::saliency::{ClassHead, Score};

use crate::recipe::Recipe;
use crate::rule::Rule;

/// The head of a one-pass rule; none for others.
#[must_use]
pub fn class_head(recipe: &Recipe) -> Option<ClassHead> {
    use ff_core::onepass::{LabelGroups, LocalCrossEntropy, NWay};
    let temperature = recipe.temperature;
    match recipe.rule {
        Rule::NWay => Some(ClassHead::NWay(NWay { temperature })),
        Rule::Groups => Some(ClassHead::Groups(LabelGroups { temperature })),
        Rule::LocalCrossEntropy => Some(ClassHead::LocalCrossEntropy(LocalCrossEntropy)),
        _ => None,
    }
}

/// One layer's own score, whatever decides.
#[must_use]
pub fn layer_score(recipe: &Recipe, layer: usize) -> Score {
    class_head(recipe).map_or(Score::OneLayer(layer), |head| Score::OnePassLayer { head, layer })
}

/// What a map's values, and all that was told with it, are multiplied with to speak for the label:
/// -1 where positive data are quiet, since there what lowers the goodness speaks for it.
#[must_use]
pub fn direction(recipe: &Recipe, score: Score) -> f32 {
    if score == Score::Logits { 1.0 } else { recipe.rule.sign() }
}

/// What is explained of a network that this recipe trained: the score that it answers by.
#[must_use]
pub fn score(recipe: &Recipe) -> Score {
    let scored = recipe.scored();
    match class_head(recipe) {
        Some(head) => Score::OnePass { head, scored },
        None if recipe.rule == Rule::Unsupervised => Score::Logits,
        None => Score::Goodness(scored),
    }
}
