//! Where a step stands, and how much of it may be done now.
//!
//! A step is a sequence of phases, layer by layer, and a phase is done in pieces: one input's row
//! of weights at a time in the two products, everything at once in the others. A whole step and a
//! sliced one run the same sequence; they differ in the budget alone.

use core::ops::Range;
use core::task::Poll;

use crate::error::Error;
use crate::kernel::Kernel;
use crate::learner::{Learner, Parts, Report};
use crate::network::{Parameters, Plan};
use crate::optimiser::State;
use crate::sample::Batch;

/// The phases of one layer, in order; a rule goes through those that it has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// The forward product, an input at a time.
    Multiply,
    /// The neutral pass and the readout, before the first layer fires.
    Neutral,
    /// Activities, and what they are judged by. In the classic rule the biases learn.
    Fire,
    /// The directions of one-pass rules.
    Direct,
    /// Their label rows and biases learn.
    Labels,
    /// The weights learn, an input at a time.
    Learn,
    /// The activities become the next layer's inputs.
    Normalise,
}

/// Why a step did not go on.
pub(crate) enum Stop {
    /// The budget is spent.
    Paused,
    /// A layer diverged.
    Failed(Error),
}

/// How much may still be done. A type, so that a whole step is compiled without a trace of pauses.
pub(crate) trait Budget {
    /// Whether it can be spent at all.
    const IS_LIMITED: bool;

    /// How many of so many pieces may be done, each taking so many multiply-adds.
    fn grant(&mut self, pieces: usize, each: usize) -> usize;
}

/// All there is.
pub(crate) struct Unlimited;

impl Budget for Unlimited {
    const IS_LIMITED: bool = false;

    fn grant(&mut self, pieces: usize, _: usize) -> usize {
        pieces
    }
}

/// So many multiply-adds.
#[derive(Default)]
pub(crate) struct Limited {
    left: usize,
    /// Whether something has been done already; the first piece is done whatever it takes.
    is_begun: bool,
}

impl Limited {
    pub const fn to(multiply_adds: usize) -> Self {
        Self { left: multiply_adds, is_begun: false }
    }
}

impl Budget for Limited {
    const IS_LIMITED: bool = true;

    fn grant(&mut self, pieces: usize, each: usize) -> usize {
        let fit = self.left.checked_div(each).unwrap_or(pieces).min(pieces);
        let granted = if self.is_begun { fit } else { fit.max(1).min(pieces) };
        self.left = self.left.saturating_sub(granted * each);
        self.is_begun = true;
        granted
    }
}

/// Everything that a step remembers between two slices, beside its scratch.
pub(crate) struct Progress<B> {
    pub report: Report,
    pub budget: B,
    /// The layer that is worked on; past the last one when all is done.
    pub layer: usize,
    phase: Phase,
    /// How many of the phase's pieces are done.
    done: usize,
}

impl<B: Budget> Progress<B> {
    pub fn new(budget: B) -> Self {
        Self { report: Report::default(), budget, layer: 0, phase: Phase::Multiply, done: 0 }
    }

    /// Does what is left of a phase, of `pieces` that each take `each` multiply-adds, as far as the
    /// budget goes.
    #[inline(always)]
    pub fn run(
        &mut self,
        phase: Phase,
        pieces: usize,
        each: usize,
        work: impl FnOnce(&mut Self, Range<usize>) -> Result<(), Error>,
    ) -> Result<(), Stop> {
        if !B::IS_LIMITED {
            return work(self, 0..pieces).map_err(Stop::Failed);
        }
        if self.phase > phase {
            return Ok(());
        }
        if self.phase < phase {
            (self.phase, self.done) = (phase, 0);
        }
        let start = self.done;
        let granted = self.budget.grant(pieces - start, each);
        if granted == 0 {
            return Err(Stop::Paused);
        }
        self.done = start + granted;
        work(self, start..start + granted).map_err(Stop::Failed)?;
        if self.done < pieces { Err(Stop::Paused) } else { Ok(()) }
    }

    /// All phases of the layer are done.
    pub fn next_layer(&mut self) {
        (self.layer, self.phase, self.done) = (self.layer + 1, Phase::Multiply, 0);
    }
}

/// A step that has begun, and all that it needs to go on: what every rule's slices share.
pub(crate) struct Paused<'a, P, S, K> {
    learner: Learner<'a, P, S, K>,
    batch: Batch<'a>,
    plan: Plan,
    progress: Progress<Limited>,
    failed: Option<Error>,
}

impl<'a, P: Parameters, S: State, K: Kernel> Paused<'a, P, S, K> {
    pub fn new(learner: Learner<'a, P, S, K>, batch: Batch<'a>, plan: Plan) -> Self {
        Self { learner, batch, plan, progress: Progress::new(Limited::default()), failed: None }
    }

    /// Lets `proceed` go on for at most `budget` multiply-adds; a step that has ended stays as it is.
    pub fn go_on<F>(&mut self, budget: usize, proceed: F) -> Poll<Result<Report, Error>>
    where
        F: FnOnce(Parts<'_, '_, K>, &mut [f32], Plan, Batch<'a>, &mut Progress<Limited>) -> Result<(), Stop>,
    {
        if let Some(error) = self.failed {
            return Poll::Ready(Err(error));
        }
        let Self { learner, batch, plan, progress, .. } = self;
        progress.budget = Limited::to(budget);
        let result = learner.erased(|parts, floats, _| proceed(parts, floats, *plan, *batch, progress));
        match result {
            Ok(()) => Poll::Ready(Ok(self.progress.report.clone())),
            Err(Stop::Paused) => Poll::Pending,
            Err(Stop::Failed(error)) => {
                self.failed = Some(error);
                Poll::Ready(Err(error))
            }
        }
    }
}
