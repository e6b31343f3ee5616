//! As many of each class as possible.

use super::Kept;
use crate::checksum::Crc32;
use crate::error::{self, Error};
use crate::random::Rng;
use crate::snapshot::{Block, BlockMut, Saved};

/// Class-balancing reservoir sampling, for labels below `CLASSES`.
///
/// While there is room everything is kept. After that, a sample of a class that never was the
/// largest takes the place of a random one of the largest class. Of a class that was, m kept of n
/// seen, it takes the place of a random one of its own with probability `m / n`, so each class is a
/// fair sample of itself. Cost: one pass over the labels a sample. Source: Chrysakis and Moens
/// 2020.
#[derive(Debug)]
pub struct Balanced<const FEATURES: usize, const CAPACITY: usize, const CLASSES: usize> {
    kept: Kept<FEATURES, CAPACITY>,
    seen: [u32; CLASSES],
    /// Not 0 for each class that was the largest while the memory was full.
    full: [u8; CLASSES],
}

impl<const FEATURES: usize, const CAPACITY: usize, const CLASSES: usize> Balanced<FEATURES, CAPACITY, CLASSES> {
    /// Before the first sample; a static of it lands in `.bss`.
    pub const ZEROED: Self = {
        assert!(CLASSES >= 1 && CLASSES <= 256, "labels are bytes");
        Self { kept: Kept::ZEROED, seen: [0; CLASSES], full: [0; CLASSES] }
    };

    /// Offers a sample of the stream; returns where it was put, if it was kept.
    ///
    /// # Errors
    /// [`Error::Length`] for a sample of another length, [`Error::Label`]: nothing has changed.
    pub fn offer(&mut self, sample: &[u8], label: u8, rng: &mut Rng) -> Result<Option<usize>, Error> {
        error::exactly("replayed sample", FEATURES, sample.len())?;
        let out_of_range = Error::Label { index: 0, label, classes: CLASSES };
        let seen = self.seen.get_mut(usize::from(label)).ok_or(out_of_range)?;
        *seen = seen.saturating_add(1);
        let seen = *seen;
        let place = match self.kept.len() {
            filled if filled < CAPACITY => Some(filled),
            _ => self.replaced(label, seen, rng),
        };
        Ok(place.and_then(|place| self.kept.put(place, sample, label)))
    }

    /// What is kept.
    #[must_use]
    pub const fn kept(&self) -> &Kept<FEATURES, CAPACITY> {
        &self.kept
    }

    /// How many samples of each class were offered.
    #[must_use]
    pub const fn seen(&self) -> &[u32; CLASSES] {
        &self.seen
    }

    /// Whose place a sample takes in a full memory, if it takes one.
    fn replaced(&mut self, label: u8, seen: u32, rng: &mut Rng) -> Option<usize> {
        let mut counts = [0_u32; CLASSES];
        self.kept.count_classes(&mut counts);
        let most = counts.iter().copied().max().unwrap_or(0);
        if most == 0 {
            // Only a foreign snapshot brings labels that are no classes here; they go first.
            return Some(rng.below(CAPACITY as u32) as usize);
        }
        let largest = self.full.iter_mut().zip(&counts).filter(|(_, count)| **count == most);
        largest.for_each(|(full, _)| *full = 1);

        let own = counts.get(usize::from(label)).copied()?;
        if self.full.get(usize::from(label)).is_some_and(|&full| full != 0) {
            let nth = rng.below(seen);
            return (nth < own).then(|| self.kept.nth_of_class(label, nth))?;
        }
        // Among all samples of the largest classes, each with the same chance.
        let largest = counts.iter().filter(|&&count| count == most).count() as u32;
        let drawn = rng.below(largest * most);
        let class = counts.iter().enumerate().filter(|(_, count)| **count == most).nth((drawn / most) as usize)?.0;
        self.kept.nth_of_class(class as u8, drawn % most)
    }
}

impl<const FEATURES: usize, const CAPACITY: usize, const CLASSES: usize> Saved
    for Balanced<FEATURES, CAPACITY, CLASSES>
{
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"balanced");
        Kept::<FEATURES, CAPACITY>::shape(hash);
        hash.words(&[CLASSES as u32]);
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        match index {
            3 => Some(Block::Words(&self.seen)),
            4 => Some(Block::Bytes(&self.full)),
            _ => self.kept.block(index),
        }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        match index {
            3 => Some(BlockMut::Words(&mut self.seen)),
            4 => Some(BlockMut::Bytes(&mut self.full)),
            _ => self.kept.block_mut(index),
        }
    }
}
