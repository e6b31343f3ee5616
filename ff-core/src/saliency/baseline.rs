//! What stands for nothing seen, and what a network does there.

use super::pass::{Pass, Trace};
use super::{Explained, Question, Saliency, Score};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::label::SLOT;
use crate::math;
use crate::network::Parameters;
use crate::pieces;

/// The baseline that suits a network, as [`Question::baseline`](super::Question) takes it; why is told
/// [here](super#the-baseline).
///
/// Where labels are inputs, `c x` with `c = min(1/2, SLOT / |x|)`, x the sample: the sample so dark that
/// its features are no longer than the label's slot. It is written into `room`, as long as the sample.
/// Where they are not, black: the empty slice.
///
/// # Errors
/// Room of another length than the sample, where it is needed, and features that are NaN, infinite or
/// too large to be squared.
pub fn usual_baseline<'r, P: Parameters>(network: &P, sample: &[f32], room: &'r mut [f32]) -> Result<&'r [f32], Error> {
    if network.label_slots() == 0 {
        return Ok(&[]);
    }
    error::exactly("room for the baseline", sample.len(), room.len())?;
    error::squarable("sample", sample)?;
    // A black sample has no length, and stays black.
    let part = (SLOT / math::sqrt(math::square_sum(sample))).min(0.5);
    room.iter_mut().zip(sample).for_each(|(base, x)| *base = part * x);
    Ok(room)
}

/// What `method` says beside the [usual baseline](usual_baseline), whatever the question's own is. Scratch: the
/// method's, and as many floats as the sample has where labels are inputs.
///
/// # Errors
/// As [`usual_baseline`] and [`Saliency::map`].
#[inline]
pub fn beside_usual<V: Saliency, P: Parameters, K: Kernel>(
    method: &V,
    question: &Question<'_, P>,
    scratch: &mut [f32],
    kernel: &mut K,
    map: &mut [f32],
) -> Result<Explained, Error> {
    let room = if question.network.label_slots() == 0 { 0 } else { question.sample.len() };
    error::at_least("scratch", room, scratch.len())?;
    let (room, scratch) = pieces::split_mut(scratch, room);
    let baseline = usual_baseline(question.network, question.sample, room)?;
    method.map(&Question { baseline, ..*question }, scratch, kernel, map)
}

/// A baseline's pass, black's for example, under every label, which the maps of many samples share by
/// [`GoodnessDelta`](super::GoodnessDelta) or [`ExpectedDelta`](super::ExpectedDelta): half of a map's
/// work upwards is then done already.
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
    /// What the network did; refuses the trace of another score, baseline or network.
    pub(super) fn trace(&self, pass: &Pass<'_>, score: Score, baseline: &[f32]) -> Result<Trace<'m>, Error> {
        let rows = if pass.head.label(0).is_some() { pass.plan.classes } else { 1 };
        error::exactly("baseline trace", pass.trace_floats(rows), self.z.len() + self.squares.len())?;
        if self.score != score || self.baseline != baseline {
            return Err(Error::Shape { what: "the baseline trace was made for another score or baseline" });
        }
        Ok(Trace { z: self.z, squares: self.squares, rows: self.rows })
    }
}
