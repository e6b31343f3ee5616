//! The classic recipe without labels, as a rule of its own.

use super::Classic;
use crate::classify::{self, ScoredLayers};
use crate::error::Error;
use crate::goodness::{Logistic, Objective};
use crate::kernel::Kernel;
use crate::memory::{floats_to_explain, larger};
use crate::network::{self, Parameters, Shaped};
use crate::optimiser::{Optimiser, Sgd};
use crate::random::Rng;
use crate::rule::Rule;
use crate::saliency::Score;

/// The layers tell samples from negative samples, which the program makes, such as
/// [hybrids](crate::hybrid) of two; labels serve the readout alone, which classifies. See
/// [`Classic::step_unsupervised`] for when to use it.
///
/// ```
/// use ff_core::prelude::*;
///
/// type Net = Network<Dense2<4, 16, 8>, 2, Readout<24, 2>, FeaturesOnly>;
/// const READOUT: StepSize = StepSize { learning_rate: 0.5, weight_decay: 0.0 };
/// const RULE: Unsupervised = Unsupervised(Classic { readout: READOUT, ..Classic::SMALL });
///
/// let mut memory = Memory::<Net, { RULE.floats::<Net>(2) }>::ZEROED;
/// let mut trainer = Trainer::new(RULE, &mut memory, 1);
/// let (samples, hybrids) = ([1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
/// for _ in 0..500 {
///     trainer.step_unsupervised(&samples, &[0, 1], &hybrids)?;
/// }
/// assert_eq!([trainer.classify(&samples[..4])?, trainer.classify(&samples[4..])?], [0, 1]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Unsupervised<G = Logistic, O = Sgd>(pub Classic<G, O>);

impl<G, O: Optimiser> Unsupervised<G, O> {
    /// Floats of scratch for steps on up to `batch` samples, and to classify.
    #[must_use]
    pub const fn floats<N: Shaped>(&self, batch: usize) -> usize {
        // Negative samples have norms of their own.
        let step = self.0.scratch_floats(N::SHAPES, N::CLASSES, batch) + batch;
        larger(step, self.floats_to_score::<N>())
    }

    /// Floats of scratch to classify alone.
    #[must_use]
    pub const fn floats_to_score<N: Shaped>(&self) -> usize {
        N::CLASSES + classify::readout_floats(N::SHAPES, N::CLASSES, 1)
    }

    /// Floats of scratch for steps, to classify and to explain.
    #[must_use]
    pub const fn floats_with_maps<N: Shaped>(&self, batch: usize) -> usize {
        larger(self.floats::<N>(batch), floats_to_explain::<N>())
    }
}

impl<G: Objective, O: Optimiser> Rule for Unsupervised<G, O> {
    const COUNTS_STEPS: bool = O::COUNTS_STEPS;

    #[inline]
    fn set_steps(&mut self, steps: u64) {
        self.0.optimiser.set_steps(steps);
    }

    #[inline]
    fn randomise<P: Parameters>(&self, network: &mut P, rng: &mut Rng) {
        network::randomise(network, rng);
    }

    /// The readout's probabilities, whichever layers are scored.
    #[inline]
    fn scores<P: Parameters, K: Kernel>(
        &self,
        network: &P,
        samples: &[f32],
        _: ScoredLayers,
        scratch: &mut [f32],
        kernel: &mut K,
        scores: &mut [f32],
    ) -> Result<(), Error> {
        classify::by_readout(network, samples, scratch, kernel, scores)
    }

    /// The readout's logit.
    #[inline]
    fn score(&self, _: ScoredLayers) -> Score {
        Score::Logits
    }
}
