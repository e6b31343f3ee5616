//! Some of a data set's classes.

use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{DataError, Dataset, Samples};

/// Some classes, written `0-7` or `0,2,5-9`: what a network learns while the others keep their
/// places for later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Classes(BTreeSet<u8>);

impl Classes {
    /// Whether a label is one of them.
    #[must_use]
    pub fn contains(&self, label: u8) -> bool {
        self.0.contains(&label)
    }

    /// The samples of these classes, in their order.
    fn of(&self, samples: &Samples) -> Samples {
        samples.filter(|_, label| self.contains(label))
    }
}

impl Dataset {
    /// The samples of some classes alone. There are as many classes as before, so that the others can
    /// be learned later.
    ///
    /// # Errors
    /// [`DataError::ClassNotHere`], [`DataError::NoImages`].
    pub fn only(self, classes: &Classes) -> Result<Self, DataError> {
        if let Some(&class) = classes.0.last().filter(|&&class| usize::from(class) >= self.classes) {
            return Err(DataError::ClassNotHere { class, dataset: self.name, last: self.classes.saturating_sub(1) });
        }
        let (train, test) = (classes.of(&self.train), classes.of(&self.test));
        if train.is_empty() || test.is_empty() {
            return Err(DataError::NoImages { classes: classes.clone(), dataset: self.name, from: self.source });
        }
        Ok(Self { train, test, ..self })
    }
}

impl FromStr for Classes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} names no classes; write 0-7 or 0,2,5-9");
        let class = |text: &str| text.trim().parse::<u8>().map_err(|_| wrong());
        let mut classes = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (class(first)?, class(last)?);
            if first > last {
                return Err(wrong());
            }
            classes.extend(first..=last);
        }
        Ok(Self(classes))
    }
}

impl Display for Classes {
    /// As short as can be: runs of three and more as a range.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes: Vec<_> = self.0.iter().copied().collect();
        let runs = classes.chunk_by(|a, b| a + 1 == *b);
        let parts = runs.map(|run| match run {
            [first, _, .., last] => format!("{first}-{last}"),
            few => few.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
        });
        f.write_str(&parts.collect::<Vec<_>>().join(","))
    }
}

impl TryFrom<String> for Classes {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Classes> for String {
    fn from(classes: Classes) -> Self {
        classes.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_and_written() {
        for (text, short) in [("0-7", "0-7"), ("3", "3"), ("9,0, 2,1,5-6", "0-2,5,6,9"), ("1-1,1-2", "1,2")] {
            assert_eq!(text.parse::<Classes>().unwrap().to_string(), short);
        }
        for text in ["", "a", "7-0", "1-", "-1", "0-300", "1,,2", "0-7-9"] {
            assert!(text.parse::<Classes>().unwrap_err().contains("0-7"), "{text}");
        }
    }
}
