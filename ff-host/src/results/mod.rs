//! Results worth keeping: small files under `results/`, and the README's tables made from them.
//!
//! An [`Entry`] is what the tables use of a run's metrics, [`filled`] puts the tables between their
//! markers in a text.

mod entry;
mod tables;

pub use entry::{Checkpoint, Entry, Errors, load};
pub use tables::filled;
