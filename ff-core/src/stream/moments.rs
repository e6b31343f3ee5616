//! Mean and deviation of a stream, without keeping it.

use core::slice;

use crate::checksum::Crc32;
use crate::error::{self, Error};
use crate::math;
use crate::snapshot::{Block, BlockMut, Saved};

/// Running mean and variance.
///
/// `m <- m + (x - m) / n`, `S <- S + (x - m_before) (x - m_after)`, variance `S / (n - 1)`.
/// Exact enough in f32 for some 100,000 values; after that new values hardly count.
///
/// As a threshold, `mean - k * deviation` needs few values, but the share of normal samples below it
/// is only known if their goodness is normally distributed, which it is not: prefer
/// [`anomaly`](super::anomaly). Source: Welford 1962.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// Mean, and sum of squared differences from it.
    sums: [f32; 2],
    count: u32,
}

impl Moments {
    /// Before the first value.
    pub const ZEROED: Self = Self { sums: [0.0; 2], count: 0 };

    /// Takes one value.
    ///
    /// # Errors
    /// [`Error::NotFinite`], also for a value so large that its square is not: nothing has changed.
    pub fn add(&mut self, value: f32) -> Result<(), Error> {
        let [mean, squares] = self.sums;
        let count = self.count.saturating_add(1);
        let before = value - mean;
        let mean = mean + before / count as f32;
        let sums = [mean, squares + before * (value - mean)];
        error::finite("value", &sums)?;
        *self = Self { sums, count };
        Ok(())
    }

    /// How many values there were.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Their mean; 0 without any.
    #[must_use]
    pub const fn mean(&self) -> f32 {
        self.sums[0]
    }

    /// Their standard deviation; 0 below two.
    #[must_use]
    pub fn deviation(&self) -> f32 {
        if self.count < 2 { 0.0 } else { math::sqrt(self.sums[1] / (self.count - 1) as f32) }
    }
}

impl Saved for Moments {
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"moments");
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        match index {
            0 => Some(Block::Floats(&self.sums)),
            1 => Some(Block::Words(slice::from_ref(&self.count))),
            _ => None,
        }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        match index {
            0 => Some(BlockMut::Floats(&mut self.sums)),
            1 => Some(BlockMut::Words(slice::from_mut(&mut self.count))),
            _ => None,
        }
    }
}
