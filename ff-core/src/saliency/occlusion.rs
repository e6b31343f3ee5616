//! Exact occlusion, one feature at a time, strictly forward.

use super::endpoints::pairs;
use super::pass::{Pass, first_units};
use super::probe::{self, Probe, State};
use super::{Explained, Question, Saliency};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::network::Parameters;
use crate::pieces;

/// What happens to a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum OcclusionMode {
    /// Each feature that differs from the baseline is set to it: `R_i = S(x) - S(x without i)`.
    Erase,
    /// Each feature that does not differ is set to [`INK`]: `R_i = S(x with i) - S(x)`. Shows the
    /// strokes that would raise the margin (positive) or lower it (negative).
    Add,
}

/// What an added feature holds.
pub const INK: f32 = 1.0;

/// The change of the margin when a feature is erased or added. Nothing goes down, and nothing is assumed: the
/// reference for the other maps.
///
/// Only a step along one weight row separates a changed sample from the sample, and its length is recomputed; the
/// layers above go up again.
///
/// Cost: `ink (U_1 + R P)` (for adding, the blank features in place of ink). Floats: `3 U_1 + U + L + W + 2`; room
/// for 32 samples a label makes it a matrix product on a host.
///
/// Use when a single feature's effect must be beyond doubt, or for what is missing. Avoid when features stand
/// in for each other: erasing one of them changes little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Occlusion {
    /// Erase or add.
    pub mode: OcclusionMode,
}

impl Occlusion {
    /// What the ink that is there does.
    pub const ERASE: Self = Self { mode: OcclusionMode::Erase };
    /// What ink would do where there is none.
    pub const ADD: Self = Self { mode: OcclusionMode::Add };

    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        Pass::floats(shapes, classes) + 2 * first_units(shapes) + probe::floats(shapes, rows)
    }

    /// [`Saliency::scratch_floats`] as a constant.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }

    /// What a feature changes to; none where it is left alone.
    fn change(self, x: f32, base: f32) -> Option<f32> {
        match (self.mode, x == base) {
            (OcclusionMode::Erase, false) => Some(base),
            (OcclusionMode::Add, true) => Some(INK),
            _ => None,
        }
    }
}

impl Saliency for Occlusion {
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
            error::at_least("scratch", 2 * pass.first_units(), rest.len())?;
            let [sample, base] = pieces::take_each(&mut rest, pass.first_units());
            let sample = State::of(kernel, pass, question.sample, sample);
            let base = State::of(kernel, pass, question.baseline, base);
            let mut probe = Probe::carve(pass, rest)?;
            let explained = probe.ends(kernel, &sample, &base);
            map.fill(0.0);
            let changes = pairs(question.sample, question.baseline).enumerate();
            let mut changes = changes.filter_map(|(i, (x, base))| self.change(x, base).map(|y| (i, x, y)));
            loop {
                // The changes that go side by side are walked twice: on the way in and on the way out.
                let some = changes.clone().take(probe.inputs());
                let mut count = 0;
                for (place, change) in some.clone().enumerate() {
                    probe.put_changed(kernel, place, &sample, change);
                    count = place + 1;
                }
                if count == 0 {
                    return explained.checked(map);
                }
                for ((feature, ..), margin) in some.zip(probe.margins(kernel, count)) {
                    let lost = explained.score - margin;
                    let share = if self.mode == OcclusionMode::Erase { lost } else { -lost };
                    map.iter_mut().skip(feature).take(1).for_each(|value| *value = share);
                }
                changes.by_ref().take(count).for_each(drop);
            }
        })
    }
}
