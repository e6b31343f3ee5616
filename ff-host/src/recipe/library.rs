//! Where recipes come from: the binary, a file, or a text.

use std::path::Path;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::{Recipe, RecipeError, file};
use crate::files;

/// The shipped recipes, as files.
const SHIPPED: [(&str, &str); 12] = [
    ("fast", include_str!("../../recipes/fast.toml")),
    ("mnist-record", include_str!("../../recipes/mnist-record.toml")),
    ("fashion-record", include_str!("../../recipes/fashion-record.toml")),
    ("n-way", include_str!("../../recipes/n-way.toml")),
    ("groups", include_str!("../../recipes/groups.toml")),
    ("mcu-196", include_str!("../../recipes/mcu-196.toml")),
    ("classic", include_str!("../../recipes/classic.toml")),
    ("classic-augmented", include_str!("../../recipes/classic-augmented.toml")),
    ("digits8x8", include_str!("../../recipes/digits8x8.toml")),
    ("table", include_str!("../../recipes/table.toml")),
    ("series", include_str!("../../recipes/series.toml")),
    ("pictures", include_str!("../../recipes/pictures.toml")),
];

impl Recipe {
    /// The names of the shipped recipes.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// A shipped recipe's file.
    ///
    /// # Errors
    /// [`RecipeError::Unknown`].
    pub fn shipped_text(name: &str) -> Result<&'static str, RecipeError> {
        let found = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
        found.map(|(_, text)| *text).ok_or_else(|| unknown(name))
    }

    /// A recipe by its name, or from a file where what is given looks like a path: where it ends
    /// in `.toml` or holds a separator.
    ///
    /// # Errors
    /// An unknown name, an unreadable file, or a file with mistakes.
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

    /// A recipe from the text of a TOML file; `source_name` is what errors call it, and a path's stem what the
    /// recipe is called where it is built on another and has no name of its own.
    ///
    /// # Errors
    /// A text with mistakes, all of which are told.
    pub fn parse(source_name: &str, text: &str) -> Result<Self, RecipeError> {
        let stem = Path::new(source_name).file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let wrong = |problems| RecipeError::Wrong { source_name: Some(source_name.to_owned()), problems };
        file::read(text, &stem).map_err(wrong)
    }
}

fn unknown(name: &str) -> RecipeError {
    let shipped: Vec<_> = Recipe::shipped().collect();
    RecipeError::Unknown { name: name.to_owned(), hint: file::hint(name, &shipped), known: shipped.join(", ") }
}

/// What a model says of its recipe, which is read as a file is.
impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = as_toml(serde_json::Value::deserialize(deserializer)?);
        let text = toml::to_string(&record).map_err(D::Error::custom)?;
        Self::parse("its recipe", &text).map_err(D::Error::custom)
    }
}

/// A record's value as a file has it; none for null. Not by serde, to which a number passes for a table where any
/// crate of the build has `serde_json` keep all of a number's digits.
fn as_toml(value: serde_json::Value) -> Option<toml::Value> {
    use serde_json::Value;
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => toml::Value::Boolean(value),
        Value::Number(value) => match value.as_i64() {
            Some(whole) => toml::Value::Integer(whole),
            None => toml::Value::Float(value.as_f64()?),
        },
        Value::String(value) => toml::Value::String(value),
        Value::Array(values) => toml::Value::Array(values.into_iter().filter_map(as_toml).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter().filter_map(|(name, value)| Some((name, as_toml(value)?)));
            toml::Value::Table(fields.collect())
        }
    })
}
