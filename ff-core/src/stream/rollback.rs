//! When was learning harmful, and how does one go back?
//!
//! A network that learns from a live stream can unlearn: labels may be wrong, a sensor may break.
//! Every so often, judge it on held-out samples; [`Rollback`] says whether to keep a copy, to go
//! on, or to return to the copy, and does it with a spare network in RAM or a
//! [`Store`].

use core::slice;

use crate::checksum::Crc32;
use crate::error::{self, Error};
use crate::snapshot::{self, Block, BlockMut, Meta, Saved};
use crate::store::{self, Storage, Store};

/// How much worse than the best a network may be before it goes back.
///
/// With n held-out samples an accuracy p has a standard error of `sqrt(p (1 - p) / n)`: 0.02 at 95 %
/// and n = 100. A tolerance of two of them goes back by chance hardly ever; a smaller one does.
///
/// Use when held-out samples can be spared and represent what matters. Avoid when the task itself
/// changes for good, as the copy then only gets older: [reset](Rollback::reset) it once
/// [`drift`](super::drift) was learned. After going back, draw other samples or another order: the
/// same steps with the same generator end at the same place.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tolerance {
    /// The accuracy that may be lost against the best, 0 to 1.
    pub fall: f32,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Decision {
    /// As good as ever: the copy is renewed.
    Save,
    /// A little worse: nothing.
    Continue,
    /// Too bad: back to the copy.
    Restore,
}

/// The accuracy of the copy: 8 bytes.
///
/// It says that there is a copy, so it belongs where the copy is: with a spare network in RAM both go
/// into the same snapshot, or [`reset`](Rollback::reset) this after a snapshot is loaded. A spare of
/// zeros would be taken for the copy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollback {
    best: f32,
    /// Whether there is a copy; a word, as snapshots hold words.
    copies: u32,
}

impl Rollback {
    /// Before there is a copy.
    pub const ZEROED: Self = Self { best: 0.0, copies: 0 };

    /// What is to be done at this accuracy. The first judgement always saves.
    ///
    /// # Errors
    /// [`Error::NotFinite`] and [`Error::Setting`].
    pub fn judge(&self, tolerance: Tolerance, accuracy: f32) -> Result<Decision, Error> {
        error::within("tolerance of a fall", tolerance.fall, 0.0, 1.0)?;
        error::finite("accuracy", &[accuracy])?;
        Ok(if self.copies == 0 || accuracy >= self.best {
            Decision::Save
        } else if accuracy >= self.best - tolerance.fall {
            Decision::Continue
        } else {
            Decision::Restore
        })
    }

    /// Does it, with a spare state of the same shape.
    ///
    /// # Errors
    /// [`snapshot::Error::Shape`] for a spare of another shape: nothing has changed.
    pub fn act_with_spare(
        &mut self,
        decision: Decision,
        accuracy: f32,
        live: &mut dyn Saved,
        spare: &mut dyn Saved,
    ) -> Result<(), snapshot::Error> {
        match decision {
            Decision::Save => {
                snapshot::copy(live, spare)?;
                self.saved(accuracy);
                Ok(())
            }
            Decision::Continue => Ok(()),
            Decision::Restore => snapshot::copy(spare, live),
        }
    }

    /// Does it, with a store that holds nothing but such copies (what is saved in between for fear
    /// of a power cut belongs into a second store). Returns the [`Meta`] to go on with: the one
    /// given, or after [`Decision::Restore`] the copy's.
    ///
    /// # Errors
    /// Those of [`Store::save`] and [`Store::load`].
    pub fn act_with_store<L: Saved, S: Storage>(
        &mut self,
        decision: Decision,
        accuracy: f32,
        meta: Meta,
        live: &mut L,
        store: &mut Store<S>,
        buffer: &mut [u8],
    ) -> Result<Meta, store::Error<S::Error>> {
        match decision {
            Decision::Save => {
                store.save(meta, &[live], buffer)?;
                self.saved(accuracy);
                Ok(meta)
            }
            Decision::Continue => Ok(meta),
            Decision::Restore => store.load(&mut [live], buffer),
        }
    }

    /// Notes that a copy of this accuracy was made, for who acts by other means. One of no accuracy, NaN,
    /// gives way to any other.
    pub fn saved(&mut self, accuracy: f32) {
        *self = Self { best: if accuracy.is_finite() { accuracy } else { f32::MIN }, copies: 1 };
    }

    /// Forgets the copy, so that the next judgement makes one whatever the accuracy.
    pub fn reset(&mut self) {
        *self = Self::ZEROED;
    }
}

impl Saved for Rollback {
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"rollback");
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        match index {
            0 => Some(Block::Floats(slice::from_ref(&self.best))),
            1 => Some(Block::Words(slice::from_ref(&self.copies))),
            _ => None,
        }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        match index {
            0 => Some(BlockMut::Floats(slice::from_mut(&mut self.best))),
            1 => Some(BlockMut::Words(slice::from_mut(&mut self.copies))),
            _ => None,
        }
    }
}
