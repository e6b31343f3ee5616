//! Labelled samples in memory.

use std::fmt;
use std::sync::Arc;

use super::{Fill, Shape};

/// The values of many samples, one sample after the other.
///
/// What a file holds as bytes stays bytes: a quarter of the memory.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// 8-bit values.
    Bytes(Vec<u8>),
    /// Any other numbers. NaN stands for a value that is missing.
    Floats(Vec<f32>),
}

/// The values of one sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample<'a> {
    /// 8-bit values; the set's [`Samples::maximum`] stands for 1.0.
    Bytes(&'a [u8]),
    /// Any other numbers. NaN stands for a value that is missing.
    Floats(&'a [f32]),
}

/// Samples of one shape with their labels.
///
/// Parts of a set share its values: to clone, [select](Samples::select) or divide copies labels and numbers
/// of rows alone.
#[derive(Clone)]
pub struct Samples {
    shape: Arc<Shape>,
    values: Arc<Values>,
    /// Which of the values' rows each sample is.
    rows: Vec<u32>,
    /// The stored value that stands for 1.0.
    maximum: u8,
    /// What takes the place of missing values; none where there is no such value.
    fill: Option<Fill>,
    /// The class of each sample.
    pub labels: Vec<u8>,
    /// The group of each sample, such as the person or the recording that it is of; empty without groups.
    pub groups: Vec<u32>,
}

impl Values {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Bytes(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn row(&self, row: usize, length: usize) -> Option<Sample<'_>> {
        let range = row * length..(row + 1) * length;
        match self {
            Self::Bytes(values) => values.get(range).map(Sample::Bytes),
            Self::Floats(values) => values.get(range).map(Sample::Floats),
        }
    }
}

impl<'a> Sample<'a> {
    /// How many values it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Bytes(values) => values.len(),
            Self::Floats(values) => values.len(),
        }
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes; none of what is no byte.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(values) => values,
            Self::Floats(_) => &[],
        }
    }

    /// Its values as they are stored: bytes are not scaled.
    pub fn numbers(self) -> impl Iterator<Item = f32> + 'a {
        let (bytes, floats): (&[u8], &[f32]) = match self {
            Self::Bytes(values) => (values, &[]),
            Self::Floats(values) => (&[], values),
        };
        bytes.iter().map(|&byte| f32::from(byte)).chain(floats.iter().copied())
    }
}

impl Samples {
    /// Samples with their labels; all rows of `values` in their order.
    ///
    /// # Panics
    /// In builds with debug assertions, where the numbers of values and labels do not belong together.
    #[must_use]
    pub fn new(shape: Shape, values: Values, labels: Vec<u8>) -> Self {
        debug_assert_eq!(values.len(), shape.len() * labels.len(), "values of every sample");
        let rows = (0..labels.len() as u32).collect();
        let maximum = if matches!(values, Values::Bytes(_)) { u8::MAX } else { 1 };
        Self { shape: Arc::new(shape), values: Arc::new(values), rows, maximum, fill: None, labels, groups: Vec::new() }
    }

    /// Grey 8-bit pictures, row by row; 0 is the ground and `maximum` stands for 1.0.
    #[must_use]
    pub fn grey(columns: usize, rows: usize, maximum: u8, values: Vec<u8>, labels: Vec<u8>) -> Self {
        Self::new(Shape::grey(columns, rows), Values::Bytes(values), labels).scaled(maximum)
    }

    /// The same with groups, one a sample.
    #[must_use]
    pub fn with_groups(self, groups: Vec<u32>) -> Self {
        Self { groups, ..self }
    }

    /// The same, whose missing values are to be filled.
    #[must_use]
    pub fn with_fill(self, fill: Option<Fill>) -> Self {
        Self { fill, ..self }
    }

    /// What takes the place of missing values; none where no value is missing.
    #[must_use]
    pub const fn fill(&self) -> Option<Fill> {
        self.fill
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// What a sample is made of.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// How many values a sample has.
    #[must_use]
    pub fn features(&self) -> usize {
        self.shape.len()
    }

    /// The stored value that stands for 1.0: 255 for MNIST, 16 for `digits8x8`, 1 for what is no byte.
    #[must_use]
    pub const fn maximum(&self) -> u8 {
        self.maximum
    }

    /// Whether the values are stored as bytes.
    #[must_use]
    pub fn are_bytes(&self) -> bool {
        matches!(*self.values, Values::Bytes(_))
    }

    /// The values and the label of one sample, or `None` past the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<(Sample<'_>, u8)> {
        let row = *self.rows.get(index)? as usize;
        Some((self.values.row(row, self.shape.len())?, *self.labels.get(index)?))
    }

    /// All samples with their labels.
    pub fn iter(&self) -> impl Iterator<Item = (Sample<'_>, u8)> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Some of the samples, by their numbers here; numbers past the end are left out.
    #[must_use]
    pub fn select(&self, indices: impl IntoIterator<Item = usize>) -> Self {
        let (mut rows, mut labels, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for index in indices.into_iter().filter(|&index| index < self.len()) {
            rows.push(self.rows[index]);
            labels.push(self.labels[index]);
            groups.extend(self.groups.get(index));
        }
        let (shape, values) = (Arc::clone(&self.shape), Arc::clone(&self.values));
        Self { shape, values, rows, maximum: self.maximum, fill: self.fill, labels, groups }
    }

    /// The samples whose number and label are wanted, in their order.
    #[must_use]
    pub fn filter(&self, wanted: impl Fn(usize, u8) -> bool) -> Self {
        self.select((0..self.len()).filter(|&index| wanted(index, self.labels[index])))
    }

    /// All but the last `count` samples, and the last `count`.
    ///
    /// # Errors
    /// [`ff_core::error::Error::Length`] where that leaves none to learn from.
    pub fn split_last(&self, count: usize) -> Result<(Self, Self), ff_core::error::Error> {
        let found = self.len();
        if count >= found {
            let expected = count.saturating_add(1);
            return Err(ff_core::error::Error::Length { what: "the training set", expected, found });
        }
        Ok((self.select(0..found - count), self.select(found - count..found)))
    }

    /// The same values under another shape of as many.
    #[must_use]
    pub fn reshaped(self, shape: Shape) -> Option<Self> {
        (shape.len() == self.shape.len()).then(|| Self { shape: Arc::new(shape), ..self })
    }

    /// The same bytes with another value that stands for 1.0.
    #[must_use]
    pub fn scaled(self, maximum: u8) -> Self {
        let maximum = if self.are_bytes() { maximum.max(1) } else { 1 };
        Self { maximum, ..self }
    }

    /// All values as floats, `len()` rows of `features()`: `value / maximum`.
    #[must_use]
    pub fn floats(&self) -> Vec<f32> {
        let maximum = f32::from(self.maximum);
        self.iter().flat_map(|(sample, _)| sample.numbers()).map(|value| value / maximum).collect()
    }

    /// Adds values and labels to a checksum.
    pub(super) fn add_to(&self, sum: &mut crc32fast::Hasher) {
        for (sample, _) in self.iter() {
            match sample {
                Sample::Bytes(values) => sum.update(values),
                Sample::Floats(values) => values.iter().for_each(|value| sum.update(&value.to_le_bytes())),
            }
        }
        sum.update(&self.labels);
    }
}

/// What they are; not all of their values.
impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samples").field("shape", &self.shape).field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The same samples, whatever they share with whom.
impl PartialEq for Samples {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.maximum == other.maximum && self.iter().eq(other.iter())
    }
}
