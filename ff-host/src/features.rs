//! Images as the features that a network takes.

use crate::data::Images;
use ff_core::error::Error;
use ff_core::sample;

/// How images become features: as they are, or without the first pixels, whose place the label
/// takes in networks with an overlay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// Pixels in a row of an image.
    width: usize,
    /// Pixels of an image.
    pixels: usize,
    /// How many of the first pixels are dropped.
    dropped: usize,
    /// What a pixel is multiplied with, so that the brightest is 1.
    scale: f32,
}

impl Features {
    /// The way from these images to a network of `features` inputs behind `classes` label slots.
    ///
    /// # Errors
    /// [`Error::Length`] where the images have neither that many pixels nor, for an overlay,
    /// `classes` more.
    pub fn new(images: &Images, features: usize, classes: usize) -> Result<Self, Error> {
        let pixels = images.features();
        let dropped = match pixels.checked_sub(features) {
            Some(dropped) if dropped == 0 || dropped == classes => dropped,
            _ => return Err(Error::Length { what: "an image", expected: features, found: pixels }),
        };
        Ok(Self { width: images.width, pixels, dropped, scale: 1.0 / f32::from(images.maximum.max(1)) })
    }

    /// How many features an image gives.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.pixels - self.dropped
    }

    /// Whether an image gives no feature at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes one image, moved by `by` pixels (right, down), into a row of [`Features::len`].
    #[inline]
    pub fn write(&self, image: &[u8], by: (isize, isize), row: &mut [f32]) {
        if self.dropped == 0 {
            // Cannot fail: the lengths were checked when this was made.
            let _ = sample::shift(image, self.width, by, row, |pixel| f32::from(pixel) * self.scale);
            return;
        }
        let mut whole = vec![0.0; self.pixels];
        let _ = sample::shift(image, self.width, by, &mut whole, |pixel| f32::from(pixel) * self.scale);
        row.copy_from_slice(&whole[self.dropped..]);
    }
}
