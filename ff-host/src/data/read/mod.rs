//! Readers of own data, one file a format. Each gives a [`Raw`]: everything that is there, not yet divided.

mod cells;
mod columns;
mod element;
pub(super) mod idx;
mod log;
mod names;
pub(super) mod npy;
mod npz;
pub(super) mod pictures;
pub(super) mod source;
mod table;
mod ts;

use std::path::Path;

pub(super) use names::Column;

use super::recognise::{Format, recognise};
use super::{Fault, Options, Progress, Shape, Values};

/// What a file or folder holds.
#[derive(Debug)]
pub(super) struct Raw {
    pub shape: Shape,
    pub values: Values,
    /// The class of each sample.
    pub labels: Column,
    /// Samples that must stay together, where something says so.
    pub groups: Option<Column>,
    /// Which part each sample is of, where the data say so themselves.
    pub parts: Option<Vec<Part>>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// The two parts of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Train,
    Test,
}

impl Raw {
    /// Of labelled values and nothing else.
    fn new(shape: Shape, values: Values, labels: Column) -> Self {
        Self { shape, values, labels, groups: None, parts: None, notes: Vec::new() }
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.labels.ids.len()
    }

    /// Two sets of one shape as one, the first to learn from, the second for the test.
    pub fn divided(mut self, test: Self, path: &Path) -> Result<Self, Fault> {
        let first = self.len();
        self.append(test, path)?;
        let part = |sample| if sample < first { Part::Train } else { Part::Test };
        self.parts = Some((0..self.len()).map(part).collect());
        Ok(self)
    }

    /// Puts the samples of a test file behind these.
    pub fn append(&mut self, other: Self, path: &Path) -> Result<(), Fault> {
        if !self.shape.fits(&other.shape) {
            let differs = format!(
                "holds samples of {}, the training data {}{}",
                other.shape,
                self.shape,
                self.shape.difference(&other.shape)
            );
            return Err(Fault::new(path, differs));
        }
        self.labels.append(other.labels);
        match (&mut self.groups, other.groups) {
            (Some(groups), Some(others)) => groups.append(others),
            (groups, _) => *groups = None,
        }
        self.notes.extend(other.notes);
        match (&mut self.values, other.values) {
            (Values::Bytes(values), Values::Bytes(others)) => values.extend(others),
            (Values::Floats(values), Values::Floats(others)) => values.extend(others),
            _ => return Err(Fault::new(path, "holds numbers of another type than the training data: one has bytes")),
        }
        Ok(())
    }
}

/// Reads a file or folder, whatever it holds.
pub(super) fn read(path: &Path, options: &Options, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    match recognise(path)? {
        Format::Table => table::read(path, options, progress),
        Format::Npy => npy::read(path, options, progress),
        Format::Npz => npz::read(path, options),
        Format::Ts => ts::read(path, options, progress),
        Format::Idx => idx::read(path, options, progress),
        Format::Pictures => pictures::read(path, options, progress),
    }
}
