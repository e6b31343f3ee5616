//! What a training run leaves behind: a folder with the model, its recipe and its metrics.

mod folder;
mod metrics;
mod model;

pub(crate) use folder::temporary;
pub use folder::{Existing, RunFolder, write};
pub use metrics::{EpochMetrics, LayerGoodness, Metrics, TestMetrics, command_line};
#[cfg(feature = "baseline")]
pub(crate) use model::standard_tensors;
pub use model::{About, Model, ModelError};

/// The model's file in a run folder.
pub const MODEL: &str = "model.safetensors";
/// The metrics' file in a run folder.
pub const METRICS: &str = "metrics.json";
/// The recipe's file in a run folder.
pub const RECIPE: &str = "recipe.toml";
/// The learning rule in the metrics of the backprop baseline.
pub const BASELINE: &str = "backprop-mlp";
