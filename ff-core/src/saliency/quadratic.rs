//! Quadratic share: goodness as a sum over paths, without a baseline.

use super::endpoints::pairs;
use super::input::{Combined, share_normalised};
use super::pass::{Inputs, Pass, Trace, first_units, trace_floats, work_floats};
use super::{Explained, Question, Saliency};
use crate::activity;
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::math;
use crate::network::Parameters;
use crate::pieces;
use core::ops::Range;

/// The margin itself, shared out among features, label slots and biases. No baseline is used.
///
/// Where a unit is on, `h^2 = h z`, and z is a sum over inputs and bias: `d_j = w_y h_j + c m_j` with
/// `c = 1 / (EPSILON + s)` as it is and `m = d W'`; then `R_i = x_i / N m_i`, `SLOT / N` times its multiplier for
/// the label and `sum d b` for the biases. N-way heads use `relu(z + U)^2 = relu(z + U) z + relu(z + U) U`, whose
/// second term is `label_share`.
///
/// Cost: `2 ink U_1 + 2 R P`. Floats: `2 U_1 + U + L + 2 W`.
///
/// Use when no baseline can be justified, or to see how much sample, label and biases have in the answer. Avoid for
/// fine comparison between features: a large share may change little.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct QuadraticShare;

impl QuadraticShare {
    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        let row = trace_floats(shapes) + work_floats(shapes, 2);
        Pass::floats(shapes, classes) + 2 * first_units(shapes) + rows * row
    }

    /// [`Saliency::scratch_floats`] as a constant.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }
}

impl Saliency for QuadraticShare {
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
        question.answer(scratch, kernel, map, |pass, mut rest, kernel, map| {
            let (units, rows) = (pass.first_units(), pass.head.rows());
            let per_row = pass.trace_floats(1) + 2 * pass.plan.widest;
            error::at_least("scratch", 2 * units + per_row, rest.len())?;
            let [pixels, combined] = pieces::take_each(&mut rest, units);
            pass.multiply(kernel, question.sample, pixels);
            let inverse = pass.inverse(pass.input_squares(math::square_sum(question.sample)));
            let mut combined = Combined::zeroed(combined);
            let mut explained = Explained::default();
            let together = (pieces::count(rest.len(), per_row)).min(rows);
            for first in (0..rows).step_by(together.max(1)) {
                let labels = first..rows.min(first + together);
                let mut rest = &mut *rest;
                let memory = pieces::take(&mut rest, pass.trace_floats(labels.len()));
                let [m, d] = pieces::take_each(&mut rest, labels.len() * pass.plan.widest);
                let inputs = Inputs { pixels, inverse: &[inverse], labels: labels.clone() };
                let sample = pass.fire(kernel, &inputs, memory, m);
                Paths { pass, labels, sample, m, d }.down(kernel, &mut explained, &mut combined);
            }
            combined.matmul_transposed(kernel, pass, question.sample, &[], map);
            explained.label_share += share_normalised([inverse, 0.0], combined.label, question.sample, &[], map);
            explained.checked(map)
        })
    }
}

/// One sweep down, under some of the margin's labels.
struct Paths<'t> {
    pass: &'t Pass<'t>,
    labels: Range<usize>,
    sample: Trace<'t>,
    m: &'t mut [f32],
    d: &'t mut [f32],
}

impl Paths<'_> {
    /// Adds these rows' margins, the biases' shares and the multipliers of the first layer's units.
    fn down<K: Kernel>(self, kernel: &mut K, explained: &mut Explained, combined: &mut Combined<'_>) {
        let Self { pass, labels, sample, m, d } = self;
        for (l, layer) in pass.layers.iter().enumerate().rev() {
            let units = layer.shape.outputs;
            let m = pieces::first_mut(m, labels.len() * units);
            pass.pull_multipliers(kernel, l, d, m);
            let (m, d) = (&*m, pieces::first_mut(d, labels.len() * units));
            kernel.rows(units, d, |r: usize, d: &mut [f32]| {
                let m = pieces::from(m, r * units);
                let c = activity::inverse_rms(sample.squares(l, r), units);
                through_layer(pass.head.weight(l, labels.start + r), c, m, pass.z(&sample, l, r), d);
                pass.head.add_shares(l, pass.z(&sample, l, r), d);
            });
            for d in pieces::rows(d, units) {
                explained.bias_share += pairs(d, layer.biases).map(|(d, b)| d * b).sum::<f32>();
            }
        }
        for r in 0..labels.len() {
            explained.score += pass.value(&sample, r, labels.start + r);
            explained.label_share += pass.label_shares(&sample, r);
        }
        combined.add(pass, labels.start, pieces::first(d, labels.len() * pass.first_units()));
    }
}

/// `d_j = weight h_j + c m_j` where the unit is on: `sum_j d_j z_j` is the layer's own goodness and
/// what the layers above take of it.
#[inline(always)]
fn through_layer(weight: f32, c: f32, m: &[f32], z: &[f32], d: &mut [f32]) {
    for ((d, m), &z) in d.iter_mut().zip(m).zip(z) {
        *d = if z > 0.0 { weight * z + c * m } else { 0.0 };
    }
}
