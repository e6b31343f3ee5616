//! Results worth keeping: small files under `results/`, and the tables of README and book made from them.
//!
//! An [`Entry`] is what the tables use of a run's metrics, [`saliency`] what they use of an evaluation of
//! explanations; [`filled`] puts the tables between their markers in a text.

mod entry;
pub mod saliency;
mod tables;

pub use entry::{Checkpoint, Entry, Errors, load, settings};
pub use tables::{Kept, filled, has_tables};
