//! What is wrong with a file, where, and what to do about it.

use std::fmt::{self, Display};
use std::io;
use std::path::{Path, PathBuf};

/// A fault of a file: told with the file, the line and the column where they are known.
#[derive(Debug)]
pub struct Fault {
    path: PathBuf,
    line: Option<u64>,
    column: Option<String>,
    /// What is wrong, and what to do.
    problem: String,
}

impl Fault {
    /// A fault of a whole file.
    pub(super) fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, column: None, problem: problem.into() }
    }

    /// What the system says.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        let damaged = matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData);
        let what = if damaged { "is damaged or cut short" } else { "cannot be read" };
        Self::new(path, format!("{what} ({error})"))
    }

    /// The same on a line, counted from 1.
    pub(super) fn on_line(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// The same in a column, by its name or number.
    pub(super) fn in_column(self, column: impl Into<String>) -> Self {
        Self { column: Some(column.into()), ..self }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        let between = if self.line.is_some() || self.column.is_some() { ": " } else { " " };
        write!(f, "{between}{}", self.problem)
    }
}

impl std::error::Error for Fault {}

/// The count with its noun, in the plural where there are several.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
