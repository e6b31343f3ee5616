//! The step's working memory: one slice of floats, carved into what each phase needs.

use super::{Head, OnePass, score_floats};
use crate::error::Error;
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::learner::Parts;
use crate::memory::{floats_to_explain, larger};
use crate::network::{self, Plan, Shaped};
use crate::optimiser::Optimiser;

impl<H: Head, O: Optimiser> OnePass<H, O> {
    /// How many floats of scratch a step on `batch` samples needs.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize, batch: usize) -> usize {
        Sizes::new::<O>(network::widest(shapes), network::largest(shapes, classes), classes, batch).total()
    }

    /// Floats of scratch for steps on up to `batch` samples, and to classify.
    #[must_use]
    pub const fn floats<N: Shaped>(&self, batch: usize) -> usize {
        larger(self.scratch_floats(N::SHAPES, N::CLASSES, batch), self.floats_to_score::<N>())
    }

    /// Floats of scratch to classify alone.
    #[must_use]
    pub const fn floats_to_score<N: Shaped>(&self) -> usize {
        N::CLASSES + score_floats(N::SHAPES, N::CLASSES, 1)
    }

    /// Floats of scratch for steps, to classify and to explain.
    #[must_use]
    pub const fn floats_with_maps<N: Shaped>(&self, batch: usize) -> usize {
        larger(self.floats::<N>(batch), floats_to_explain::<N>())
    }
}

/// How many floats each piece of scratch has.
struct Sizes {
    half: usize,
    scores: usize,
    inverse: usize,
    gradient: usize,
}

impl Sizes {
    const fn new<O: Optimiser>(widest: usize, largest: usize, classes: usize, batch: usize) -> Self {
        let gradient = if O::GRADIENT { largest } else { 0 };
        Self { half: batch * widest, scores: batch * classes, inverse: batch, gradient }
    }

    const fn total(&self) -> usize {
        3 * self.half + self.scores + self.inverse + self.gradient
    }
}

/// The step's working memory.
pub(super) struct Buffers<'a> {
    /// The layer's inputs.
    pub x: &'a mut [f32],
    /// Its affine outputs, then its activities.
    pub z: &'a mut [f32],
    pub directions: &'a mut [f32],
    /// Scores, then errors: batch x classes.
    pub scores: &'a mut [f32],
    /// 1 / N of each sample.
    pub inverse: &'a mut [f32],
    pub gradient: &'a mut [f32],
}

impl<'a> Buffers<'a> {
    pub fn carve<O: Optimiser>(
        floats: &'a mut [f32],
        parts: &Parts<'_, '_, impl Kernel>,
        plan: &Plan,
        batch: usize,
    ) -> Result<Self, Error> {
        let blocks = parts.weights.layers.iter().map(|layer| network::largest_block(layer.shape, plan.classes));
        let size = Sizes::new::<O>(plan.widest, blocks.max().unwrap_or(0), plan.classes, batch);
        let too_few = Error::Length { what: "scratch", expected: size.total(), found: floats.len() };
        Self::cut(floats, &size).ok_or(too_few)
    }

    #[inline(always)]
    fn cut(floats: &'a mut [f32], size: &Sizes) -> Option<Self> {
        let (x, rest) = floats.split_at_mut_checked(size.half)?;
        let (z, rest) = rest.split_at_mut_checked(size.half)?;
        let (directions, rest) = rest.split_at_mut_checked(size.half)?;
        let (scores, rest) = rest.split_at_mut_checked(size.scores)?;
        let (inverse, rest) = rest.split_at_mut_checked(size.inverse)?;
        let (gradient, _) = rest.split_at_mut_checked(size.gradient)?;
        Some(Self { x, z, directions, scores, inverse, gradient })
    }
}
