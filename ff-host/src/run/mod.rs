//! What a training run leaves behind: a folder with the model, its recipe and its metrics.

mod command;
mod folder;
mod header;
mod metrics;
mod model;
mod provenance;
mod stamp;
mod state;
mod tensors;

pub use command::{command_line, joined, words};
pub use folder::{Existing, RunFolder};
pub use metrics::{Best, EpochMetrics, Keep, LayerMeans, Metrics, TestMetrics};
pub use model::{About, Model, ModelError, Temperatures};
pub use provenance::Provenance;
pub use stamp::stamp;
pub use state::{Conduct, State, StateRecord};
pub use tensors::NotFinite;

/// The model's file in a run folder.
pub const MODEL: &str = "model.safetensors";
/// The model of the epoch with the fewest validation errors, beside the last one's.
pub const BEST: &str = "best.safetensors";
/// The file in a run folder from which training goes on.
pub const STATE: &str = "state.safetensors";
/// The metrics' file in a run folder.
pub const METRICS: &str = "metrics.json";
/// The recipe's file in a run folder.
pub const RECIPE: &str = "recipe.toml";
/// The file of what `ff-lab evaluate-saliency` found.
pub const EVALUATION: &str = "evaluation.json";
