//! A step in slices, for a processor that has other things to do.

use core::task::Poll;

use super::scratch::Buffers;
use super::step::Step;
use super::{Head, OnePass};
use crate::error::Error;
use crate::kernel::Kernel;
use crate::learner::{Learner, Report};
use crate::network::Parameters;
use crate::optimiser::{Optimiser, State};
use crate::progress::{Paused, Stop};
use crate::sample::Batch;

/// A step that has begun and goes on whenever it is polled: [`OnePass::begin`].
///
/// It borrows the learner, so nobody else can change the network, or use its scratch, before the
/// step has ended or is dropped. Dropped halfway, it leaves the generator moved on and the weights
/// valid: some layers, or some inputs of a layer, have learned from the sample and the others not.
/// Used as [`classic::Slices`](crate::classic::Slices), where there is an example.
pub struct Slices<'a, P, S, K, H, O> {
    settings: &'a OnePass<H, O>,
    key: u32,
    paused: Paused<'a, P, S, K>,
}

impl<P, S, K, H, O> core::fmt::Debug for Slices<'_, P, S, K, H, O> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Slices").finish_non_exhaustive()
    }
}

impl<H: Head, O: Optimiser> OnePass<H, O> {
    /// Begins a step that is done in slices, by [`Slices::poll`].
    ///
    /// It is [`OnePass::step`] itself, with pauses: with the portable kernel every slicing gives the
    /// same bits. A kernel whose whole products round in another way differs in rounding. This call
    /// checks everything, which looks at every feature once, and draws the step's random key.
    ///
    /// # Errors
    /// As [`OnePass::step`], but for [`Error::Diverged`].
    pub fn begin<'a, P, S, K>(
        &'a self,
        learner: &'a mut Learner<'_, P, S, K>,
        batch: Batch<'a>,
    ) -> Result<Slices<'a, P, S, K, H, O>, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        self.begin_owned(learner.reborrow(), batch)
    }

    /// The same with a learner that nobody else needs.
    pub(crate) fn begin_owned<'a, P, S, K>(
        &'a self,
        mut learner: Learner<'a, P, S, K>,
        batch: Batch<'a>,
    ) -> Result<Slices<'a, P, S, K, H, O>, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        let (classes, slots) = (learner.network.classes(), learner.network.label_slots());
        let (plan, key) = learner.erased(|parts, floats, rng| {
            let plan = self.plan((classes, slots), &parts, batch)?;
            Buffers::carve::<O>(floats, &parts, &plan, batch.len())?;
            Ok((plan, rng.next_u32()))
        })?;
        Ok(Slices { settings: self, key, paused: Paused::new(learner, batch, plan) })
    }
}

impl<P: Parameters, S: State, K: Kernel, H: Head, O: Optimiser> Slices<'_, P, S, K, H, O> {
    /// Goes on with the step, for at most `budget` multiply-adds or
    /// [`OnePass::largest_piece`], whichever is more.
    ///
    /// The bound depends on shapes, never on data, which can only make it faster. It counts the
    /// multiply-adds of matrices, and values that are only visited as a few each. `Ready` means that
    /// the step has ended, with its report; polling it again gives the same.
    ///
    /// # Errors
    /// [`Error::Diverged`]: see there. The step has then ended.
    pub fn poll(&mut self, budget: usize) -> Poll<Result<Report, Error>> {
        let Self { settings, key, paused } = self;
        let (settings, key) = (*settings, *key);
        paused.go_on(budget, |parts, floats, plan, batch, progress| {
            let buffers = Buffers::carve::<O>(floats, &parts, &plan, batch.len()).map_err(Stop::Failed)?;
            Step { settings, parts, plan, key, batch }.proceed(buffers, progress)
        })
    }
}
