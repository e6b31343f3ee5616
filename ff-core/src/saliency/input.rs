//! The last stretch of a sweep down: from the first layer's units to the features.

use super::delta::NormStep;
use super::endpoints::{PathEndpoints, pairs};
use super::pass::Pass;
use crate::activity;
use crate::kernel::Kernel;
use crate::label::SLOT;
use crate::layer::Shape;
use crate::pieces;
use core::ops::Range;

/// Multipliers of the first layer's `z`, summed over the margin's rows: the pixels' product is
/// shared by all rows, and so is the way back through it.
pub(super) struct Combined<'a> {
    /// One value a unit.
    pub units: &'a mut [f32],
    /// The multiplier of what a label slot holds, once normalised, summed over rows.
    pub label: f32,
}

impl<'a> Combined<'a> {
    pub fn zeroed(units: &'a mut [f32]) -> Self {
        units.fill(0.0);
        Self { units, label: 0.0 }
    }

    /// Adds multipliers of some of the margin's rows, the first of them row `first`.
    pub fn add(&mut self, pass: &Pass<'_>, first: usize, d: &[f32]) {
        for (row, d) in (first..).zip(pieces::rows(d, pass.first_units())) {
            activity::add_scaled(self.units, 1.0, d);
            self.label += pass.label_row(row).iter().zip(d).map(|(w, d)| w * d).sum::<f32>();
        }
    }

    /// The multipliers of the normalised features, into `map`, where sample or baseline is not
    /// zero; the others, which nobody asks for, become 0 and cost nothing.
    pub fn matmul_transposed<K: Kernel>(
        &self,
        kernel: &mut K,
        pass: &Pass<'_>,
        sample: &[f32],
        baseline: &[f32],
        map: &mut [f32],
    ) {
        let units = pass.first_units();
        let weights = pieces::split(pass.first().weights, pass.plan.slots * units).1;
        map.fill(0.0);
        let mut start = 0;
        while let Some(run) = next_run(sample, baseline, start) {
            start = run.end;
            let shape = Shape { inputs: run.len(), outputs: units };
            let rows = pieces::part(weights, run.start * units..run.end * units);
            if let Some(map) = map.get_mut(run) {
                kernel.matmul_transposed(shape, self.units, rows, map);
            }
        }
    }
}

/// The next run, from `start` on, of features that are not zero in both samples.
fn next_run(sample: &[f32], baseline: &[f32], start: usize) -> Option<Range<usize>> {
    let live = |i: usize| [sample, baseline].iter().any(|end| end.get(i).is_some_and(|x| *x != 0.0));
    let from = (start..sample.len()).find(|&i| live(i))?;
    Some(from..(from..sample.len()).find(|&i| !live(i)).unwrap_or(sample.len()))
}

/// `map_i <- (x_i - beta_i) t_i`, `t` the multipliers of the features themselves, from those of
/// the normalised ones in `map`: the exact step through the input's normalisation. The label slots
/// are the same in both inputs and have no share.
pub(super) fn share_through_norm(ends: &PathEndpoints<'_>, label: f32, map: &mut [f32]) {
    let [squares, base] = ends.squares;
    let step = NormStep::new(squares, base, ends.pass.plan.features + ends.pass.plan.slots);
    let terms = map.iter().zip(ends.features()).map(|(m, (x, base))| step.term(x, base) * m);
    let product = terms.sum::<f32>() + step.term(SLOT, SLOT) * label;
    for (m, (x, base)) in map.iter_mut().zip(ends.features()) {
        let t = step.multiplier(product, *m, x + base);
        *m = (x - base) * t;
    }
}

/// `map_i <- (x_i / N - beta_i / N') m_i`, given `1 / N` and `1 / N'`; returns the label slots'
/// share, `(SLOT / N - SLOT / N')` times their multiplier.
pub(super) fn share_normalised(
    [inverse, inverse_base]: [f32; 2],
    label: f32,
    sample: &[f32],
    baseline: &[f32],
    map: &mut [f32],
) -> f32 {
    for (m, (x, base)) in map.iter_mut().zip(pairs(sample, baseline)) {
        *m *= x * inverse - base * inverse_base;
    }
    SLOT * (inverse - inverse_base) * label
}
