//! The step's working memory: one slice of floats, carved into what each phase needs.

use super::Classic;
use crate::classify;
use crate::error::Error;
use crate::label::Negatives;
use crate::layer::{LayerMut, Shape};
use crate::memory::{floats_to_explain, larger};
use crate::network::{self, Plan, Shaped};
use crate::optimiser::Optimiser;
use crate::pieces;

impl<G, O: Optimiser> Classic<G, O> {
    /// How many floats of scratch a step on `batch` samples needs.
    ///
    /// Constant, so that firmware can write `static SCRATCH: [f32; SETTINGS.scratch_floats(..)]`.
    /// With the widest layer's W units: about `4 B W` floats; for 32 units, a batch of 1 and no
    /// readout 133 floats.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize, batch: usize) -> usize {
        self.sizes(shapes.len(), network::widest(shapes), network::largest(shapes, classes), classes, batch).total()
    }

    /// Floats of scratch for steps on up to `batch` samples, and to classify.
    #[must_use]
    pub const fn floats<N: Shaped>(&self, batch: usize) -> usize {
        larger(self.scratch_floats(N::SHAPES, N::CLASSES, batch), self.floats_to_score::<N>())
    }

    /// Floats of scratch to classify alone, two labels side by side.
    #[must_use]
    pub const fn floats_to_score<N: Shaped>(&self) -> usize {
        N::CLASSES + classify::goodness_floats(N::SHAPES, N::CLASSES, 2)
    }

    /// Floats of scratch for steps, to classify and to explain.
    #[must_use]
    pub const fn floats_with_maps<N: Shaped>(&self, batch: usize) -> usize {
        larger(self.floats::<N>(batch), floats_to_explain::<N>())
    }

    /// Whether a step looks at the readout at all, if there is one.
    pub(super) const fn needs_neutral(&self) -> bool {
        self.readout.learning_rate > 0.0 || matches!(self.negatives, Negatives::Hard)
    }

    /// Peer normalisation's direction rides along as one more row.
    pub(super) const fn stacked_rows(&self, batch: usize) -> usize {
        2 * batch + if self.peer > 0.0 { 1 } else { 0 }
    }

    const fn sizes(&self, depth: usize, widest: usize, largest: usize, classes: usize, batch: usize) -> Sizes {
        let rows = self.stacked_rows(batch);
        let half = rows * widest;
        // The neutral pass keeps every layer's activities for the readout, the samples' product and
        // the mean label row.
        let neutral = if self.needs_neutral() { ((depth + 1) * batch + 1) * widest } else { 0 };
        Sizes {
            half,
            pool: if neutral > 2 * half { neutral } else { 2 * half },
            goodness: 2 * batch,
            slopes: rows,
            inverse: batch,
            classes: if self.needs_neutral() { batch * classes } else { 0 },
            gradient: if O::GRADIENT { largest } else { 0 },
        }
    }
}

struct Sizes {
    half: usize,
    pool: usize,
    goodness: usize,
    slopes: usize,
    inverse: usize,
    classes: usize,
    gradient: usize,
}

impl Sizes {
    const fn total(&self) -> usize {
        self.pool + self.goodness + self.slopes + self.inverse + 2 * self.classes + self.gradient
    }
}

/// The carved pieces. `pool` serves the neutral pass as one slot a layer and the contrastive pass
/// as two halves; the samples' product stays at its very end until the first layer has learned.
pub(super) struct Scratch<'a> {
    pool: &'a mut [f32],
    half: usize,
    pixels: usize,
    /// G of each stacked row.
    pub goodness: &'a mut [f32],
    /// The objective's slope of each stacked row, and the batch size for peer normalisation's.
    pub slopes: &'a mut [f32],
    /// 1 / N of each labelled input.
    pub inverse: &'a mut [f32],
    /// The readout's probabilities, batch x classes.
    pub probabilities: &'a mut [f32],
    partial: &'a mut [f32],
    /// The optimiser's, if it wants one.
    gradient: &'a mut [f32],
}

/// What the neutral pass and the readout work in.
pub(super) struct NeutralBuffers<'a> {
    pub pool: &'a mut [f32],
    pub partial: &'a mut [f32],
    pub probabilities: &'a mut [f32],
    pub gradient: &'a mut [f32],
}

/// What the contrastive pass works in.
pub(super) struct ContrastBuffers<'a> {
    pub ping: &'a mut [f32],
    pub pong: &'a mut [f32],
    /// Where in `pong` the samples' product stands.
    pub pixels: core::ops::Range<usize>,
    pub goodness: &'a mut [f32],
    pub slopes: &'a mut [f32],
    pub inverse: &'a mut [f32],
    pub probabilities: &'a [f32],
    pub gradient: &'a mut [f32],
}

impl<'a> Scratch<'a> {
    pub fn carve<G, O: Optimiser>(
        floats: &'a mut [f32],
        settings: &Classic<G, O>,
        layers: &[LayerMut<'_>],
        plan: &Plan,
        batch: usize,
        negative_samples: bool,
    ) -> Result<Self, Error> {
        let largest = layers.iter().map(|layer| network::largest_block(layer.shape, plan.classes)).max().unwrap_or(0);
        let mut size = settings.sizes(layers.len(), plan.widest, largest, plan.classes, batch);
        // Positive and negative rows then have norms of their own.
        size.inverse += if negative_samples { batch } else { 0 };
        let pixels = batch * layers.first().map_or(0, |first| first.shape.outputs);
        let too_few = Error::Length { what: "scratch", expected: size.total(), found: floats.len() };
        Self::cut(floats, &size, pixels).ok_or(too_few)
    }

    #[inline(always)]
    fn cut(floats: &'a mut [f32], size: &Sizes, pixels: usize) -> Option<Self> {
        let (pool, rest) = floats.split_at_mut_checked(size.pool)?;
        let (goodness, rest) = rest.split_at_mut_checked(size.goodness)?;
        let (slopes, rest) = rest.split_at_mut_checked(size.slopes)?;
        let (inverse, rest) = rest.split_at_mut_checked(size.inverse)?;
        let (probabilities, rest) = rest.split_at_mut_checked(size.classes)?;
        let (partial, rest) = rest.split_at_mut_checked(size.classes)?;
        let (gradient, _) = rest.split_at_mut_checked(size.gradient)?;
        Some(Self { pool, half: size.half, pixels, goodness, slopes, inverse, probabilities, partial, gradient })
    }

    /// Where the samples' product goes: batch x units of the first layer.
    pub fn pixels(&mut self) -> &mut [f32] {
        let start = self.pool.len() - self.pixels;
        pieces::split_mut(self.pool, start).1
    }

    pub fn neutral(&mut self) -> NeutralBuffers<'_> {
        NeutralBuffers {
            pool: self.pool,
            partial: self.partial,
            probabilities: self.probabilities,
            gradient: self.gradient,
        }
    }

    pub fn contrast(self) -> ContrastBuffers<'a> {
        let (ping, pong) = pieces::split_mut(self.pool, self.half);
        let pixels = pong.len() - self.pixels..pong.len();
        ContrastBuffers {
            ping,
            pong,
            pixels,
            goodness: self.goodness,
            slopes: self.slopes,
            inverse: self.inverse,
            probabilities: self.probabilities,
            gradient: self.gradient,
        }
    }
}
