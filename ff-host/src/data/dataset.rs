//! A data set that has been divided.

use super::{Options, Samples};

/// A data set, ready for training: its training samples and its held-out samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// What it is called: `mnist`, or an own file's name without its ending.
    pub name: String,
    /// How it was divided into training and held-out samples.
    pub split: String,
    /// Where it came from, for a report: a folder, a file, or that it is compiled in.
    pub source: String,
    /// How many classes there are: labels are `0..classes`.
    pub classes: usize,
    /// What they are called.
    pub class_names: Vec<String>,
    /// The samples to learn from.
    pub train: Samples,
    /// The held-out samples: never trained on, never used to choose a setting.
    pub test: Samples,
    /// How own data were read, so that a model can be tested on the same division again; none for a data set
    /// that this program knows by name.
    pub own: Option<Options>,
}

impl Dataset {
    /// CRC-32 of all values and labels: what tells own data from the published ones of the same name.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        self.train.add_to(&mut sum);
        self.test.add_to(&mut sum);
        sum.finalize()
    }
}
