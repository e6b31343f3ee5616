//! Integrated gradients of the first layer, in closed form.

use super::endpoints::PathEndpoints;
use super::input::share_normalised;
use super::pass::Pass;
use super::sweep::{self, FirstLayerRule};
use super::{Explained, Question, Saliency, Score};
use crate::error::Error;
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::network::Parameters;

/// Exact integrated gradients of the first layer's goodness, along the straight path between the two *normalised*
/// inputs:
///
/// `I_j = (relu(z_j)^2 - relu(z'_j)^2) / (z_j - z'_j)`,
/// `R_i = (x_i / N(x) - beta_i / N(beta)) sum_j W_ij sum over labels of w_y I_j`.
///
/// What the slots' normalised value does, which differs at both ends, is `label_share`.
///
/// Cost: `2 ink U_1` against black, `3 ink U_1` against another baseline. Floats: `3 U_1 + 4 U_1 + 2`.
///
/// Use when the first layer is the question or there is no time for more. Avoid as an explanation of the
/// answer: layers above are not looked at. Source: [arXiv 1703.01365](https://arxiv.org/abs/1703.01365).
///
/// A score by goodness or by a one-pass head is answered for its first layer, counted or not; a score
/// of another layer or of the readout is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IntegratedFirstLayer;

impl IntegratedFirstLayer {
    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        // No layer above the first goes up.
        let (first, _) = shapes.split_at(if shapes.is_empty() { 0 } else { 1 });
        Pass::floats(first, classes) + sweep::floats(first, rows)
    }

    /// [`Saliency::scratch_floats`] as a constant.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }
}

impl Saliency for IntegratedFirstLayer {
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
        let score = match question.score {
            Score::Goodness(_) | Score::OneLayer(0) => Score::OneLayer(0),
            Score::OnePass { head, .. } | Score::OnePassLayer { head, layer: 0 } => {
                Score::OnePassLayer { head, layer: 0 }
            }
            _ => {
                return Err(Error::Shape {
                    what: "integrated gradients in closed form are of the first layer's score only",
                });
            }
        };
        Question { score, ..*question }.answer(scratch, kernel, map, |pass, rest, kernel, map| {
            PathEndpoints::new(pass, question.sample, question.baseline).explain(
                &mut Normalised,
                None,
                rest,
                kernel,
                map,
            )
        })
    }
}

/// At the normalised input: the label slots have a share, since their normalised value differs between
/// sample and baseline.
struct Normalised;

impl FirstLayerRule for Normalised {
    #[inline(always)]
    fn to_features(&self, ends: &PathEndpoints<'_>, label: f32, map: &mut [f32]) -> f32 {
        share_normalised(ends.inverse(), label, ends.sample, ends.baseline, map)
    }
}
