//! The front door: a rule and the memory of its network, which learn, classify, explain, save and load.

use crate::classic::Unsupervised;
use crate::classify::{self, ScoredLayers};
use crate::error::Error;
use crate::goodness::Objective;
use crate::kernel::{Kernel, Portable};
use crate::learner::Report;
use crate::memory::Owner;
use crate::network::Parameters;
use crate::optimiser::{Optimiser, State};
use crate::pieces;
use crate::rule::{Rule, Supervised};
use crate::saliency::{Explained, Question, Saliency, Target, beside_usual};
use crate::sample::Batch;
use crate::snapshot::{self, Export, Saved};
use crate::store::{self, Storage, Store};

/// A rule, the memory of its network, and the kernel that multiplies.
///
/// The rule is settings alone and may change from one step to the next: a schedule is
/// `trainer.rule.lr_scale = ..`. What was learned is in the memory. Nothing is allocated, and nothing but
/// references is moved.
///
/// ```
/// use ff_core::prelude::*;
///
/// type Net = Network<Dense2<2, 16, 8>, 2, Readout<24, 2>, FeaturesOnly>;
/// const RULE: OnePass = OnePass::online(NWay::STANDARD);
/// type Mem = Memory<Net, { RULE.floats::<Net>(1) }>;
/// static MEMORY: std::sync::Mutex<Mem> = std::sync::Mutex::new(Mem::ZEROED);
///
/// let mut memory = MEMORY.lock().unwrap();
/// let mut trainer = Trainer::new(RULE, &mut *memory, 7);
/// for step in 0..500 {
///     trainer.rule.lr_scale = 1.0 - step as f32 / 500.0; // falls in a straight line
///     trainer.step(&[0.2, 0.9], &[0])?;
///     trainer.step(&[0.8, 0.1], &[1])?;
/// }
/// assert_eq!(trainer.classify(&[0.9, 0.3])?, 1);
/// assert_eq!(trainer.memory.steps, 1000);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Trainer<'m, R, M, K = Portable> {
    /// How it learns.
    pub rule: R,
    /// What it has learned, and what it works in.
    pub memory: &'m mut M,
    /// What multiplies.
    pub kernel: K,
    /// The layers that count when it classifies and explains: all, unless set otherwise.
    pub scored: ScoredLayers,
}

impl<'m, R, M> Trainer<'m, R, M> {
    /// Goes on with what the memory holds: of a trainer before, or of a snapshot that is
    /// [loaded](Trainer::load) next.
    #[inline]
    pub const fn resume(rule: R, memory: &'m mut M) -> Self {
        Self::resume_with(rule, memory, Portable)
    }
}

impl<'m, R, M, K> Trainer<'m, R, M, K> {
    /// The same with another kernel.
    #[inline]
    pub const fn resume_with(rule: R, memory: &'m mut M, kernel: K) -> Self {
        Self { rule, memory, kernel, scored: ScoredLayers::ALL }
    }
}

impl<'m, R, N, S, F, M> Trainer<'m, R, Owner<N, S, F, M>>
where
    R: Rule,
    N: Parameters,
    S: State,
    M: AsMut<[f32]>,
{
    /// Begins anew: weights drawn from the seed, whatever the memory held.
    #[inline]
    pub fn new(rule: R, memory: &'m mut Owner<N, S, F, M>, seed: u64) -> Self {
        Self::with_kernel(rule, memory, seed, Portable)
    }
}

impl<'m, R, N, S, F, M, K> Trainer<'m, R, Owner<N, S, F, M>, K>
where
    R: Rule,
    N: Parameters,
    S: State,
    M: AsMut<[f32]>,
{
    /// The same with another kernel.
    #[inline]
    pub fn with_kernel(rule: R, memory: &'m mut Owner<N, S, F, M>, seed: u64, kernel: K) -> Self {
        memory.restart(seed);
        rule.randomise(&mut memory.network, &mut memory.rng);
        Self::resume_with(rule, memory, kernel)
    }
}

impl<R, N, S, F, M, K> Trainer<'_, R, Owner<N, S, F, M>, K>
where
    R: Supervised,
    N: Parameters,
    S: State,
    F: AsMut<[f32]>,
    M: AsMut<[f32]>,
    K: Kernel,
{
    /// Learns from some samples, one after the other in `samples`, with a label each.
    ///
    /// # Errors
    /// A bad batch, a setting out of range, or too little scratch: nothing has changed.
    /// [`Error::Diverged`]: see there.
    #[inline]
    pub fn step(&mut self, samples: &[f32], labels: &[u8]) -> Result<Report, Error> {
        self.rule.set_steps(self.memory.steps);
        let result = self.rule.step(&mut self.memory.learner(&mut self.kernel), Batch { samples, labels });
        // Not by `?`: the report is then made where it is returned, and not twice on the stack.
        if result.is_ok() {
            self.memory.count(labels.len());
        }
        result
    }

    /// Begins the same step, to be done in slices by `poll`, for a processor that has other things to do.
    ///
    /// It counts as taken from here on; dropped halfway it leaves valid weights.
    ///
    /// ```
    /// # use ff_core::prelude::*;
    /// # type Net = Network<Dense2<4, 16, 8>, 2>;
    /// # let mut memory = Memory::<Net, 200>::ZEROED;
    /// # let mut trainer = Trainer::new(Classic::SMALL, &mut memory, 1);
    /// # fn feed_the_watchdog() {}
    /// let mut step = trainer.begin(&[0.0, 1.0], &[1])?;
    /// while step.poll(100)?.is_pending() {
    ///     feed_the_watchdog();
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Trainer::step`], but for [`Error::Diverged`].
    #[inline]
    pub fn begin<'a>(&'a mut self, samples: &'a [f32], labels: &'a [u8]) -> Result<R::Slices<'a, N, S, K>, Error> {
        let Self { rule, memory, kernel, .. } = self;
        rule.set_steps(memory.steps);
        memory.count(labels.len());
        rule.begin(memory.learner(kernel), Batch { samples, labels })
    }
}

impl<G, O, N, S, F, M, K> Trainer<'_, Unsupervised<G, O>, Owner<N, S, F, M>, K>
where
    G: Objective,
    O: Optimiser,
    N: Parameters,
    S: State,
    F: AsMut<[f32]>,
    M: AsMut<[f32]>,
    K: Kernel,
{
    /// Learns from some samples and as many negative ones: see [`Unsupervised`]. The labels are the readout's.
    ///
    /// # Errors
    /// As [`Trainer::step`].
    #[inline]
    pub fn step_unsupervised(&mut self, samples: &[f32], labels: &[u8], negatives: &[f32]) -> Result<Report, Error> {
        self.rule.set_steps(self.memory.steps);
        let learner = &mut self.memory.learner(&mut self.kernel);
        let result = self.rule.0.step_unsupervised(learner, Batch { samples, labels }, negatives);
        if result.is_ok() {
            self.memory.count(labels.len());
        }
        result
    }
}

impl<R, N, S, F, M, K> Trainer<'_, R, Owner<N, S, F, M>, K>
where
    R: Rule,
    N: Parameters,
    F: AsMut<[f32]>,
    K: Kernel,
{
    /// The label that the network sees in a sample.
    ///
    /// # Errors
    /// As [`Trainer::scores`].
    #[inline]
    pub fn classify(&mut self, sample: &[f32]) -> Result<u8, Error> {
        self.scores(sample).map(classify::best)
    }

    /// Every label's score for a sample, the higher the likelier; what it is, the [rule](crate::rule) says.
    ///
    /// # Errors
    /// A sample of another length, features that are NaN, infinite or too large to be squared, too little
    /// scratch.
    #[inline]
    pub fn scores(&mut self, sample: &[f32]) -> Result<&[f32], Error> {
        let Self { rule, memory, kernel, scored } = self;
        score(rule, memory, kernel, *scored, sample)
    }

    /// The readout's probability of every label for a sample: one pass, several times cheaper than the
    /// scores of a rule whose network takes the label. For networks with a [`Readout`](crate::network::Readout)
    /// that learned with a readout's learning rate above 0.
    ///
    /// # Errors
    /// As [`Trainer::scores`], and [`Error::Shape`] without a readout.
    #[inline]
    pub fn probabilities(&mut self, sample: &[f32]) -> Result<&[f32], Error> {
        let Owner { network, scratch, .. } = &mut *self.memory;
        let (probabilities, scratch) = pieces::split_mut(scratch.as_mut(), network.classes());
        classify::by_readout(network, sample, scratch, &mut self.kernel, probabilities)?;
        Ok(probabilities)
    }

    /// Which features spoke for a label (above 0) and which against it, beside the [usual
    /// baseline](crate::saliency::usual_baseline): `map` takes one value a feature.
    ///
    /// Scratch: `RULE.floats_with_maps`, which is enough for [`ExpectedDelta`](crate::saliency::ExpectedDelta)
    /// and [`GoodnessDelta`](crate::saliency::GoodnessDelta).
    ///
    /// ```
    /// use ff_core::prelude::*;
    ///
    /// type Net = Network<Dense2<5, 16, 8>, 2>;
    /// const RULE: Classic = Classic { lr_scale: 10.0, ..Classic::SMALL };
    ///
    /// let mut memory = Memory::<Net, { RULE.floats_with_maps::<Net>(2) }>::ZEROED;
    /// let mut trainer = Trainer::new(RULE, &mut memory, 1);
    /// for _ in 0..500 {
    ///     trainer.step(&[1.0, 0.0, 0.5, 0.0, 1.0, 0.5], &[0, 1])?; // the first two features tell the classes
    /// }
    /// let mut map = [0.0; 3];
    /// let target = Target { label: 1, against: Against::Label(0) };
    /// trainer.explain(&ExpectedDelta, &[0.0, 1.0, 0.5], target, &mut map)?;
    /// assert!(map[1] > 0.0 && map[1] > map[2].abs());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Saliency::map`].
    #[inline]
    pub fn explain<V: Saliency>(
        &mut self,
        method: &V,
        sample: &[f32],
        target: Target,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        let Owner { network, scratch, .. } = &mut *self.memory;
        let question = Question { network, sample, baseline: &[], score: self.rule.score(self.scored), target };
        let told = beside_usual(method, &question, scratch.as_mut(), &mut self.kernel, map);
        towards::<R>(told, map)
    }

    /// The same beside a baseline of one's own, as long as a sample; black where it is empty.
    ///
    /// # Errors
    /// As [`Saliency::map`].
    #[inline]
    pub fn explain_beside<V: Saliency>(
        &mut self,
        method: &V,
        sample: &[f32],
        baseline: &[f32],
        target: Target,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        let Owner { network, scratch, .. } = &mut *self.memory;
        let question = Question { network, sample, baseline, score: self.rule.score(self.scored), target };
        let told = method.map(&question, scratch.as_mut(), &mut self.kernel, map);
        towards::<R>(told, map)
    }
}

/// Turns a map of goodness into one of what speaks for the label, where those are not the same.
#[inline]
fn towards<R: Rule>(told: Result<Explained, Error>, map: &mut [f32]) -> Result<Explained, Error> {
    if R::SIGN < 0.0 {
        map.iter_mut().for_each(|share| *share = -*share);
        return told.map(Explained::negated);
    }
    told
}

impl<'m, R, N, S, F, M, K> Trainer<'m, R, Owner<N, S, F, M>, K>
where
    R: Rule,
    N: Parameters,
    F: AsMut<[f32]>,
    K: Kernel,
{
    /// [`Trainer::scores`] that outlive the trainer, in its memory.
    ///
    /// # Errors
    /// As [`Trainer::scores`].
    #[inline]
    pub fn into_scores(mut self, sample: &[f32]) -> Result<&'m [f32], Error> {
        score(&self.rule, self.memory, &mut self.kernel, self.scored, sample)
    }
}

/// Every label's score, at the beginning of the scratch.
#[inline]
fn score<'m, R, N, S, F, M, K>(
    rule: &R,
    memory: &'m mut Owner<N, S, F, M>,
    kernel: &mut K,
    scored: ScoredLayers,
    sample: &[f32],
) -> Result<&'m [f32], Error>
where
    R: Rule,
    N: Parameters,
    F: AsMut<[f32]>,
    K: Kernel,
{
    let Owner { network, scratch, .. } = memory;
    let (scores, scratch) = pieces::split_mut(scratch.as_mut(), network.classes());
    rule.scores(network, sample, scored, scratch, kernel, scores)?;
    Ok(scores)
}

impl<R, N, S, F, M, K> Trainer<'_, R, Owner<N, S, F, M>, K>
where
    N: Parameters,
    S: Saved,
    F: Send + Sync,
    M: AsRef<[f32]> + AsMut<[f32]> + Send + Sync,
{
    /// Keeps what was learned, with all that is needed to go on, in flash: see [`Store`].
    ///
    /// # Errors
    /// As [`Store::save`].
    #[inline]
    pub fn save<D: Storage>(&self, store: &mut Store<D>, buffer: &mut [u8]) -> Result<(), store::Error<D::Error>> {
        store.save(self.memory.meta(), &[&*self.memory], buffer)
    }

    /// Goes on from the newest snapshot in flash, as if it had never stopped.
    ///
    /// # Errors
    /// As [`Store::load`]; [`store::Error::Empty`] where nothing was saved yet.
    #[inline]
    pub fn load<D: Storage>(&mut self, store: &mut Store<D>, buffer: &mut [u8]) -> Result<(), store::Error<D::Error>> {
        let meta = store.load(&mut [&mut *self.memory], buffer)?;
        self.memory.resume(meta);
        Ok(())
    }

    /// Writes a snapshot into memory; returns how many bytes it took.
    ///
    /// # Errors
    /// [`snapshot::Error::Buffer`] for too few bytes, and as [`Export::new`].
    pub fn save_bytes(&self, into: &mut [u8]) -> Result<usize, snapshot::Error> {
        let state: [&dyn Saved; 1] = [&*self.memory];
        let mut export = Export::new(self.memory.meta(), &state)?;
        let bytes = export.len();
        let into = into.get_mut(..bytes).ok_or(snapshot::Error::Buffer { expected: bytes })?;
        Ok(export.read(into))
    }

    /// Goes on from a snapshot in memory, as if it had never stopped.
    ///
    /// # Errors
    /// As [`snapshot::import_bytes`].
    pub fn load_bytes(&mut self, bytes: &[u8]) -> Result<(), snapshot::Error> {
        let meta = snapshot::import_bytes(bytes, &mut [&mut *self.memory])?;
        self.memory.resume(meta);
        Ok(())
    }
}
