//! When is more training useless?

use core::slice;

use crate::checksum::Crc32;
use crate::error::Error;
use crate::snapshot::{Block, BlockMut, Saved};

/// When training stops: after `patience` judgements in a row that were no better than the best by
/// more than `least`.
///
/// Use with an error on data that are not trained on, judged every so many steps; keep a snapshot
/// whenever it says [`Verdict::Better`], and load it after [`Verdict::Stop`]. Avoid on training
/// error, which falls as long as one trains, and for streams without an end: see
/// [`rollback`](super::rollback). Source: Prechelt 1998, "Early stopping, but when?".
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Stopping {
    /// How many judgements without progress are one too many, at least 1.
    pub patience: u32,
    /// What an error must fall by to count as progress, at least 0.
    pub least: f32,
}

/// What a judgement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Verdict {
    /// The best so far: worth a snapshot.
    Better,
    /// No better, but patience is left.
    Waiting,
    /// Enough.
    Stop,
}

/// The best error so far, and for how long: 8 bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patience {
    best: f32,
    /// 0 before the first judgement, then 1 more than the judgements since the best.
    since: u32,
}

impl Patience {
    /// Before the first judgement.
    pub const ZEROED: Self = Self { best: 0.0, since: 0 };

    /// Judges an error; lower is better, and NaN is never better.
    ///
    /// # Errors
    /// [`Error::Setting`]: nothing has changed.
    pub fn judge(&mut self, settings: &Stopping, error: f32) -> Result<Verdict, Error> {
        if settings.patience == 0 {
            return Err(Error::Setting { name: "patience" });
        }
        crate::error::within("least progress", settings.least, 0.0, f32::MAX)?;
        let first = self.since == 0;
        if error.is_finite() && (first || error < self.best - settings.least) {
            *self = Self { best: error, since: 1 };
            return Ok(Verdict::Better);
        }
        // Before any finite error there is nothing to be better than, but patience ends all the same.
        if first {
            *self = Self { best: f32::MAX, since: 1 };
        }
        self.since = self.since.saturating_add(1);
        Ok(if self.since > settings.patience { Verdict::Stop } else { Verdict::Waiting })
    }

    /// The lowest error so far.
    #[must_use]
    pub fn best(&self) -> Option<f32> {
        (self.since > 0 && self.best < f32::MAX).then_some(self.best)
    }
}

impl Saved for Patience {
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"patience");
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        match index {
            0 => Some(Block::Floats(slice::from_ref(&self.best))),
            1 => Some(Block::Words(slice::from_ref(&self.since))),
            _ => None,
        }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        match index {
            0 => Some(BlockMut::Floats(slice::from_mut(&mut self.best))),
            1 => Some(BlockMut::Words(slice::from_mut(&mut self.since))),
            _ => None,
        }
    }
}
