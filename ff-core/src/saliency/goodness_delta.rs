//! Goodness-delta: the exact difference to the baseline, swept down once. The default.

use super::baseline::BaselineTrace;
use super::delta::{Both, NormStep, through_layer};
use super::input::{Combined, share};
use super::pass::{Inputs, Pass, Trace, first_units, take, trace_floats, work_floats};
use super::question::check_baseline;
use super::{Against, Explained, Question, Saliency, Score, Target};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::math;
use crate::network::Parameters;
use core::ops::Range;

/// The exact difference of the margin between image and baseline, shared out by one sweep down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GoodnessDelta;

impl GoodnessDelta {
    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        Pass::floats(shapes, classes) + 3 * first_units(shapes) + rows * row_floats(shapes)
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
        let parts = (network.classes(), layers.as_ref(), readout);
        let pass = Pass::new(parts, score, target, &mut rest, kernel)?;
        check_baseline(&pass.plan, baseline)?;
        let rows = pass.head.rows();
        let floats = pass.trace_floats(rows);
        error::at_least("baseline memory", floats, memory.len())?;
        error::at_least("scratch", pass.first_units() + rows * pass.plan.widest, rest.len())?;
        let pixels = take(&mut rest, pass.first_units());
        pass.multiply(kernel, baseline, pixels);
        let inverse = [pass.inverse(pass.input_squares(math::square_sum(baseline)))];
        let inputs = Inputs { pixels, inverse: &inverse };
        let memory = memory.split_at_mut(floats).0;
        let Trace { z, squares, rows } = pass.fire(kernel, inputs, 0..rows, memory, rest);
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
        let (layers, readout) = question.network.views();
        let mut rest = scratch;
        let parts = (question.network.classes(), layers.as_ref(), readout);
        let pass = Pass::new(parts, question.score, question.target, &mut rest, kernel)?;
        question.check(&pass.plan, map)?;
        if let Some(known) = known {
            let rows = if question.score == Score::Readout { 1 } else { pass.plan.classes };
            known.check(question.score, question.baseline, pass.trace_floats(rows))?;
        }
        Ends::new(&pass, question.image, question.baseline).explain(known, rest, kernel, map)
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

/// Floats of one row: two traces and two rows of the widest layer.
const fn row_floats(shapes: &[Shape]) -> usize {
    2 * trace_floats(shapes) + work_floats(shapes, 2)
}

/// The two ends of the path that is explained, with everything checked.
struct Ends<'a> {
    pass: &'a Pass<'a>,
    image: &'a [f32],
    baseline: &'a [f32],
    /// Sums of squares of the two inputs, label slots included.
    squares: [f32; 2],
}

impl<'a> Ends<'a> {
    fn new(pass: &'a Pass<'a>, image: &'a [f32], baseline: &'a [f32]) -> Self {
        let squares = [image, baseline].map(|features| pass.input_squares(math::square_sum(features)));
        Self { pass, image, baseline, squares }
    }

    fn explain<K: Kernel>(
        &self,
        known: Option<&BaselineTrace<'_>>,
        mut scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        let pass = self.pass;
        let units = pass.first_units();
        let per_row = 2 * (pass.trace_floats(1) + pass.plan.widest);
        error::at_least("scratch", 3 * units + per_row, scratch.len())?;
        let [pixels, base, combined] = [(); 3].map(|()| take(&mut scratch, units));
        pass.multiply(kernel, self.image, pixels);
        if known.is_none() {
            pass.multiply(kernel, self.baseline, base);
        }
        let mut combined = Combined::zeroed(combined);
        let mut explained = Explained::default();
        let rows = pass.head.rows();
        let together = (scratch.len() / per_row).min(rows);
        for first in (0..rows).step_by(together) {
            let labels = first..rows.min(first + together);
            let sweep = self.fire(kernel, [pixels, base], labels, known, &mut *scratch);
            sweep.down(kernel, &mut explained, &mut combined);
        }
        combined.pull_back(kernel, pass, self.image, self.baseline, map);
        let step = NormStep::new(self.squares[0], self.squares[1], pass.plan.features + pass.plan.classes);
        share(step, combined.label, self.image, self.baseline, map);
        explained.checked(map)
    }

    /// Sends both ends up under some of the margin's labels.
    fn fire<'t, K: Kernel>(
        &'t self,
        kernel: &mut K,
        [pixels, base]: [&[f32]; 2],
        labels: Range<usize>,
        known: Option<&BaselineTrace<'t>>,
        mut scratch: &'t mut [f32],
    ) -> Sweep<'t> {
        let pass = self.pass;
        let [memory, base_memory] = [(); 2].map(|()| take(&mut scratch, pass.trace_floats(labels.len())));
        let [m, d] = [(); 2].map(|()| take(&mut scratch, labels.len() * pass.plan.widest));
        let inverse = self.squares.map(|squares| [pass.inverse(squares)]);
        let image = pass.fire(kernel, Inputs { pixels, inverse: &inverse[0] }, labels.clone(), memory, m);
        let base = match known {
            Some(known) => known.trace(),
            None => pass.fire(kernel, Inputs { pixels: base, inverse: &inverse[1] }, labels.clone(), base_memory, m),
        };
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
    fn down<K: Kernel>(mut self, kernel: &mut K, explained: &mut Explained, combined: &mut Combined<'_>) {
        for l in (0..self.pass.layers.len()).rev() {
            self.layer(kernel, l);
        }
        let (pass, first) = (self.pass, self.labels.start);
        for r in 0..self.labels.len() {
            explained.score += pass.value(self.image, r, first + r);
            explained.baseline_score += pass.value(self.base, self.base_row(r), first + r);
        }
        combined.add(pass, first, self.d.split_at(self.labels.len() * pass.first_units()).0);
    }

    /// From the multipliers of the layer above, in `d`, to this layer's, in `d`.
    fn layer<K: Kernel>(&mut self, kernel: &mut K, l: usize) {
        let (pass, rows) = (self.pass, self.labels.len());
        let units = pass.layers[l].shape.outputs;
        let m = self.m.split_at_mut(rows * units).0;
        let has_m = pass.pull_multipliers(kernel, l, self.d, m);
        let (m, image) = (&*m, self.image);
        let (labels, base, base_has_all) = (self.labels.clone(), self.base, self.base_has_all);
        kernel.rows(units, self.d.split_at_mut(rows * units).0, |r, d| {
            let b = base_row(pass, labels.start, base_has_all, r);
            let both = Both {
                z: [pass.z(image, l, r), pass.z(base, l, b)],
                squares: [image.squares(l, r), base.squares(l, b)],
            };
            let m = if has_m { m.get(r * units..(r + 1) * units).unwrap_or(&[]) } else { &[] };
            through_layer(pass.head.weight(l, labels.start + r), m, both, d);
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
