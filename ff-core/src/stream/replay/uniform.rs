//! A fair sample of all that ever came.

use core::slice;

use super::Kept;
use crate::checksum::Crc32;
use crate::error::{self, Error};
use crate::random::Rng;
use crate::snapshot::{Block, BlockMut, Saved};

/// Reservoir sampling: after t samples each of them is kept with probability `CAPACITY / t`.
///
/// The t-th sample takes the place of a random one with that probability. Cost: one random number
/// a sample. Up to 2^32 - 1 samples; later ones have the last one's chance. Source: Vitter 1985,
/// algorithm R.
#[derive(Debug)]
pub struct Reservoir<const FEATURES: usize, const CAPACITY: usize> {
    kept: Kept<FEATURES, CAPACITY>,
    seen: u32,
}

impl<const FEATURES: usize, const CAPACITY: usize> Reservoir<FEATURES, CAPACITY> {
    /// Before the first sample; a static of it lands in `.bss`.
    pub const ZEROED: Self = Self { kept: Kept::ZEROED, seen: 0 };

    /// Offers a sample of the stream; returns where it was put, if it was kept.
    ///
    /// # Errors
    /// [`Error::Length`] for a sample of another length: nothing has changed.
    pub fn offer(&mut self, sample: &[u8], label: u8, rng: &mut Rng) -> Result<Option<usize>, Error> {
        error::exactly("replayed sample", FEATURES, sample.len())?;
        self.seen = self.seen.saturating_add(1);
        let filled = self.kept.len();
        let place = if filled < CAPACITY { filled } else { rng.below(self.seen) as usize };
        Ok(self.kept.put(place, sample, label))
    }

    /// What is kept.
    #[must_use]
    pub const fn kept(&self) -> &Kept<FEATURES, CAPACITY> {
        &self.kept
    }

    /// How many samples were offered.
    #[must_use]
    pub const fn seen(&self) -> u32 {
        self.seen
    }
}

impl<const FEATURES: usize, const CAPACITY: usize> Saved for Reservoir<FEATURES, CAPACITY> {
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"reservoir");
        Kept::<FEATURES, CAPACITY>::shape(hash);
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        if index == 3 { Some(Block::Words(slice::from_ref(&self.seen))) } else { self.kept.block(index) }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        if index == 3 { Some(BlockMut::Words(slice::from_mut(&mut self.seen))) } else { self.kept.block_mut(index) }
    }
}
