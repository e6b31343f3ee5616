//! What the training samples have in common, taken out of every sample.
//!
//! Of each feature the mean over the training samples is subtracted, and what is left is divided by
//! its standard deviation; of pictures, whose pixels lie between 0 and 1, by that and a floor of 0.3: a sample
//! then tells how it differs from the usual one. The channels of a series are treated as a whole, so that what
//! happens when stays comparable. Missing values are filled before. A network keeps these numbers with its
//! weights, since it makes no sense without them.

use crate::augment::Variation;
use crate::data::{Fill, Samples, Shape};
use crate::recipe::Recipe;

use super::Features;

/// Added to every standard deviation of 8-bit pixels, brought to 0 to 1, so that one that is hardly ever lit
/// does not outweigh all others.
const FLOOR: f32 = 0.3;

/// A feature whose standard deviation is less than this part of its mean does not vary but by rounding.
const STILL: f64 = 1e-6;

/// The means, and what the differences from them are multiplied with; both empty where features stay as
/// they are. And what missing values are filled with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standard {
    /// One a feature.
    pub mean: Vec<f32>,
    /// One a feature.
    pub scale: Vec<f32>,
    /// One a value of a sample as it is stored; empty where no value may be missing.
    pub fill: Vec<f32>,
}

impl Standard {
    /// Of features that stay as they are.
    pub const NONE: Self = Self { mean: Vec::new(), scale: Vec::new(), fill: Vec::new() };

    /// One that [`Standard::fit`] will take the place of.
    #[must_use]
    pub fn zeroed(recipe: &Recipe, features: usize) -> Self {
        let count = Self::length(recipe, features);
        Self { mean: vec![0.0; count], scale: vec![0.0; count], fill: Vec::new() }
    }

    /// How many of the features a recipe standardises: all that differ from sample to sample, or none.
    pub(crate) fn length(recipe: &Recipe, features: usize) -> usize {
        if recipe.standardise { features.saturating_sub(recipe.constants()) } else { 0 }
    }

    /// Of these samples, as they are; nothing where the recipe leaves features as they are and no value may be
    /// missing.
    #[must_use]
    pub fn fit(recipe: &Recipe, features: &Features, samples: &Samples) -> Self {
        let fill = samples.fill().map_or_else(Vec::new, |fill| fills(fill, samples));
        let filled = Self { fill, ..Self::NONE };
        if !recipe.standardise {
            return filled;
        }
        let features = features.clone().standardised(&filled);
        // A picture's places differ; a series' steps of time do not.
        let together = if matches!(samples.shape(), Shape::Series { .. }) { features.plane() } else { 1 };
        let [mean, scale] =
            if samples.are_bytes() { of_bytes(&features, samples) } else { of_floats(&features, samples, together) };
        Self { mean, scale, ..filled }
    }

    /// `row <- (row - mean) * scale`.
    #[inline(always)]
    pub fn apply(&self, row: &mut [f32]) {
        for ((value, mean), scale) in row.iter_mut().zip(&self.mean).zip(&self.scale) {
            *value = (*value - mean) * scale;
        }
    }

    /// A sample's values with missing ones filled.
    pub(super) fn filled(&self, values: &[f32]) -> Vec<f32> {
        values.iter().zip(&self.fill).map(|(value, fill)| if value.is_nan() { *fill } else { *value }).collect()
    }
}

/// Calls `each` with the features of every sample.
fn for_each_row(features: &Features, samples: &Samples, mut each: impl FnMut(&[f32])) {
    let mut row = vec![0.0; features.len()];
    for (sample, _) in samples.iter() {
        features.write(sample, &Variation::NONE, &mut row);
        each(&row[..features.varying()]);
    }
}

/// Means and scales of features between 0 and 1.
fn of_bytes(features: &Features, samples: &Samples) -> [Vec<f32>; 2] {
    let mut sums = vec![[0.0_f64; 2]; features.varying()];
    for_each_row(features, samples, |row| {
        for ([sum, squares], value) in sums.iter_mut().zip(row) {
            *sum += f64::from(*value);
            *squares += f64::from(value * value);
        }
    });
    let count = samples.len().max(1) as f64;
    let mean = sums.iter().map(|[sum, _]| (sum / count) as f32).collect();
    let scale = sums.iter().map(|[sum, squares]| {
        let variance = squares / count - (sum / count) * (sum / count);
        1.0 / (variance.max(0.0).sqrt() as f32 + FLOOR)
    });
    [mean, scale.collect()]
}

/// Means and scales of features of any size, so many of which share theirs. One that does not vary is 0.
fn of_floats(features: &Features, samples: &Samples, together: usize) -> [Vec<f32>; 2] {
    let groups = features.varying().div_ceil(together);
    let count = (samples.len().max(1) * together) as f64;
    let mut means = vec![0.0_f64; groups];
    for_each_row(features, samples, |row| {
        row.iter().enumerate().for_each(|(i, value)| means[i / together] += f64::from(*value) / count);
    });
    let mut squares = vec![0.0_f64; groups];
    for_each_row(features, samples, |row| {
        let differences =
            row.iter().enumerate().map(|(i, value)| (i / together, f64::from(*value) - means[i / together]));
        differences.for_each(|(group, difference)| squares[group] += difference * difference / count);
    });
    let scale = |(mean, square): (&f64, &f64)| {
        let deviation = square.sqrt();
        if deviation <= STILL * mean.abs() || deviation == 0.0 { 0.0 } else { (1.0 / deviation) as f32 }
    };
    let scales: Vec<f32> = means.iter().zip(&squares).map(scale).collect();
    let each = |i: usize| i / together;
    let all = 0..features.varying();
    [all.clone().map(|i| means[each(i)] as f32).collect(), all.map(|i| scales[each(i)]).collect()]
}

/// What fills missing values: one value for each column of a table or channel of a series.
fn fills(fill: Fill, samples: &Samples) -> Vec<f32> {
    let shape = samples.shape();
    let together = if matches!(shape, Shape::Series { .. }) { shape.columns() } else { 1 };
    let of_group = |group: usize| {
        let range = group * together..(group + 1) * together;
        let values = samples.iter().flat_map(|(sample, _)| sample.numbers().skip(range.start).take(together));
        let mut known: Vec<f32> = values.filter(|value| !value.is_nan()).collect();
        match fill {
            Fill::Zero => 0.0,
            _ if known.is_empty() => 0.0,
            Fill::Mean => (known.iter().map(|&value| f64::from(value)).sum::<f64>() / known.len() as f64) as f32,
            Fill::Median => {
                let middle = known.len() / 2;
                *known.select_nth_unstable_by(middle, f32::total_cmp).1
            }
        }
    };
    let groups: Vec<f32> = (0..shape.len() / together).map(of_group).collect();
    (0..shape.len()).map(|value| groups[value / together]).collect()
}
