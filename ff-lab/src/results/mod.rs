//! Results worth keeping: small files under `results/`, and the tables of README and book made from them.
//!
//! An [`Entry`] is what the tables use of a run's metrics, [`saliency`] what they use of an evaluation of
//! explanations; [`filled`] puts the tables between their markers in a text.

use ff_host::files;

mod entry;
pub mod saliency;
mod tables;

pub use entry::{Checkpoint, Entry, Errors, load, settings};
pub use tables::{Kept, filled, has_tables};

/// Refuses names of a data set and a recipe that lead out of the folder of results, or that no file has.
fn check_names(dataset: &str, recipe: &str) -> anyhow::Result<()> {
    for (what, name) in [("data set", dataset), ("recipe", recipe)] {
        anyhow::ensure!(files::is_plain(name), "{name:?} is no name of a {what}, so the result has no file's name");
    }
    Ok(())
}
