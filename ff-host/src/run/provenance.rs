//! Where a result comes from: what every file of results says first.

use serde::{Deserialize, Serialize};

use crate::recipe::Recipe;

/// What made a result. It is written among the fields of the result itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The command line that makes it again.
    pub command: String,
    /// The program's version.
    pub version: String,
    /// The data set's name.
    pub dataset: String,
    /// The recipe's name.
    pub recipe: String,
    /// The learning rule.
    pub rule: String,
    /// The widths of the layers.
    pub layers: Vec<usize>,
}

impl Provenance {
    /// Of a network that is named so: by this version of the program.
    #[must_use]
    pub fn new(command: String, dataset: &str, recipe: &Recipe) -> Self {
        Self {
            command,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            dataset: dataset.to_owned(),
            recipe: recipe.name.clone(),
            rule: recipe.rule.name().to_owned(),
            layers: recipe.layers.clone(),
        }
    }
}
