//! What a network does at a baseline, computed once and used for many images.

use super::Score;
use super::pass::Trace;
use crate::error::{self, Error};

/// The baseline's pass under every label, which [`GoodnessDelta`](super::GoodnessDelta) shares
/// among the maps of many images: half of a map's work upwards is then done already.
///
/// Made by [`GoodnessDelta::trace_baseline`](super::GoodnessDelta::trace_baseline). It belongs to
/// the network as it was then: after a training step it is stale.
#[derive(Clone, Copy, Debug)]
pub struct BaselineTrace<'m> {
    pub(super) score: Score,
    pub(super) baseline: &'m [f32],
    pub(super) z: &'m [f32],
    pub(super) squares: &'m [f32],
    /// One row a label, or the neutral row.
    pub(super) rows: usize,
}

impl<'m> BaselineTrace<'m> {
    pub(super) fn trace(&self) -> Trace<'m> {
        Trace { z: self.z, squares: self.squares, rows: self.rows }
    }

    /// Refuses a trace of another score, baseline or network.
    pub(super) fn check(&self, score: Score, baseline: &[f32], floats: usize) -> Result<(), Error> {
        error::exactly("baseline trace", floats, self.z.len() + self.squares.len())?;
        if self.score != score || self.baseline != baseline {
            return Err(Error::Shape { what: "the baseline trace was made for another score or baseline" });
        }
        Ok(())
    }
}
