//! Where recipes come from: the binary, a file, or a text.

use std::path::Path;

use super::{Recipe, RecipeError};
use crate::files;

/// The shipped recipes, with the text that `ff recipe show` prints.
const SHIPPED: [(&str, &str); 9] = [
    ("fast", include_str!("../../recipes/fast.toml")),
    ("mnist-record", include_str!("../../recipes/mnist-record.toml")),
    ("fashion-record", include_str!("../../recipes/fashion-record.toml")),
    ("n-way", include_str!("../../recipes/n-way.toml")),
    ("groups", include_str!("../../recipes/groups.toml")),
    ("mcu-196", include_str!("../../recipes/mcu-196.toml")),
    ("classic", include_str!("../../recipes/classic.toml")),
    ("classic-augmented", include_str!("../../recipes/classic-augmented.toml")),
    ("digits8x8", include_str!("../../recipes/digits8x8.toml")),
];

impl Recipe {
    /// The names of the shipped recipes.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// A shipped recipe's file, with its comments.
    ///
    /// # Errors
    /// [`RecipeError::Unknown`].
    pub fn shipped_text(name: &str) -> Result<&'static str, RecipeError> {
        let found = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
        found.map(|(_, text)| *text).ok_or_else(|| RecipeError::Unknown {
            name: name.to_owned(),
            known: Self::shipped().collect::<Vec<_>>().join(", "),
        })
    }

    /// A recipe by its name, or from a file where what is given looks like a path: where it ends
    /// in `.toml` or holds a separator.
    ///
    /// # Errors
    /// An unknown name, an unreadable file, a file that is no recipe, or a field out of range.
    pub fn find(name_or_path: &str) -> Result<Self, RecipeError> {
        let path = Path::new(name_or_path);
        let is_path = path.extension().is_some_and(|end| end == "toml") || path.components().count() > 1;
        if !is_path {
            return Self::parse(name_or_path, Self::shipped_text(name_or_path)?);
        }
        match files::text(path, files::RECIPE) {
            Ok(text) => Self::parse(name_or_path, &text),
            Err(problem) => Err(RecipeError::Read { path: path.to_owned(), problem }),
        }
    }

    /// A recipe from the text of a TOML file; `source_name` is what errors call it.
    ///
    /// # Errors
    /// A text that is no recipe, or a field out of range.
    pub fn parse(source_name: &str, text: &str) -> Result<Self, RecipeError> {
        let recipe: Self = toml::from_str(text).map_err(|error| RecipeError::Parse {
            source_name: source_name.to_owned(),
            problem: error.to_string().trim_end().to_owned(),
        })?;
        let out = |problem| RecipeError::Out { source_name: source_name.to_owned(), problem: Box::new(problem) };
        recipe.check().map_err(out)?;
        Ok(recipe)
    }
}
