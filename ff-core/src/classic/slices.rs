//! A step in slices, for a processor that has other things to do.

use core::task::Poll;

use super::scratch::Scratch;
use super::{Classic, Keys, Step};
use crate::error::Error;
use crate::goodness::Objective;
use crate::kernel::Kernel;
use crate::learner::{Learner, Report};
use crate::network::Parameters;
use crate::optimiser::{Optimiser, State};
use crate::progress::{Paused, Stop};
use crate::sample::Batch;

/// A step that has begun and goes on whenever it is polled: [`Classic::begin`].
///
/// It borrows the learner, so nobody else can change the network, or use its scratch, before the
/// step has ended or is dropped. Dropped halfway, it leaves the generator moved on and the weights
/// valid: some layers, or some inputs of a layer, have learned from the sample and the others not.
///
/// ```
/// # use ff_core::{classic::Classic, kernel::Portable, layer::Layer, learner::Learner};
/// # use ff_core::{network::Network, optimiser::Stateless, random::Rng, sample::Batch};
/// # type Net = Network<(Layer<4, 16>, Layer<16, 8>), 2>;
/// # const SETTINGS: Classic = Classic::SMALL;
/// # let (mut net, mut rng) = (Net::ZEROED, Rng::new(1));
/// # net.randomise(&mut rng);
/// # let mut scratch = [0.0; SETTINGS.scratch_floats(Net::SHAPES, 2, 1)];
/// # let mut learner = Learner {
/// #     network: &mut net, state: &mut Stateless, means: &mut [],
/// #     scratch: &mut scratch, rng: &mut rng, kernel: &mut Portable,
/// # };
/// # fn feed_the_watchdog() {}
/// let mut step = SETTINGS.begin(&mut learner, Batch { samples: &[0.0, 1.0], labels: &[1] })?;
/// while step.poll(100)?.is_pending() {
///     feed_the_watchdog();
/// }
/// # Ok::<(), ff_core::error::Error>(())
/// ```
pub struct Slices<'a, P, S, K, G, O> {
    settings: &'a Classic<G, O>,
    keys: Keys,
    paused: Paused<'a, P, S, K>,
}

impl<P, S, K, G, O> core::fmt::Debug for Slices<'_, P, S, K, G, O> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Slices").finish_non_exhaustive()
    }
}

impl<G: Objective, O: Optimiser> Classic<G, O> {
    /// Begins a step that is done in slices, by [`Slices::poll`].
    ///
    /// It is [`Classic::step`] itself, with pauses: with the portable kernel every slicing gives the
    /// same bits. A kernel whose whole products round in another way differs in rounding. This call
    /// checks everything, which looks at every feature once, and draws the step's random keys.
    ///
    /// # Errors
    /// As [`Classic::step`], but for [`Error::Diverged`].
    pub fn begin<'a, P, S, K>(
        &'a self,
        learner: &'a mut Learner<'_, P, S, K>,
        batch: Batch<'a>,
    ) -> Result<Slices<'a, P, S, K, G, O>, Error>
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
    ) -> Result<Slices<'a, P, S, K, G, O>, Error>
    where
        P: Parameters,
        S: State,
        K: Kernel,
    {
        let (classes, slots) = (learner.network.classes(), learner.network.label_slots());
        let (plan, keys) = learner.erased(|parts, floats, rng| {
            let plan = self.plan((classes, slots), &parts, batch, None)?;
            Scratch::carve(floats, self, parts.weights.layers, &plan, batch.len(), false)?;
            Ok((plan, Keys::draw(rng)))
        })?;
        Ok(Slices { settings: self, keys, paused: Paused::new(learner, batch, plan) })
    }
}

impl<P: Parameters, S: State, K: Kernel, G: Objective, O: Optimiser> Slices<'_, P, S, K, G, O> {
    /// Goes on with the step, for at most `budget` multiply-adds or
    /// [`Classic::largest_piece`], whichever is more.
    ///
    /// The bound depends on shapes and settings, never on data, which can only make it faster. It
    /// counts the multiply-adds of matrices, and values that are only visited as a few each.
    /// `Ready` means that the step has ended, with its report; polling it again gives the same.
    ///
    /// # Errors
    /// [`Error::Diverged`]: see there. The step has then ended.
    pub fn poll(&mut self, budget: usize) -> Poll<Result<Report, Error>> {
        let Self { settings, keys, paused } = self;
        let (settings, keys) = (*settings, *keys);
        paused.go_on(budget, |parts, floats, plan, batch, progress| {
            let scratch = Scratch::carve(floats, settings, parts.weights.layers, &plan, batch.len(), false);
            let mut step = Step { settings, parts, plan, keys, batch, negatives: None };
            step.proceed(scratch.map_err(Stop::Failed)?, progress)
        })
    }
}
