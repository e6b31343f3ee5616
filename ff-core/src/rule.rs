//! What every learning rule can be asked for, whatever it learns by.
//!
//! A [`Trainer`](crate::trainer::Trainer) asks it here, and so may a program that is written for any rule.
//! The rules themselves are values of [`Classic`], [`Unsupervised`](crate::classic::Unsupervised) and
//! [`OnePass`].

use core::task::Poll;

use crate::classic::{self, Classic};
use crate::classify::{self, ScoredLayers};
use crate::error::Error;
use crate::goodness::Objective;
use crate::kernel::Kernel;
use crate::learner::{Learner, Report};
use crate::network::{self, Parameters};
use crate::onepass::{self, Head, OnePass};
use crate::optimiser::{Optimiser, State};
use crate::random::Rng;
use crate::saliency::{ClassHead, Score};
use crate::sample::Batch;

/// How a network that learns by this rule begins, and how it is read.
pub trait Rule {
    /// 1 where the likeliest class has the highest [`Score`], -1 where it has the lowest.
    const SIGN: f32 = 1.0;

    /// Whether the optimiser must be told how many steps were taken.
    const COUNTS_STEPS: bool;

    /// Tells the optimiser how many steps were taken before the next one.
    fn set_steps(&mut self, steps: u64);

    /// Draws the weights that learning begins with.
    fn randomise<P: Parameters>(&self, network: &mut P, rng: &mut Rng);

    /// Every class's score for every sample, the higher the likelier: `scores` is samples x classes.
    ///
    /// # Errors
    /// A slice of the wrong length, features that are NaN, infinite or too large to be squared, a network
    /// that does not suit the rule.
    fn scores<P: Parameters, K: Kernel>(
        &self,
        network: &P,
        samples: &[f32],
        scored: ScoredLayers,
        scratch: &mut [f32],
        kernel: &mut K,
        scores: &mut [f32],
    ) -> Result<(), Error>;

    /// The score that a map explains.
    fn score(&self, scored: ScoredLayers) -> Score;
}

/// A rule that learns from samples and their labels alone.
pub trait Supervised: Rule {
    /// A step that has begun.
    type Slices<'a, P, S, K>: Sliced
    where
        Self: 'a,
        P: Parameters + 'a,
        S: State + 'a,
        K: Kernel + 'a;

    /// Learns from one batch.
    ///
    /// # Errors
    /// A bad batch, a setting out of range, or a slice of the wrong length: nothing has changed.
    /// [`Error::Diverged`]: see there.
    fn step<P, S, K>(&self, learner: &mut Learner<'_, P, S, K>, batch: Batch<'_>) -> Result<Report, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel;

    /// Begins the same step, to be done in slices.
    ///
    /// # Errors
    /// As [`Supervised::step`], but for [`Error::Diverged`].
    fn begin<'a, P, S, K>(
        &'a self,
        learner: Learner<'a, P, S, K>,
        batch: Batch<'a>,
    ) -> Result<Self::Slices<'a, P, S, K>, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel;
}

/// A step that has begun and goes on whenever it is polled.
pub trait Sliced {
    /// Goes on for at most `budget` multiply-adds, or the rule's largest piece, whichever is more.
    ///
    /// # Errors
    /// [`Error::Diverged`]: see there. The step has then ended.
    fn poll(&mut self, budget: usize) -> Poll<Result<Report, Error>>;
}

impl<G: Objective, O: Optimiser> Rule for Classic<G, O> {
    const SIGN: f32 = G::SIGN;
    const COUNTS_STEPS: bool = O::COUNTS_STEPS;

    #[inline]
    fn set_steps(&mut self, steps: u64) {
        self.optimiser.set_steps(steps);
    }

    #[inline]
    fn randomise<P: Parameters>(&self, network: &mut P, rng: &mut Rng) {
        network::randomise(network, rng);
    }

    /// By goodness, for every label in turn.
    #[inline]
    fn scores<P: Parameters, K: Kernel>(
        &self,
        network: &P,
        samples: &[f32],
        scored: ScoredLayers,
        scratch: &mut [f32],
        kernel: &mut K,
        scores: &mut [f32],
    ) -> Result<(), Error> {
        classify::by_goodness(network, samples, scored, scratch, kernel, scores)?;
        if G::SIGN < 0.0 {
            scores.iter_mut().for_each(|score| *score = -*score);
        }
        Ok(())
    }

    #[inline]
    fn score(&self, scored: ScoredLayers) -> Score {
        Score::Goodness(scored)
    }
}

impl<G: Objective, O: Optimiser> Supervised for Classic<G, O> {
    type Slices<'a, P, S, K>
        = classic::Slices<'a, P, S, K, G, O>
    where
        Self: 'a,
        P: Parameters + 'a,
        S: State + 'a,
        K: Kernel + 'a;

    #[inline]
    fn step<P, S, K>(&self, learner: &mut Learner<'_, P, S, K>, batch: Batch<'_>) -> Result<Report, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        Classic::step(self, learner, batch)
    }

    #[inline]
    fn begin<'a, P, S, K>(
        &'a self,
        learner: Learner<'a, P, S, K>,
        batch: Batch<'a>,
    ) -> Result<Self::Slices<'a, P, S, K>, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        self.begin_owned(learner, batch)
    }
}

impl<P: Parameters, S: State, K: Kernel, G: Objective, O: Optimiser> Sliced for classic::Slices<'_, P, S, K, G, O> {
    #[inline]
    fn poll(&mut self, budget: usize) -> Poll<Result<Report, Error>> {
        classic::Slices::poll(self, budget)
    }
}

impl<H: Head + Copy + Into<ClassHead>, O: Optimiser> Rule for OnePass<H, O> {
    const COUNTS_STEPS: bool = O::COUNTS_STEPS;

    #[inline]
    fn set_steps(&mut self, steps: u64) {
        self.optimiser.set_steps(steps);
    }

    #[inline]
    fn randomise<P: Parameters>(&self, network: &mut P, rng: &mut Rng) {
        OnePass::randomise(self, network, rng);
    }

    /// By the layers' heads, in one pass.
    #[inline]
    fn scores<P: Parameters, K: Kernel>(
        &self,
        network: &P,
        samples: &[f32],
        scored: ScoredLayers,
        scratch: &mut [f32],
        kernel: &mut K,
        scores: &mut [f32],
    ) -> Result<(), Error> {
        onepass::scores(&self.head, network, samples, scored, scratch, kernel, scores)
    }

    #[inline]
    fn score(&self, scored: ScoredLayers) -> Score {
        Score::OnePass { head: self.head.into(), scored }
    }
}

impl<H: Head + Copy + Into<ClassHead>, O: Optimiser> Supervised for OnePass<H, O> {
    type Slices<'a, P, S, K>
        = onepass::Slices<'a, P, S, K, H, O>
    where
        Self: 'a,
        P: Parameters + 'a,
        S: State + 'a,
        K: Kernel + 'a;

    #[inline]
    fn step<P, S, K>(&self, learner: &mut Learner<'_, P, S, K>, batch: Batch<'_>) -> Result<Report, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        OnePass::step(self, learner, batch)
    }

    #[inline]
    fn begin<'a, P, S, K>(
        &'a self,
        learner: Learner<'a, P, S, K>,
        batch: Batch<'a>,
    ) -> Result<Self::Slices<'a, P, S, K>, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        self.begin_owned(learner, batch)
    }
}

impl<P: Parameters, S: State, K: Kernel, H: Head, O: Optimiser> Sliced for onepass::Slices<'_, P, S, K, H, O> {
    #[inline]
    fn poll(&mut self, budget: usize) -> Poll<Result<Report, Error>> {
        onepass::Slices::poll(self, budget)
    }
}

/// A rule that never changes, as a constant: the compiler then leaves out of a program what its settings never
/// do, an eighth of the text of training by [`Classic::SMALL`] on a Cortex-M4F.
impl<R: Rule> Rule for &R {
    const SIGN: f32 = R::SIGN;
    const COUNTS_STEPS: bool = R::COUNTS_STEPS;

    #[inline]
    fn set_steps(&mut self, _: u64) {
        const { assert!(!R::COUNTS_STEPS, "this optimiser counts steps: the trainer takes the rule itself, not a reference") }
    }

    #[inline]
    fn randomise<P: Parameters>(&self, network: &mut P, rng: &mut Rng) {
        R::randomise(self, network, rng);
    }

    #[inline]
    fn scores<P: Parameters, K: Kernel>(
        &self,
        network: &P,
        samples: &[f32],
        scored: ScoredLayers,
        scratch: &mut [f32],
        kernel: &mut K,
        scores: &mut [f32],
    ) -> Result<(), Error> {
        R::scores(self, network, samples, scored, scratch, kernel, scores)
    }

    #[inline]
    fn score(&self, scored: ScoredLayers) -> Score {
        R::score(self, scored)
    }
}

impl<R: Supervised> Supervised for &R {
    type Slices<'a, P, S, K>
        = R::Slices<'a, P, S, K>
    where
        Self: 'a,
        P: Parameters + 'a,
        S: State + 'a,
        K: Kernel + 'a;

    #[inline]
    fn step<P, S, K>(&self, learner: &mut Learner<'_, P, S, K>, batch: Batch<'_>) -> Result<Report, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        R::step(self, learner, batch)
    }

    #[inline]
    fn begin<'a, P, S, K>(
        &'a self,
        learner: Learner<'a, P, S, K>,
        batch: Batch<'a>,
    ) -> Result<Self::Slices<'a, P, S, K>, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        R::begin(self, learner, batch)
    }
}
