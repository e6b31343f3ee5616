//! Goodness-delta in segments of the straight path from the baseline to the image.

use super::input::Combined;
use super::pass::{Inputs, Pass, Trace, features, first_units};
use super::sweep::{self, Ends, Share, Sweep};
use super::{Explained, Question, Saliency};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::math;
use crate::network::Parameters;
use crate::pieces;
use core::mem;
use core::ops::Range;

/// [`GoodnessDelta`](super::GoodnessDelta) between consecutive points of the straight path from the
/// baseline to the image, added up.
///
/// Every segment is explained exactly, so the sum is complete for any number of segments; with more
/// of them it tends to the path integral of the gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PathDelta {
    /// Into how many equal segments the path is cut, at least 1; 1 gives the map of
    /// [`GoodnessDelta`](super::GoodnessDelta).
    pub segments: u32,
}

impl PathDelta {
    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        Pass::floats(shapes, classes) + 3 * features(shapes) + sweep::floats(shapes, rows) - first_units(shapes)
    }

    /// [`Saliency::scratch_floats`] as a constant.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }
}

impl Saliency for PathDelta {
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
        if self.segments == 0 {
            return Err(Error::Setting { name: "segments" });
        }
        question.answer(scratch, kernel, map, |pass, mut scratch, kernel, map| {
            let (features, units) = (question.image.len(), pass.first_units());
            let per_row = 2 * (pass.trace_floats(1) + pass.plan.widest);
            error::at_least("scratch", 3 * features + 2 * units + per_row, scratch.len())?;
            let [from, to, part] = [(); 3].map(|()| pieces::take(&mut scratch, features));
            let [pixels, combined] = [(); 2].map(|()| pieces::take(&mut scratch, units));
            let path = Path { pass, image: question.image, baseline: question.baseline, segments: self.segments };
            let mut walk = Walk { from, to, part, pixels, combined };
            let mut explained = Explained::default();
            map.fill(0.0);
            let rows = pass.head.rows();
            let together = (scratch.len() / per_row).min(rows);
            for first in (0..rows).step_by(together) {
                path.explain(first..rows.min(first + together), &mut walk, scratch, kernel, &mut explained, map);
            }
            explained.checked(map)
        })
    }
}

/// The path, and what is asked along it.
struct Path<'a> {
    pass: &'a Pass<'a>,
    image: &'a [f32],
    baseline: &'a [f32],
    segments: u32,
}

/// Memory of a walk along the path: the two ends of a segment, its map, the product of its upper end
/// with the first layer, and the multipliers of that layer's units.
struct Walk<'a> {
    from: &'a mut [f32],
    to: &'a mut [f32],
    part: &'a mut [f32],
    pixels: &'a mut [f32],
    combined: &'a mut [f32],
}

impl Path<'_> {
    /// Adds the maps of all segments under some of the margin's labels. What the network did at the
    /// upper end of a segment serves as the lower end of the next.
    fn explain<K: Kernel>(
        &self,
        labels: Range<usize>,
        walk: &mut Walk<'_>,
        mut scratch: &mut [f32],
        kernel: &mut K,
        explained: &mut Explained,
        map: &mut [f32],
    ) {
        let (pass, rows) = (self.pass, labels.len());
        let [mut above, mut below] = [(); 2].map(|()| pieces::take(&mut scratch, pass.trace_floats(rows)));
        let [m, d] = [(); 2].map(|()| pieces::take(&mut scratch, rows * pass.plan.widest));
        self.point(0, walk.to);
        self.fire(walk, labels.clone(), kernel, above, m);
        for segment in 1..=self.segments {
            mem::swap(&mut walk.from, &mut walk.to);
            mem::swap(&mut above, &mut below);
            self.point(segment, walk.to);
            self.fire(walk, labels.clone(), kernel, above, m);
            let [image, base] = [&*above, &*below].map(|memory| Trace::view(memory, rows, pass.layers.len()));
            let sweep = Sweep { pass, labels: labels.clone(), image, base, base_has_all: false, m, d };
            let (mut between, mut combined) = (Explained::default(), Combined::zeroed(walk.combined));
            sweep.down(kernel, &mut between, &mut combined);
            Ends::new(pass, walk.to, walk.from).finish(Share::ThroughNorm, &combined, kernel, walk.part);
            map.iter_mut().zip(&*walk.part).for_each(|(sum, part)| *sum += part);
            if segment == 1 {
                explained.baseline_score += between.baseline_score;
            }
            if segment == self.segments {
                explained.score += between.score;
            }
        }
    }

    /// The end of a segment; the path's own ends are the very bits that were given.
    fn point(&self, segment: u32, into: &mut [f32]) {
        let part = segment as f32 / self.segments as f32;
        let baseline = self.baseline.iter().copied().chain(core::iter::repeat(0.0));
        for ((into, &x), base) in into.iter_mut().zip(self.image).zip(baseline) {
            *into = if segment == self.segments { x } else { base + part * (x - base) };
        }
    }

    /// Sends the upper end of a segment up.
    fn fire<K: Kernel>(
        &self,
        walk: &mut Walk<'_>,
        labels: Range<usize>,
        kernel: &mut K,
        memory: &mut [f32],
        work: &mut [f32],
    ) {
        self.pass.multiply(kernel, walk.to, walk.pixels);
        let inverse = [self.pass.inverse(self.pass.input_squares(math::square_sum(walk.to)))];
        self.pass.fire(kernel, &Inputs { pixels: walk.pixels, inverse: &inverse, labels }, memory, work);
    }
}
