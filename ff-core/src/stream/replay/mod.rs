//! Old samples, kept to be learned again.
//!
//! A network that learns only what comes now forgets what came before. Replay mixes samples from a
//! small memory into each step. The two ways to choose what is kept:
//!
//! * [`Reservoir`]: every sample of the stream has the same chance, so the memory is a fair sample
//!   of all that ever came. Use when the stream itself is balanced. Avoid when classes come one
//!   after the other or some are rare: the memory is as lopsided as the stream.
//! * [`Balanced`]: as many of each class as possible, however rare, and a fair sample within each.
//!   Use for new classes and for streams that favour some. Avoid when a class's frequency itself
//!   matters to what is learned. Costs `5 classes - 4` bytes more.
//!
//! Samples are kept as bytes, a quarter of the memory of floats; most sensors give no more.

mod balanced;
mod uniform;

pub use balanced::Balanced;
pub use uniform::Reservoir;

use crate::checksum::Crc32;
use crate::error::{self, Error};
use crate::random::Rng;
use crate::snapshot::{Block, BlockMut};

/// The samples that are kept: `CAPACITY x (FEATURES + 1) + 4` bytes, rounded up to a multiple of 4.
#[derive(Debug)]
pub struct Kept<const FEATURES: usize, const CAPACITY: usize> {
    samples: [[u8; FEATURES]; CAPACITY],
    labels: [u8; CAPACITY],
    count: u32,
}

impl<const FEATURES: usize, const CAPACITY: usize> Kept<FEATURES, CAPACITY> {
    const ZEROED: Self = {
        assert!(FEATURES > 0 && CAPACITY > 0, "a memory of at least one sample with a feature");
        // Compared as 64 bits, for a processor's `usize` may have 16.
        assert!((CAPACITY as u64) < 1 << 31, "a memory of fewer than 2^31 samples");
        Self { samples: [[0; FEATURES]; CAPACITY], labels: [0; CAPACITY], count: 0 }
    };

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.count as usize).min(CAPACITY)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sample at a place, as features and label.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<(&[u8; FEATURES], u8)> {
        let place = Some(place).filter(|&place| place < self.len())?;
        Some((self.samples.get(place)?, self.labels.get(place).copied()?))
    }

    /// A random sample, each with the same chance; none while there is none.
    pub fn draw(&self, rng: &mut Rng) -> Option<(&[u8; FEATURES], u8)> {
        self.get(rng.below(self.len() as u32) as usize)
    }

    /// Draws a batch of `labels.len()` samples, with repetition, ready for a training step; `value`
    /// turns a stored byte into a feature. Where nothing is kept yet it returns false and leaves the
    /// slices as they were.
    ///
    /// # Errors
    /// [`Error::Length`] where `samples` has not `FEATURES` floats a label.
    pub fn fill(
        &self,
        rng: &mut Rng,
        samples: &mut [f32],
        labels: &mut [u8],
        value: impl Fn(u8) -> f32,
    ) -> Result<bool, Error> {
        error::exactly("replayed samples", labels.len() * FEATURES, samples.len())?;
        for (sample, label) in samples.chunks_exact_mut(FEATURES).zip(labels) {
            let Some((kept, its_label)) = self.draw(rng) else { return Ok(false) };
            sample.iter_mut().zip(kept).for_each(|(to, from)| *to = value(*from));
            *label = its_label;
        }
        Ok(!self.is_empty())
    }

    /// How many samples of each class there are; `counts` is as long as there are classes.
    pub fn count_classes(&self, counts: &mut [u32]) {
        counts.fill(0);
        for &label in self.labels.iter().take(self.len()) {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
    }

    /// The place of the `nth` sample with this label.
    fn nth_of_class(&self, label: u8, nth: u32) -> Option<usize> {
        let labels = self.labels.iter().take(self.len()).enumerate();
        labels.filter(|&(_, &its)| its == label).nth(nth as usize).map(|(place, _)| place)
    }

    /// Puts a sample at a place, or at the end, and says where.
    fn put(&mut self, place: usize, sample: &[u8], label: u8) -> Option<usize> {
        let (to, its_label) = (self.samples.get_mut(place)?, self.labels.get_mut(place)?);
        to.iter_mut().zip(sample).for_each(|(to, from)| *to = *from);
        *its_label = label;
        if place == self.count as usize {
            self.count += 1;
        }
        Some(place)
    }

    fn shape(hash: &mut Crc32) {
        hash.words(&[FEATURES as u32, CAPACITY as u32]);
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        match index {
            0 => Some(Block::Bytes(self.samples.as_flattened())),
            1 => Some(Block::Bytes(&self.labels)),
            2 => Some(Block::Words(core::slice::from_ref(&self.count))),
            _ => None,
        }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        match index {
            0 => Some(BlockMut::Bytes(self.samples.as_flattened_mut())),
            1 => Some(BlockMut::Bytes(&mut self.labels)),
            2 => Some(BlockMut::Words(core::slice::from_mut(&mut self.count))),
            _ => None,
        }
    }
}
