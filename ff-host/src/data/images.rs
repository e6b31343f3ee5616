//! Labelled images in memory.

use super::{DatasetName, Split};

/// A data set, ready for training: its training images and its held-out images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Which data set was asked for.
    pub name: DatasetName,
    /// How it was divided into training and held-out images.
    pub split: Split,
    /// Where it came from, for a report: a folder, or that it is compiled in.
    pub source: String,
    /// How many classes there are: labels are `0..classes`.
    pub classes: usize,
    /// The images to learn from.
    pub train: Images,
    /// The held-out images: never trained on, never used to choose a setting.
    pub test: Images,
}

/// Grey images of one size with their labels.
///
/// `pixels` holds `labels.len()` images of `height` rows of `width` pixels, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// Pixels in a row.
    pub width: usize,
    /// Rows of an image.
    pub height: usize,
    /// The pixel value that stands for 1.0: 255 for MNIST, 16 for `digits8x8`.
    pub maximum: u8,
    /// All pixels, image by image, row by row; 0 is the background.
    pub pixels: Vec<u8>,
    /// The class of each image.
    pub labels: Vec<u8>,
}

impl Dataset {
    /// CRC-32 of all pixels and labels: what tells own data from the published ones of the same name.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        for Images { pixels, labels, .. } in [&self.train, &self.test] {
            sum.update(pixels);
            sum.update(labels);
        }
        sum.finalize()
    }
}

impl Images {
    /// How many images there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// How many pixels an image has: the features of a sample.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.width * self.height
    }

    /// The pixels and the label of one image, or `None` past the end.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<(&[u8], u8)> {
        let pixels = self.pixels.chunks_exact(self.features()).nth(index)?;
        Some((pixels, *self.labels.get(index)?))
    }

    /// The first `count` images, or all where there are fewer.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let count = count.min(self.len());
        let pixels = self.pixels[..count * self.features()].to_vec();
        Self { pixels, labels: self.labels[..count].to_vec(), ..*self }
    }

    /// All but the last `count` images, and the last `count`.
    ///
    /// # Errors
    /// [`ff_core::error::Error::Length`] where that leaves none to learn from.
    pub fn split_last(self, count: usize) -> Result<(Self, Self), ff_core::error::Error> {
        let (found, width, height, maximum) = (self.len(), self.width, self.height, self.maximum);
        if count >= found {
            return Err(ff_core::error::Error::Length {
                what: "the training set",
                expected: count.saturating_add(1),
                found,
            });
        }
        let Self { mut pixels, mut labels, .. } = self;
        let held_out = pixels.split_off((found - count) * width * height);
        let held_labels = labels.split_off(found - count);
        let held_out = Self { width, height, maximum, pixels: held_out, labels: held_labels };
        Ok((Self { width, height, maximum, pixels, labels }, held_out))
    }

    /// All pixels as floats from 0 to 1, `len()` rows of `features()`: `pixel / maximum`.
    #[must_use]
    pub fn floats(&self) -> Vec<f32> {
        let maximum = f32::from(self.maximum);
        self.pixels.iter().map(|&pixel| f32::from(pixel) / maximum).collect()
    }
}
