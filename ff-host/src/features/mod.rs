//! Images as the features that a network takes.

mod standard;

use crate::augment::Variation;
use crate::data::Images;
use crate::recipe::Recipe;
use ff_core::error::Error;
pub use standard::Standard;

/// How images become features: brightened, varied, pooled, centred, standardised, and for an overlay
/// without the first pixels, whose place the label takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// Pixels in a row of an image.
    width: usize,
    /// Pixels of an image.
    pixels: usize,
    /// The side of the square cells whose mean is taken.
    pool: usize,
    /// Whether the image's mean is subtracted.
    centre: bool,
    /// How many of the first features are dropped.
    dropped: usize,
    /// What a pixel counts: its part of the brightest, raised to a power.
    values: Box<[f32; 256]>,
    /// What is done to the features at the end.
    standard: Standard,
}

impl Features {
    /// The way from these images to a network that this recipe makes, not yet standardised: a network that
    /// has learned knows it whole, see [`HostNetwork::features_of`](crate::network::HostNetwork::features_of).
    ///
    /// # Errors
    /// [`Error::Shape`] where pooling or the overlay leaves no feature.
    pub fn new(images: &Images, recipe: &Recipe, classes: usize) -> Result<Self, Error> {
        let features = recipe.features(images.width, images.height, classes);
        features.ok_or(Error::Shape { what: "pooling and overlay leave no feature of an image of this size" })?;
        let scale = 1.0 / f32::from(images.maximum.max(1));
        let value = |pixel: usize| {
            let value = pixel as f32 * scale;
            // Asked first, since a power of 1 may be off by a bit.
            if recipe.gamma == 1.0 { value } else { value.powf(recipe.gamma) }
        };
        Ok(Self {
            width: images.width,
            pixels: images.features(),
            pool: recipe.pool,
            centre: recipe.centre,
            dropped: recipe.dropped(classes),
            values: Box::new(std::array::from_fn(value)),
            standard: Standard::NONE,
        })
    }

    /// The same, standardised at the end.
    #[must_use]
    pub fn standardised(self, standard: &Standard) -> Self {
        Self { standard: standard.clone(), ..self }
    }

    /// How many features an image gives.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.pooled() - self.dropped
    }

    /// Features in a row of the picture that they make.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width / self.pool
    }

    /// Whether an image gives no feature at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values after pooling.
    const fn pooled(&self) -> usize {
        (self.width / self.pool) * (self.pixels / self.width / self.pool)
    }

    /// Writes one image, varied, into a row of [`Features::len`].
    #[inline(always)]
    pub fn write(&self, image: &[u8], variation: &Variation, row: &mut [f32]) {
        if self.pool == 1 && self.dropped == 0 {
            self.draw(image, variation, row);
        } else {
            let mut whole = vec![0.0; self.pixels];
            self.draw(image, variation, &mut whole);
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
    fn draw(&self, image: &[u8], variation: &Variation, to: &mut [f32]) {
        variation.write(image, self.width, |pixel| self.values[usize::from(pixel)], to);
    }

    /// The mean of each square cell, row by row; pixels beyond the last whole cell are left out.
    fn cells<'a>(&self, whole: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        let (width, pool) = (self.width, self.pool);
        let (columns, rows) = (width / pool, self.pixels / width / pool);
        let mean = 1.0 / (pool * pool) as f32;
        (0..rows * columns).map(move |cell| {
            let corner = (cell / columns) * pool * width + (cell % columns) * pool;
            let lines = (0..pool).map(|line| &whole[corner + line * width..][..pool]);
            lines.flatten().sum::<f32>() * mean
        })
    }
}
