//! Samples as the features that a network takes.

mod standard;

use crate::augment::Variation;
use crate::data::{Sample, Samples};
use crate::recipe::Recipe;
use ff_core::error::Error;
pub use standard::Standard;

/// How samples become features: brightened, varied, pooled, centred, standardised, and for an overlay
/// without the first pixels, whose place the label takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// Channels, rows and columns of a sample.
    extents: [usize; 3],
    /// Rows and columns of the cells whose mean is taken.
    cell: [usize; 2],
    /// Whether the sample's mean is subtracted.
    centre: bool,
    /// How many of the first features are dropped.
    dropped: usize,
    /// The last feature, the same in every sample; 0 for none.
    constant: f32,
    /// The power that values are raised to.
    gamma: f32,
    /// What a byte counts: its part of the brightest, raised to that power.
    values: Box<[f32; 256]>,
    /// What is done to the features at the end.
    standard: Standard,
}

impl Features {
    /// The way from these samples to a network that this recipe makes, not yet standardised: a network that
    /// has learned knows it whole, see [`HostNetwork::features_of`](crate::network::HostNetwork::features_of).
    ///
    /// # Errors
    /// [`Error::Shape`] where pooling or the overlay leaves no feature.
    pub fn new(samples: &Samples, recipe: &Recipe, classes: usize) -> Result<Self, Error> {
        let features = recipe.features(samples.shape(), classes);
        features.ok_or(Error::Shape { what: "pooling and overlay leave no feature of a sample of this size" })?;
        let scale = 1.0 / f32::from(samples.maximum());
        let gamma = recipe.gamma;
        let value = |byte: usize| power(byte as f32 * scale, gamma);
        Ok(Self {
            extents: samples.shape().extents(),
            cell: recipe.cell(samples.shape()),
            centre: recipe.centre,
            dropped: recipe.dropped(classes),
            constant: recipe.constant,
            gamma,
            values: Box::new(std::array::from_fn(value)),
            standard: Standard::NONE,
        })
    }

    /// The same, standardised at the end.
    #[must_use]
    pub fn standardised(self, standard: &Standard) -> Self {
        Self { standard: standard.clone(), ..self }
    }

    /// How many features a sample gives.
    #[must_use]
    pub fn len(&self) -> usize {
        self.varying() + usize::from(self.constant > 0.0)
    }

    /// How many of them come of the sample: all but one that is the same in every sample.
    #[must_use]
    pub const fn varying(&self) -> usize {
        self.pooled() - self.dropped
    }

    /// Features in a row of the picture that they make.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.extents[2] / self.cell[1]
    }

    /// Whether a sample gives no feature at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Features of one channel, one after the other.
    #[must_use]
    pub const fn plane(&self) -> usize {
        (self.extents[1] / self.cell[0]) * self.width()
    }

    /// Values after pooling.
    const fn pooled(&self) -> usize {
        self.extents[0] * self.plane()
    }

    /// Writes one sample, varied, into a row of [`Features::len`].
    #[inline(always)]
    pub fn write(&self, sample: Sample<'_>, variation: &Variation, row: &mut [f32]) {
        match (sample, self.standard.fill.is_empty()) {
            (Sample::Floats(values), false) => {
                self.prepare(Sample::Floats(&self.standard.filled(values)), variation, row);
            }
            _ => self.prepare(sample, variation, row),
        }
    }

    /// Everything but the filling.
    #[inline(always)]
    fn prepare(&self, sample: Sample<'_>, variation: &Variation, row: &mut [f32]) {
        let (row, constant) = row.split_at_mut(self.varying());
        constant.fill(self.constant);
        if self.cell == [1, 1] && self.dropped == 0 {
            self.draw(sample, variation, row);
        } else {
            let mut whole = vec![0.0; sample.len()];
            self.draw(sample, variation, &mut whole);
            self.cells(&whole).skip(self.dropped).zip(row.iter_mut()).for_each(|(cell, to)| *to = cell);
        }
        if self.centre {
            let mean = row.iter().sum::<f32>() / row.len() as f32;
            row.iter_mut().for_each(|value| *value -= mean);
        }
        self.standard.apply(row);
    }

    /// Inlined, so that it is compiled for the vector unit of whoever calls it from a row loop.
    #[inline(always)]
    fn draw(&self, sample: Sample<'_>, variation: &Variation, to: &mut [f32]) {
        let [_, rows, columns] = self.extents;
        let planes = to.chunks_exact_mut(rows * columns);
        match sample {
            Sample::Bytes(values) => values.chunks_exact(rows * columns).zip(planes).for_each(|(plane, to)| {
                variation.write(plane, columns, |byte| self.values[usize::from(byte)], to);
            }),
            Sample::Floats(values) => values.chunks_exact(rows * columns).zip(planes).for_each(|(plane, to)| {
                variation.write(plane, columns, |value| power(value, self.gamma), to);
            }),
        }
    }

    /// The mean of each cell, channel by channel and row by row; values beyond the last whole cell are left out.
    fn cells<'a>(&self, whole: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        let ([_, rows, columns], [high, wide]) = (self.extents, self.cell);
        let (down, across) = (rows / high, columns / wide);
        let mean = 1.0 / (high * wide) as f32;
        whole.chunks_exact(rows * columns).flat_map(move |plane| {
            (0..down * across).map(move |cell| {
                let corner = (cell / across) * high * columns + (cell % across) * wide;
                let lines = (0..high).map(|line| &plane[corner + line * columns..][..wide]);
                lines.flatten().sum::<f32>() * mean
            })
        })
    }
}

/// A value raised to a power, its sign kept.
#[inline(always)]
fn power(value: f32, gamma: f32) -> f32 {
    // Asked first, since a power of 1 may be off by a bit.
    if gamma == 1.0 { value } else { value.abs().powf(gamma).copysign(value) }
}
