//! Goodness-delta: the exact difference to the baseline, swept down once; for devices that count instructions.

use super::baseline::BaselineTrace;
use super::endpoints::PathEndpoints;
use super::head::HeadStorage;
use super::input::share_through_norm;
use super::pass::{Inputs, Pass, Trace, trace_floats};
use super::question::check_baseline;
use super::sweep::{self, FirstLayerRule};
use super::{Against, Explained, Question, Saliency, Score, Target};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::math;
use crate::network::Parameters;
use crate::pieces;

/// The exact difference of the margin between sample and baseline, shared out by one sweep down.
///
/// Primes mark the baseline's pass. From the last layer to the first, with `h = relu(z)`, `s = rms(h)`,
/// `n = h / (EPSILON + s)` and w_y the label's weight in the margin:
///
/// ```text
/// t_j = w_y (h_j + h'_j)                                          where the layer is scored
///     + [(p + p') m_j - (h_j + h'_j) / (s + s') * q] / (s + s')   where a layer is above,
///       q = mean over i of (p' n_i + p n'_i) m_i,  p = s / (EPSILON + s)
/// d_j = t_j (h_j - h'_j) / (z_j - z'_j)                           0 with both off, 1 with both on
/// m   = d W_l'                                                    for the layer below
/// ```
///
/// then `R_i = (x_i - beta_i) t_i`, with the input's own normalisation taken the same way. A readout starts at the
/// last layer with `m = V w`. It needs neither a loss nor a tape, but does sweep transposed weights downwards.
///
/// Cost: `2 ink U_1 + 3 R P` against black (`3 ink U_1 + 3 R P` against another baseline with as much ink),
/// `2 R P` for the second term with a [`BaselineTrace`]. Floats: `3 U_1 + 2 (U + L + W)`.
///
/// Use when one map is wanted and instructions count. Avoid when nothing may go downwards, or ink that is not
/// there is the question. Source: summation to delta ([arXiv 1704.02685](https://arxiv.org/abs/1704.02685)),
/// derived here for squares and lengths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GoodnessDelta;

impl GoodnessDelta {
    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        Pass::floats(shapes, classes) + sweep::floats(shapes, rows)
    }

    /// [`Saliency::scratch_floats`] as a constant.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }

    /// Floats that a [`BaselineTrace`] takes.
    #[must_use]
    pub const fn baseline_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        classes * trace_floats(shapes)
    }

    /// Sends a baseline up under every label, into `memory` of
    /// [`GoodnessDelta::baseline_floats`].
    ///
    /// # Errors
    /// As [`Saliency::map`].
    pub fn trace_baseline<'m, P: Parameters, K: Kernel>(
        &self,
        network: &P,
        baseline: &'m [f32],
        score: Score,
        scratch: &mut [f32],
        kernel: &mut K,
        memory: &'m mut [f32],
    ) -> Result<BaselineTrace<'m>, Error> {
        let (layers, readout) = network.views();
        // All labels, in order.
        let target = Target { label: 0, against: Against::MeanOfOthers };
        let mut rest = scratch;
        let parts = (network.classes(), network.label_slots(), layers.as_ref(), readout);
        let mut room = HeadStorage::default();
        let pass = Pass::new(parts, score, target, &mut rest, kernel, &mut room)?;
        check_baseline(&pass.plan, baseline)?;
        let rows = pass.head.rows();
        let floats = pass.trace_floats(rows);
        error::at_least("baseline memory", floats, memory.len())?;
        error::at_least("scratch", pass.first_units() + rows * pass.plan.widest, rest.len())?;
        let pixels = pieces::take(&mut rest, pass.first_units());
        pass.multiply(kernel, baseline, pixels);
        let inverse = [pass.inverse(pass.input_squares(math::square_sum(baseline)))];
        let inputs = Inputs { pixels, inverse: &inverse, labels: 0..rows };
        let memory = pieces::first_mut(memory, floats);
        let Trace { z, squares, rows } = pass.fire(kernel, &inputs, memory, rest);
        Ok(BaselineTrace { score, baseline, z, squares, rows })
    }

    /// As [`Saliency::map`], with a baseline that went up before.
    ///
    /// # Errors
    /// As [`Saliency::map`], and [`Error::Shape`] for the trace of another score or baseline.
    pub fn map_with<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        baseline: &BaselineTrace<'_>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        self.explain(question, Some(baseline), scratch, kernel, map)
    }

    fn explain<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        known: Option<&BaselineTrace<'_>>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        question.answer(scratch, kernel, map, |pass, rest, kernel, map| {
            let known = known.map(|known| known.trace(pass, question.score, question.baseline)).transpose()?;
            PathEndpoints::new(pass, question.sample, question.baseline).explain(
                &mut ThroughNorm,
                known,
                rest,
                kernel,
                map,
            )
        })
    }
}

impl Saliency for GoodnessDelta {
    fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        self.floats(shapes, classes, rows)
    }

    fn map<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        self.explain(question, None, scratch, kernel, map)
    }
}

/// The first layer like any other, and the input's normalisation too: the features have everything.
struct ThroughNorm;

impl FirstLayerRule for ThroughNorm {
    #[inline(always)]
    fn to_features(&self, ends: &PathEndpoints<'_>, label: f32, map: &mut [f32]) -> f32 {
        share_through_norm(ends, label, map);
        0.0
    }
}
