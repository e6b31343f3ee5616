//! What can be wrong with a recipe.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;

/// Why there is no recipe, or why it cannot be trained.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// Neither a shipped recipe nor a file.
    #[error(
        "there is no recipe named {name:?}{hint}; shipped are {known}; to learn by, a path to a .toml file will do as \
         well"
    )]
    Unknown {
        /// The name as given.
        name: String,
        /// The name that may be meant, as `; did you mean ...?`; or nothing.
        hint: String,
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
    /// A recipe with mistakes, all of which are told.
    #[error("{}", list(source_name.as_deref(), problems))]
    Wrong {
        /// The file, or the shipped recipe's name; none for options of the command line.
        source_name: Option<String>,
        /// The mistakes, at least one.
        problems: Vec<Problem>,
    },
    /// A recipe that TOML cannot hold.
    #[error("the recipe cannot be written: {problem}")]
    Write {
        /// What the TOML library says.
        problem: String,
    },
}

/// A mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the file, from 1; none where the file lacks something, or there is none.
    pub line: Option<usize>,
    /// What is wrong, and what would be right.
    pub text: String,
}

/// One mistake in a line, several in a line each.
fn list(source_name: Option<&str>, problems: &[Problem]) -> String {
    let place = |line: Option<usize>| line.map_or_else(String::new, |line| format!("line {line}: "));
    match (source_name, problems) {
        (Some(name), [Problem { line, text }]) => format!("{name}: {}{text}", place(*line)),
        (None, [Problem { text, .. }]) => text.clone(),
        _ => {
            let mut all = format!("{} has {} mistakes:", source_name.unwrap_or("the recipe"), problems.len());
            for Problem { line, text } in problems {
                // Writing into a string cannot fail.
                let _ = write!(all, "\n  {}{text}", place(*line));
            }
            all
        }
    }
}
