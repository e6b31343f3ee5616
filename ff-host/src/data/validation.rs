//! How many training samples are held out to choose settings by.

use std::fmt::{self, Display};
use std::str::FromStr;

/// A number of training samples, or a part of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Validation {
    /// So many: the last ones of a data set that is known by name, of own data the same part of every class.
    Count(usize),
    /// A part, the same of every class.
    Part(f64),
}

impl Default for Validation {
    fn default() -> Self {
        Self::Count(0)
    }
}

impl FromStr for Validation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(count) = text.parse() {
            return Ok(Self::Count(count));
        }
        let part = text.parse().ok().filter(|part| (0.0..1.0).contains(part));
        part.map(Self::Part).ok_or_else(|| "a number of samples, or a part of them such as 0.1, is needed".to_owned())
    }
}

impl Display for Validation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Part(part) => write!(f, "{part}"),
        }
    }
}

impl Validation {
    /// The part that is held out of every class of so many samples; none where the last samples are.
    #[must_use]
    pub fn part(self, samples: usize, is_own: bool) -> Option<f64> {
        match self {
            Self::Count(count) if is_own && count > 0 => Some(count as f64 / samples.max(1) as f64),
            Self::Count(_) => None,
            Self::Part(part) => Some(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_parts_are_told_apart() {
        assert_eq!("10000".parse(), Ok(Validation::Count(10_000)));
        assert_eq!("0.1".parse(), Ok(Validation::Part(0.1)));
        for text in ["1.5", "-1", "a", "nan", "1.0"] {
            assert!(text.parse::<Validation>().is_err(), "{text}");
        }
        assert_eq!(Validation::Count(20).part(200, true), Some(0.1));
        assert_eq!(Validation::Count(20).part(200, false), None);
    }
}
