//! How a model's rule is written down in Rust: the step that goes on learning, and the scores.
//!
//! It is text, since `Debug` names no paths; a test compiles what comes out (`tests/tests/export.rs`).

use ff_core::onepass::SKIP_ERROR_BELOW;

use crate::recipe::{Recipe, RuleOptions};
use crate::rule::Source;

/// Pieces of source.
pub(super) struct Sources {
    /// The rule's type and value; none where a device cannot go on learning by it.
    pub rule: Option<(String, String)>,
    /// What a score is, in words.
    pub scores_are: &'static str,
    /// The call that computes them.
    pub scores_call: String,
    /// The constant expression of its scratch.
    pub scratch: String,
    /// Whether low is likely, so that the sign must change.
    pub negated: bool,
}

/// A rate at which plain descent on single samples learns without harm, for every rule.
const RATE: &str = "0.005";

impl Sources {
    pub fn from_recipe(recipe: &Recipe) -> Self {
        let scored = format!("ff_core::classify::ScoredLayers {{ from: {} }}", recipe.scored().from);
        let source = recipe.rule.source();
        if let Source::Head(name, value) = &source {
            return Self {
                rule: Some(one_pass(name, value, recipe)),
                scores_are: "the sum of the layers' scores",
                scores_call: format!(
                    "let scored = {scored};\n    ff_core::onepass::scores(&RULE.head, network, features, scored, \
                     scratch, &mut Portable, scores)"
                ),
                scratch: "ff_core::onepass::score_floats(Net::SHAPES, CLASSES, 1)".to_owned(),
                negated: false,
            };
        }
        if let Source::Objective(name, value) = &source {
            return Self {
                rule: Some(contrastive(name, value)),
                scores_are: "the goodness with the class's label put on",
                scores_call: format!(
                    "let scored = {scored};\n    ff_core::classify::by_goodness(network, features, scored, scratch, \
                     &mut Portable, scores)"
                ),
                // Two labels share every weight that is loaded.
                scratch: "ff_core::classify::goodness_floats(Net::SHAPES, CLASSES, 2)".to_owned(),
                negated: recipe.rule.sign() < 0.0,
            };
        }
        Self {
            rule: None,
            scores_are: "its probability by the readout",
            scores_call: "ff_core::classify::by_readout(network, features, scratch, &mut Portable, scores)".to_owned(),
            scratch: "ff_core::classify::readout_floats(Net::SHAPES, CLASSES, 1)".to_owned(),
            negated: false,
        }
    }
}

/// Type and value of a one-pass rule.
fn one_pass(name: &str, value: &str, recipe: &Recipe) -> (String, String) {
    let RuleOptions { label_smoothing, skip_error_below, .. } = recipe.rule.options();
    let smoothing = label_smoothing.unwrap_or(0.0);
    let least = "ff_core::onepass::SKIP_ERROR_BELOW".to_owned();
    let skipped = skip_error_below.filter(|&skipped| skipped > SKIP_ERROR_BELOW);
    let skipped = skipped.map_or(least, |skipped| format!("{skipped:?}"));
    let value = format!(
        "ff_core::onepass::OnePass {{
    head: {value},
    optimiser: ff_core::optimiser::Sgd,
    lr_scale: 1.0,
    layers: ff_core::optimiser::StepSize {{ learning_rate: {RATE}, weight_decay: 0.0 }},
    labels: ff_core::optimiser::StepSize {{ learning_rate: {RATE}, weight_decay: 0.0 }},
    dropout: 0.0,
    frozen: ff_core::learner::Frozen::NONE,
    label_smoothing: {smoothing:?},
    skip_error_below: {skipped},
}}"
    );
    (format!("ff_core::onepass::OnePass<ff_core::onepass::{name}>"), value)
}

/// Type and value of a contrastive rule. The objective is the host's; the readout, if there is one, is left alone.
fn contrastive(name: &str, goodness: &str) -> (String, String) {
    let value = format!(
        "ff_core::classic::Classic {{
    goodness: {goodness},
    optimiser: ff_core::optimiser::Sgd,
    lr_scale: 1.0,
    layers: ff_core::optimiser::StepSize {{ learning_rate: {RATE}, weight_decay: 0.0 }},
    readout: ff_core::optimiser::StepSize {{ learning_rate: 0.0, weight_decay: 0.0 }},
    peer: 0.0,
    dropout: 0.0,
    negatives: ff_core::label::Negatives::Uniform,
    frozen: ff_core::learner::Frozen::NONE,
}}"
    );
    (format!("ff_core::classic::Classic<ff_core::goodness::{name}>"), value)
}
