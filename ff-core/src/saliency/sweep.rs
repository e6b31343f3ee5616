//! One sweep down between two passes: the skeleton of the methods that explain a difference.
//!
//! On bare metal its parts, like those of a pass, are functions of their own: what one keeps on the
//! stack is given back before the next begins.

use super::Explained;
use super::delta::{Both, NormStep, through_layer};
use super::input::{Combined, share_normalised, share_through_norm};
use super::pass::{Inputs, Pass, Trace, first_units, trace_floats, work_floats};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::{LayerRef, Shape};
use crate::math;
use crate::pieces;
use core::ops::Range;

/// Floats of scratch beside the pass's own, for `rows` rows side by side.
pub(super) const fn floats(shapes: &[Shape], rows: usize) -> usize {
    3 * first_units(shapes) + rows * (2 * trace_floats(shapes) + work_floats(shapes, 2))
}

/// How the last step, from the normalised input to the features, is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// Through the input's normalisation like any other: the features have everything.
    ThroughNorm,
    /// At the normalised input: the label slots have a share, since their normalised value
    /// differs between image and baseline.
    Normalised,
}

/// The two ends of the path that is explained, with everything checked.
pub(super) struct Ends<'a> {
    pass: &'a Pass<'a>,
    image: &'a [f32],
    baseline: &'a [f32],
    /// Sums of squares of the two inputs, label slots included.
    squares: [f32; 2],
}

impl<'a> Ends<'a> {
    pub fn new(pass: &'a Pass<'a>, image: &'a [f32], baseline: &'a [f32]) -> Self {
        let squares = [image, baseline].map(|features| pass.input_squares(math::square_sum(features)));
        Self { pass, image, baseline, squares }
    }

    /// The shares of a difference that was swept down to the first layer's units, into `map`.
    #[cfg_attr(target_os = "none", inline(never))]
    fn finish<K: Kernel>(&self, share: Share, combined: &Combined<'_>, kernel: &mut K, map: &mut [f32]) -> f32 {
        combined.pull_back(kernel, self.pass, self.image, self.baseline, map);
        self.share(share, combined.label, map)
    }

    /// Fills the map. The `share` is an argument, and no field: the compiler then sees which one a
    /// program uses. `known` is the trace of the baseline under every label, where there is one.
    pub fn explain<K: Kernel>(
        &self,
        share: Share,
        known: Option<Trace<'_>>,
        mut scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        let pass = self.pass;
        let units = pass.first_units();
        let per_row = 2 * (pass.trace_floats(1) + pass.plan.widest);
        error::at_least("scratch", 3 * units + per_row, scratch.len())?;
        let [pixels, base, combined] = [(); 3].map(|()| pieces::take(&mut scratch, units));
        pass.multiply(kernel, self.image, pixels);
        if known.is_none() {
            pass.multiply(kernel, self.baseline, base);
        }
        let mut combined = Combined::zeroed(combined);
        let mut explained = Explained::default();
        let rows = pass.head.rows();
        let together = (pieces::count(scratch.len(), per_row)).min(rows);
        for first in (0..rows).step_by(together.max(1)) {
            let labels = first..rows.min(first + together);
            let sweep = self.fire(kernel, [pixels, base], labels, known, &mut *scratch);
            sweep.down(kernel, &mut explained, &mut combined);
        }
        explained.label_share = self.finish(share, &combined, kernel, map);
        explained.checked(map)
    }

    /// From the multipliers of the normalised features to the map; returns the label slots' share.
    fn share(&self, share: Share, label: f32, map: &mut [f32]) -> f32 {
        let [squares, base] = self.squares;
        match share {
            Share::ThroughNorm => {
                let step = NormStep::new(squares, base, self.pass.plan.features + self.pass.plan.slots);
                share_through_norm(step, label, self.image, self.baseline, map);
                0.0
            }
            Share::Normalised => {
                let inverse = [self.pass.inverse(squares), self.pass.inverse(base)];
                share_normalised(inverse, label, self.image, self.baseline, map)
            }
        }
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
        let [memory, base_memory] = [(); 2].map(|()| pieces::take(&mut scratch, pass.trace_floats(labels.len())));
        let [m, d] = [(); 2].map(|()| pieces::take(&mut scratch, labels.len() * pass.plan.widest));
        let [inverse, base_inverse] = self.squares.map(|squares| [pass.inverse(squares)]);
        let mut inputs = Inputs { pixels, inverse: &inverse, labels };
        let image = pass.fire(kernel, &inputs, memory, m);
        (inputs.pixels, inputs.inverse) = (base, &base_inverse);
        let base = known.unwrap_or_else(|| pass.fire(kernel, &inputs, base_memory, m));
        let labels = inputs.labels;
        Sweep { pass, labels, image, base, base_has_all: known.is_some(), m, d }
    }
}

/// One sweep down, under some of the margin's labels.
struct Sweep<'t> {
    pass: &'t Pass<'t>,
    labels: Range<usize>,
    image: Trace<'t>,
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
    fn down<K: Kernel>(mut self, kernel: &mut K, explained: &mut Explained, combined: &mut Combined<'_>) {
        for l in (0..self.pass.layers.len()).rev() {
            self.layer(kernel, l);
        }
        let (pass, first) = (self.pass, self.labels.start);
        for r in 0..self.labels.len() {
            explained.score += pass.value(&self.image, r, first + r);
            explained.baseline_score += pass.value(&self.base, self.base_row(r), first + r);
        }
        combined.add(pass, first, pieces::first(self.d, self.labels.len() * pass.first_units()));
    }

    /// From the multipliers of the layer above, in `d`, to this layer's, in `d`.
    fn layer<K: Kernel>(&mut self, kernel: &mut K, l: usize) {
        let units = LayerRef::of(self.pass.layers, l).shape.outputs;
        let m = pieces::first_mut(self.m, self.labels.len() * units);
        let has_m = self.pass.pull_multipliers(kernel, l, self.d, m);
        self.through(kernel, l, if has_m { units } else { 0 });
    }

    /// From the multipliers of layer `l`'s normalised activities, so many a row, to those of its values
    /// before the ReLU.
    #[cfg_attr(target_os = "none", inline(never))]
    fn through<K: Kernel>(&mut self, kernel: &mut K, l: usize, multipliers: usize) {
        let (pass, rows) = (self.pass, self.labels.len());
        let units = LayerRef::of(pass.layers, l).shape.outputs;
        let (m, image) = (&*self.m, &self.image);
        let (first, base, base_has_all) = (self.labels.start, &self.base, self.base_has_all);
        kernel.rows(units, pieces::first_mut(self.d, rows * units), |r: usize, d: &mut [f32]| {
            let b = base_row(pass, first, base_has_all, r);
            let both = Both {
                z: [pass.z(image, l, r), pass.z(base, l, b)],
                squares: [image.squares(l, r), base.squares(l, b)],
            };
            let m = pieces::row(m, multipliers, r);
            through_layer(pass.head.weight(l, first + r), m, both, d);
            pass.head.add_differences(l, both.z, d);
        });
    }

    fn base_row(&self, r: usize) -> usize {
        base_row(self.pass, self.labels.start, self.base_has_all, r)
    }
}

/// Which row of the baseline's trace goes with row `r` of the image's.
fn base_row(pass: &Pass<'_>, first: usize, has_all: bool, r: usize) -> usize {
    if has_all { pass.head.label(first + r).unwrap_or(0) } else { r }
}
