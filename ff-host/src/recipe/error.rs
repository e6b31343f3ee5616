//! What can be wrong with a recipe.

use std::io;
use std::path::PathBuf;

/// Why there is no recipe, or why it cannot be trained.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// Neither a shipped recipe nor a file.
    #[error(
        "there is no recipe named {name:?}; shipped are {known}; to learn by, a path to a .toml file will do as well"
    )]
    Unknown {
        /// The name as given.
        name: String,
        /// The shipped names.
        known: String,
    },
    /// A file that cannot be read.
    #[error("cannot read the recipe {}: {problem}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        problem: io::Error,
    },
    /// A text that is no recipe.
    #[error("{source_name} is no recipe: {problem}")]
    Parse {
        /// The file, or the shipped recipe's name.
        source_name: String,
        /// Where and what, with the names of the fields that exist.
        problem: String,
    },
    /// A recipe with a field out of range.
    #[error("{source_name}: {problem}")]
    Out {
        /// The file, or the shipped recipe's name.
        source_name: String,
        /// Which field.
        problem: Box<Self>,
    },
    /// A field out of range.
    #[error("{field} = {found} is out of range: it must be {allowed}")]
    Field {
        /// The field, as in the file and, with `-` for `_`, on the command line.
        field: &'static str,
        /// Its value.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// A recipe that TOML cannot hold.
    #[error("the recipe cannot be written: {problem}")]
    Write {
        /// What the TOML library says.
        problem: String,
    },
}
