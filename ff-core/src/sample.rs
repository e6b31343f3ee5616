//! A batch of labelled samples, and the check that refuses a bad one.

use crate::blocks::BLOCK;
use crate::error::{self, Error};

/// Some samples with their labels. Nothing is copied: both slices stay the caller's.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The features, sample by sample: `labels.len()` rows of one width. Usually 0 to 1.
    pub samples: &'a [f32],
    /// The class of each sample, from 0.
    pub labels: &'a [u8],
}

impl Batch<'_> {
    /// How many samples there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Refuses an empty batch, a wrong length, a label out of range, and features that are NaN, infinite
    /// or too large to be squared.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::Label`] or [`Error::NotFinite`], naming the offender.
    pub fn check(&self, features: usize, classes: usize) -> Result<(), Error> {
        error::at_least("labels", 1, self.len())?;
        check_samples(self.samples, features, self.len())?;
        let mut labels = self.labels.iter().copied().enumerate();
        match labels.find(|&(_, label)| usize::from(label) >= classes) {
            Some((index, label)) => Err(Error::Label { index, label, classes }),
            None => Ok(()),
        }
    }
}

/// What a wrong length is about: a sample's features alone, since the label's inputs are the network's own.
const SAMPLES: &str = "samples (features alone, without label slots)";

/// Refuses samples of the wrong total length, and features that no sum of squares is made of.
pub(crate) fn check_samples(samples: &[f32], features: usize, rows: usize) -> Result<(), Error> {
    error::exactly(SAMPLES, features.wrapping_mul(rows), samples.len())?;
    error::squarable("samples", samples)
}

/// Turns stored bytes into features: `features <- scale * bytes`, so 1 / 255 brings pixels to 0 to 1.
/// Samples may stay bytes in flash.
///
/// # Errors
/// [`Error::Length`] where the lengths differ.
#[cfg_attr(target_os = "none", inline(never))]
pub fn from_bytes(bytes: &[u8], scale: f32, features: &mut [f32]) -> Result<(), Error> {
    error::exactly("features", bytes.len(), features.len())?;
    let (blocks, tail) = features.as_chunks_mut::<BLOCK>();
    let (byte_blocks, byte_tail) = bytes.as_chunks::<BLOCK>();
    for (block, bytes) in blocks.iter_mut().zip(byte_blocks) {
        block.iter_mut().zip(bytes).for_each(|(x, &byte)| *x = scale * f32::from(byte));
    }
    tail.iter_mut().zip(byte_tail).for_each(|(x, &byte)| *x = scale * f32::from(byte));
    Ok(())
}

/// Moves a sample of `width` columns by (`dx`, `dy`) pixels, right and down, and fills the rest
/// with zeros: the jitter of the classic recipe. `value` turns a stored pixel into a feature, so
/// samples may stay bytes in flash; a shift by (0, 0) is then a plain conversion. A shift beyond
/// the sample's size leaves it blank.
///
/// # Errors
/// [`Error::Length`] where the lengths differ or are no whole number of rows.
#[inline]
pub fn shift<T: Copy>(
    from: &[T],
    width: usize,
    (dx, dy): (isize, isize),
    to: &mut [f32],
    value: impl Fn(T) -> f32,
) -> Result<(), Error> {
    error::exactly("shifted sample", from.len(), to.len())?;
    if width == 0 || !from.len().is_multiple_of(width) {
        return Err(Error::Length { what: "sample", expected: width, found: from.len() });
    }
    let height = from.len() / width;
    to.fill(0.0);
    let columns = width.saturating_sub(dx.unsigned_abs());
    let rows = height.saturating_sub(dy.unsigned_abs());
    let (from_x, to_x) = offsets(dx);
    let (from_y, to_y) = offsets(dy);
    let from_rows = from.chunks_exact(width).skip(from_y);
    let to_rows = to.chunks_exact_mut(width).skip(to_y);
    for (source, target) in from_rows.zip(to_rows).take(rows) {
        let source = source.iter().skip(from_x).take(columns);
        target.iter_mut().skip(to_x).zip(source).for_each(|(t, s)| *t = value(*s));
    }
    Ok(())
}

/// Where reading and writing begin along one axis for a shift by `by`.
fn offsets(by: isize) -> (usize, usize) {
    if by < 0 { (by.unsigned_abs(), 0) } else { (0, by.unsigned_abs()) }
}
