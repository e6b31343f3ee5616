//! A recipe as a file that says what each of its fields is.

use std::fmt::Write;

use super::{Field, Recipe, RecipeError};
use crate::rule::RuleKind;

/// The column of the comments.
const COLUMN: usize = 36;

impl Recipe {
    /// The recipe as [`Recipe::to_toml`], with a comment for each field.
    ///
    /// # Errors
    /// As there.
    pub fn to_commented_toml(&self) -> Result<String, RecipeError> {
        let mut text = String::new();
        for line in self.to_toml()?.lines() {
            let about = about(line, self.rule.kind());
            let space = if about.is_empty() { 0 } else { COLUMN };
            let _ = writeln!(text, "{}", format!("{line:space$}{about}").trim_end());
        }
        Ok(text)
    }
}

/// The comment behind a line.
fn about(line: &str, kind: RuleKind) -> String {
    let Some((name, _)) = line.split_once(" = ") else { return String::new() };
    match Field::all().find(|field| field.name == name) {
        Some(field) => format!(" # {}", field.about),
        None if name == "kind" => format!(" # {}", kind.about()),
        None => String::new(),
    }
}
