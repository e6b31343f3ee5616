//! Goodness-delta on average over the orders in which inputs come into sight.

use super::endpoints::PathEndpoints;
use super::gate::Gate;
use super::input::share_through_norm;
use super::pass::{Pass, first_units};
use super::sweep::{self, FirstLayerRule, Sweep};
use super::{BaselineTrace, Explained, Question, Saliency};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::label::SLOT;
use crate::layer::Shape;
use crate::network::Parameters;
use crate::pieces;

/// The exact difference of the margin between sample and baseline, shared out by one sweep down in which
/// a unit of the first layer counts as far as it is on while the inputs come into sight one by one.
///
/// [`GoodnessDelta`](super::GoodnessDelta) with another step through the first layer: half-way, a unit's z has a mean
/// and a variance, and
///
/// ```text
/// m_j = (z_j + z'_j) / 2,  v_j = (sum over i of (dn_i W_ij)^2 + (ds A_yj)^2) / 4
/// g_j = (1 + m_j / sqrt(m_j^2 + v_j pi / 2)) / 2
/// d_j = t_j g_j,  rest = sum over j of t_j [(h_j - h'_j) - g_j (z_j - z'_j)]
/// ```
///
/// with dn and ds the differences of the normalised features and of the label's slot between sample and baseline.
/// What is left is shared as the variance is: `R_i += rest (x_i - beta_i)^2 / |x - beta|^2`, so the map is complete
/// whatever g is.
///
/// Cost: goodness-delta's and `ink U_1`. Floats: goodness-delta's, U_1 and one a row.
///
/// Use as the default. Avoid where every instruction counts. Source: the variance of a unit's input under random
/// orders ([arXiv 1903.10992](https://arxiv.org/abs/1903.10992)), here in one step, for one sweep, and complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExpectedDelta;

impl ExpectedDelta {
    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        Pass::floats(shapes, classes) + first_units(shapes) + sweep::floats(shapes, rows) + rows
    }

    /// [`Saliency::scratch_floats`] as a constant.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }

    /// As [`Saliency::map`], with a baseline that went up before: by
    /// [`GoodnessDelta::trace_baseline`](super::GoodnessDelta::trace_baseline).
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
        explain(question, Some(baseline), scratch, kernel, map)
    }
}

impl Saliency for ExpectedDelta {
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
        explain(question, None, scratch, kernel, map)
    }
}

fn explain<P: Parameters, K: Kernel>(
    question: &Question<'_, P>,
    known: Option<&BaselineTrace<'_>>,
    scratch: &mut [f32],
    kernel: &mut K,
    map: &mut [f32],
) -> Result<Explained, Error> {
    question.answer(scratch, kernel, map, |pass, mut scratch, kernel, map| {
        let known = known.map(|known| known.trace(pass, question.score, question.baseline)).transpose()?;
        error::at_least("scratch", pass.first_units(), scratch.len())?;
        let spread = pieces::take(&mut scratch, pass.first_units());
        let ends = PathEndpoints::new(pass, question.sample, question.baseline);
        ends.explain(&mut Expected::new(&ends, kernel, spread), known, scratch, kernel, map)
    })
}

/// The first layer by a [`Gate`], and the input's normalisation like any other.
struct Expected<'s> {
    /// As [`Gate`] has them.
    spread: &'s [f32],
    slot: f32,
    /// What the gate leaves of the difference.
    rest: f32,
}

impl<'s> Expected<'s> {
    fn new<K: Kernel>(ends: &PathEndpoints<'_>, kernel: &mut K, spread: &'s mut [f32]) -> Self {
        let [inverse, base_inverse] = ends.inverse();
        spread.fill(0.0);
        for (feature, (x, base)) in ends.features().enumerate() {
            let difference = x * inverse - base * base_inverse;
            if difference != 0.0 {
                kernel.add_squares(difference, ends.pass.feature_row(feature), spread);
            }
        }
        Self { spread, slot: SLOT * (inverse - base_inverse), rest: 0.0 }
    }
}

impl FirstLayerRule for Expected<'_> {
    /// What the gate leaves in a row.
    const FLOATS_A_ROW: usize = 1;

    fn first_layer<K: Kernel>(&mut self, rests: &mut [f32], sweep: &mut Sweep<'_>, kernel: &mut K) {
        let (pass, units, labels) = (sweep.pass, sweep.pass.first_units(), sweep.labels.clone());
        let (spread, slot) = (self.spread, self.slot);
        let multipliers = sweep.pull(kernel, 0);
        let (d, rows) = sweep.rows();
        kernel.rows_into(units, pieces::first_mut(d, labels.len() * units), rests, |r: usize, d: &mut [f32]| {
            // Of the activities: what z has of them is the gate's to say.
            let z = rows.through(0, r, multipliers, |_, _| 1.0, d);
            let gate = Gate { spread, label: pass.label_row(labels.start + r), slot };
            match pass.head.class_scores() {
                Some(head) => head.through_gate(&gate, z, d),
                None => gate.pass_down(z, d),
            }
        });
        self.rest += rests.iter().sum::<f32>();
    }

    /// What the gate left is shared as the variance is that it comes of: by squares.
    fn to_features(&self, ends: &PathEndpoints<'_>, label: f32, map: &mut [f32]) -> f32 {
        share_through_norm(ends, label, map);
        let squares = ends.features().map(|(x, base)| (x - base) * (x - base));
        let all: f32 = squares.clone().sum();
        if all > 0.0 {
            let part = self.rest / all;
            map.iter_mut().zip(squares).for_each(|(value, square)| *value += part * square);
        }
        0.0
    }
}
