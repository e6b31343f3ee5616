//! One sweep down between two passes: the skeleton of the methods that explain a difference.
//!
//! On bare metal its parts, like those of a pass, are functions of their own: what one keeps on the
//! stack is given back before the next begins.

use super::Explained;
use super::delta::{Both, slope, through_layer};
use super::endpoints::PathEndpoints;
use super::input::Combined;
use super::pass::{Inputs, Pass, Trace, first_units, trace_floats, work_floats};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::{LayerRef, Shape};
use crate::pieces;
use core::ops::Range;

/// Floats of scratch beside the pass's own, for `rows` rows side by side.
pub(super) const fn floats(shapes: &[Shape], rows: usize) -> usize {
    3 * first_units(shapes) + rows * (2 * trace_floats(shapes) + work_floats(shapes, 2))
}

/// The last stretch of a sweep, in which methods differ: the first layer and the input's normalisation.
/// Between the two, the first layer's multipliers go back through its weights.
pub(super) trait FirstLayerRule {
    /// Floats of its own that it needs for a row.
    const FLOATS_A_ROW: usize = 0;

    /// From the multipliers of the layer above, in the sweep's `d`, to the first layer's. `own` are its
    /// floats for these rows.
    #[inline(always)]
    fn first_layer<K: Kernel>(&mut self, _own: &mut [f32], sweep: &mut Sweep<'_>, kernel: &mut K) {
        sweep.layer(kernel, 0);
    }

    /// From the multipliers of the normalised features, in `map`, and of the label's slot to the map;
    /// returns the slots' share.
    fn to_features(&self, ends: &PathEndpoints<'_>, label: f32, map: &mut [f32]) -> f32;
}

impl PathEndpoints<'_> {
    /// The shares of a difference that was swept down to the first layer's units, into `map`.
    #[cfg_attr(target_os = "none", inline(never))]
    fn finish<S: FirstLayerRule, K: Kernel>(
        &self,
        stretch: &S,
        combined: &Combined<'_>,
        kernel: &mut K,
        map: &mut [f32],
    ) -> f32 {
        combined.matmul_transposed(kernel, self.pass, self.sample, self.baseline, map);
        stretch.to_features(self, combined.label, map)
    }

    /// Fills the map. `known` is the trace of the baseline under every label, where there is one.
    pub fn explain<S: FirstLayerRule, K: Kernel>(
        &self,
        stretch: &mut S,
        known: Option<Trace<'_>>,
        mut scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        let pass = self.pass;
        let units = pass.first_units();
        let per_row = 2 * (pass.trace_floats(1) + pass.plan.widest) + S::FLOATS_A_ROW;
        error::at_least("scratch", 3 * units + per_row, scratch.len())?;
        let [pixels, base, combined] = pieces::take_each(&mut scratch, units);
        pass.multiply(kernel, self.sample, pixels);
        if known.is_none() {
            pass.multiply(kernel, self.baseline, base);
        }
        let mut combined = Combined::zeroed(combined);
        let mut explained = Explained::default();
        let rows = pass.head.rows();
        let together = (pieces::count(scratch.len(), per_row)).min(rows);
        for first in (0..rows).step_by(together.max(1)) {
            let labels = first..rows.min(first + together);
            let (own, scratch) = pieces::split_mut(&mut *scratch, labels.len() * S::FLOATS_A_ROW);
            let sweep = self.fire(kernel, [pixels, base], labels, known, scratch);
            sweep.down((stretch, own), kernel, &mut explained, &mut combined);
        }
        explained.label_share = self.finish(stretch, &combined, kernel, map);
        explained.checked(map)
    }

    /// Sends both ends up under some of the margin's labels.
    fn fire<'t, K: Kernel>(
        &'t self,
        kernel: &mut K,
        [pixels, base]: [&[f32]; 2],
        labels: Range<usize>,
        known: Option<Trace<'t>>,
        mut scratch: &'t mut [f32],
    ) -> Sweep<'t> {
        let pass = self.pass;
        let [memory, base_memory] = pieces::take_each(&mut scratch, pass.trace_floats(labels.len()));
        let [m, d] = pieces::take_each(&mut scratch, labels.len() * pass.plan.widest);
        let [inverse, base_inverse] = self.inverse().map(|inverse| [inverse]);
        let mut inputs = Inputs { pixels, inverse: &inverse, labels };
        let sample = pass.fire(kernel, &inputs, memory, m);
        (inputs.pixels, inputs.inverse) = (base, &base_inverse);
        let base = known.unwrap_or_else(|| pass.fire(kernel, &inputs, base_memory, m));
        let labels = inputs.labels;
        Sweep { pass, labels, sample, base, base_has_all: known.is_some(), m, d }
    }
}

/// One sweep down, under some of the margin's labels.
pub(super) struct Sweep<'t> {
    pub pass: &'t Pass<'t>,
    /// The rows' numbers in the margin.
    pub labels: Range<usize>,
    sample: Trace<'t>,
    base: Trace<'t>,
    /// Whether the baseline's trace has a row for every label, and not just for these.
    base_has_all: bool,
    /// Multipliers of normalised activities, and of values before the ReLU: rows x widest.
    m: &'t mut [f32],
    d: &'t mut [f32],
}

impl Sweep<'_> {
    /// Adds these rows' margins, and their multipliers of the first layer's units.
    #[cfg_attr(target_os = "none", inline(never))]
    fn down<S: FirstLayerRule, K: Kernel>(
        mut self,
        (stretch, own): (&mut S, &mut [f32]),
        kernel: &mut K,
        explained: &mut Explained,
        combined: &mut Combined<'_>,
    ) {
        for l in (1..self.pass.layers.len()).rev() {
            self.layer(kernel, l);
        }
        stretch.first_layer(own, &mut self, kernel);
        let (pass, first) = (self.pass, self.labels.start);
        for r in 0..self.labels.len() {
            explained.score += pass.value(&self.sample, r, first + r);
            explained.baseline_score += pass.value(&self.base, self.base_row(r), first + r);
        }
        combined.add(pass, first, pieces::first(self.d, self.labels.len() * pass.first_units()));
    }

    /// From the multipliers of the layer above, in `d`, to this layer's, in `d`.
    fn layer<K: Kernel>(&mut self, kernel: &mut K, l: usize) {
        let multipliers = self.pull(kernel, l);
        self.through(kernel, l, multipliers);
    }

    /// The multipliers of layer `l`'s normalised activities, into `m`; returns how many a row.
    pub fn pull<K: Kernel>(&mut self, kernel: &mut K, l: usize) -> usize {
        let units = LayerRef::of(self.pass.layers, l).shape.outputs;
        let m = pieces::first_mut(self.m, self.labels.len() * units);
        if self.pass.pull_multipliers(kernel, l, self.d, m) { units } else { 0 }
    }

    /// From the multipliers of layer `l`'s normalised activities, so many a row, to those of its values
    /// before the ReLU.
    #[cfg_attr(target_os = "none", inline(never))]
    fn through<K: Kernel>(&mut self, kernel: &mut K, l: usize, multipliers: usize) {
        let pass = self.pass;
        let units = LayerRef::of(pass.layers, l).shape.outputs;
        let length = self.labels.len() * units;
        let (d, rows) = self.rows();
        kernel.rows(units, pieces::first_mut(d, length), |r: usize, d: &mut [f32]| {
            let z = rows.through(l, r, multipliers, slope, d);
            pass.head.add_differences(l, z, d);
        });
    }

    /// `d`, and what its rows are made of.
    pub fn rows(&mut self) -> (&mut [f32], Rows<'_>) {
        let rows = Rows {
            pass: self.pass,
            first: self.labels.start,
            sample: &self.sample,
            base: &self.base,
            base_has_all: self.base_has_all,
            m: self.m,
        };
        (self.d, rows)
    }

    fn base_row(&self, r: usize) -> usize {
        base_row(self.pass, self.labels.start, self.base_has_all, r)
    }
}

/// What a row's multipliers are made of, for loops over rows.
pub(super) struct Rows<'t> {
    pass: &'t Pass<'t>,
    first: usize,
    sample: &'t Trace<'t>,
    base: &'t Trace<'t>,
    base_has_all: bool,
    m: &'t [f32],
}

impl Rows<'_> {
    /// The multipliers of row `r`'s values before the ReLU in layer `l`, into `d`, from those of the
    /// normalised activities, so many a row. Returns these values at sample and baseline.
    #[inline(always)]
    pub fn through(
        &self,
        l: usize,
        r: usize,
        multipliers: usize,
        slope: impl Fn(f32, f32) -> f32,
        d: &mut [f32],
    ) -> [&[f32]; 2] {
        let b = base_row(self.pass, self.first, self.base_has_all, r);
        let z = [self.pass.z(self.sample, l, r), self.pass.z(self.base, l, b)];
        let both = Both { z, squares: [self.sample.squares(l, r), self.base.squares(l, b)] };
        let m = pieces::row(self.m, multipliers, r);
        through_layer(self.pass.head.weight(l, self.first + r), m, both, slope, d);
        z
    }
}

/// Which row of the baseline's trace goes with row `r` of the sample's.
fn base_row(pass: &Pass<'_>, first: usize, has_all: bool, r: usize) -> usize {
    if has_all { pass.head.label(first + r).unwrap_or(0) } else { r }
}
