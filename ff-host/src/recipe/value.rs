//! What a field may hold, as files and command lines write it.

use clap::ValueEnum;
use clap::builder::{EnumValueParser, ValueParser};
use toml::de::DeValue;

use super::nearest::nearest;
use super::{Negatives, Optimiser, Overlay, Readout, Schedule};
use crate::rule::RuleKind;

/// Widths such as `1000,1000,1000`.
pub type Widths = Vec<usize>;

/// A type of fields.
pub trait Value: Sized {
    /// Reads it from the command line.
    fn parser() -> ValueParser;

    /// Reads it from a file.
    ///
    /// # Errors
    /// What is needed instead of the value.
    fn read(value: &DeValue<'_>) -> Result<Self, String>;

    /// As messages write it.
    fn show(&self) -> String;
}

/// Widths from the command line.
pub(crate) fn widths(text: &str) -> Result<Widths, String> {
    let width = |part: &str| part.trim().parse().map_err(|_| format!("`{part}` is no width; write 1000,1000"));
    text.split(',').map(width).collect()
}

impl Value for Widths {
    fn parser() -> ValueParser {
        ValueParser::new(widths)
    }

    fn read(value: &DeValue<'_>) -> Result<Self, String> {
        let needed = "a list of widths is needed, such as [1000, 1000]";
        let widths = value.as_array().ok_or(needed)?.iter();
        widths.map(|width| usize::read(width.get_ref()).map_err(|_| needed.to_owned())).collect()
    }

    fn show(&self) -> String {
        format!("{self:?}")
    }
}

impl Value for usize {
    fn parser() -> ValueParser {
        clap::value_parser!(Self).into()
    }

    fn read(value: &DeValue<'_>) -> Result<Self, String> {
        let number = value.as_integer().and_then(|n| Self::from_str_radix(n.as_str(), n.radix()).ok());
        number.ok_or_else(|| "a whole number is needed, 0 or more".to_owned())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! floats {
    ($($float:ty)+) => {$(
        impl Value for $float {
            fn parser() -> ValueParser {
                clap::value_parser!(Self).into()
            }

            fn read(value: &DeValue<'_>) -> Result<Self, String> {
                let text = value.as_float().map(|n| n.as_str());
                let text = text.or_else(|| value.as_integer().filter(|n| n.radix() == 10).map(|n| n.as_str()));
                text.and_then(|text| text.parse().ok()).ok_or_else(|| "a number is needed".to_owned())
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )+};
}

floats! { f32 f64 }

impl Value for bool {
    fn parser() -> ValueParser {
        clap::value_parser!(Self)
    }

    fn read(value: &DeValue<'_>) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| "true or false is needed".to_owned())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! choices {
    ($($choice:ty)+) => {$(
        impl Value for $choice {
            fn parser() -> ValueParser {
                EnumValueParser::<Self>::new().into()
            }

            fn read(value: &DeValue<'_>) -> Result<Self, String> {
                choose(value)
            }

            fn show(&self) -> String {
                self.to_possible_value().map_or_else(String::new, |value| format!("{:?}", value.get_name()))
            }
        }
    )+};
}

choices! { Negatives Optimiser Overlay Readout Schedule RuleKind }

/// One of a few names.
fn choose<T: ValueEnum>(value: &DeValue<'_>) -> Result<T, String> {
    let given = value.as_str().unwrap_or_default();
    if let Ok(choice) = T::from_str(given, false) {
        return Ok(choice);
    }
    let names: Vec<_> = T::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
    let names: Vec<&str> = names.iter().map(|name| name.get_name()).collect();
    let hint = nearest(given, &names).map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    Err(format!("one of {} is needed{hint}", names.join(", ")))
}
