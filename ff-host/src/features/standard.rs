//! What the training images have in common, taken out of every image.
//!
//! Of each feature the mean over the training images is subtracted, and what is left is divided by
//! its standard deviation and a floor of 0.3: an image then tells how it differs from the usual one. A
//! network keeps these numbers with its weights, since it makes no sense without them.

use crate::augment::Variation;
use crate::data::Images;
use crate::recipe::Recipe;

use super::Features;

/// Added to every standard deviation, with pixels from 0 to 1, so that one that is hardly ever lit does
/// not outweigh all others.
const FLOOR: f32 = 0.3;

/// The means, and what the differences from them are multiplied with; both empty where features stay as
/// they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standard {
    /// One a feature.
    pub mean: Vec<f32>,
    /// One a feature.
    pub scale: Vec<f32>,
}

impl Standard {
    /// Of features that stay as they are.
    pub const NONE: Self = Self { mean: Vec::new(), scale: Vec::new() };

    /// One that [`Standard::fit`] will take the place of.
    #[must_use]
    pub fn zeroed(recipe: &Recipe, features: usize) -> Self {
        let count = Self::length(recipe, features);
        Self { mean: vec![0.0; count], scale: vec![0.0; count] }
    }

    /// How many of the features a recipe standardises: all or none.
    pub(crate) const fn length(recipe: &Recipe, features: usize) -> usize {
        if recipe.standardise { features } else { 0 }
    }

    /// Of these images, as they are; none where the recipe leaves features as they are.
    #[must_use]
    pub fn fit(recipe: &Recipe, features: &Features, images: &Images) -> Self {
        if !recipe.standardise {
            return Self::NONE;
        }
        let mut row = vec![0.0; features.len()];
        let mut sums = vec![[0.0_f64; 2]; features.len()];
        for (pixels, _) in (0..images.len()).filter_map(|index| images.get(index)) {
            features.write(pixels, &Variation::NONE, &mut row);
            for ([sum, squares], value) in sums.iter_mut().zip(&row) {
                *sum += f64::from(*value);
                *squares += f64::from(value * value);
            }
        }
        let count = images.len().max(1) as f64;
        let mean = sums.iter().map(|[sum, _]| (sum / count) as f32).collect();
        let scale = sums.iter().map(|[sum, squares]| {
            let variance = squares / count - (sum / count) * (sum / count);
            1.0 / (variance.max(0.0).sqrt() as f32 + FLOOR)
        });
        Self { mean, scale: scale.collect() }
    }

    /// `row <- (row - mean) * scale`.
    #[inline(always)]
    pub fn apply(&self, row: &mut [f32]) {
        for ((value, mean), scale) in row.iter_mut().zip(&self.mean).zip(&self.scale) {
            *value = (*value - mean) * scale;
        }
    }
}
