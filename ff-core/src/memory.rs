//! Who owns everything that learning takes: network, optimiser state, running means, generator, scratch.
//!
//! A [`Memory`] is one constant of zeros, so a static of it lands in `.bss`. How many floats of scratch it
//! needs is asked of the rule, for what the program does:
//!
//! | the program | `FLOATS` |
//! |---|---|
//! | learns from batches of up to `b` samples, and classifies | `RULE.floats::<Net>(b)` |
//! | the same, and explains | `RULE.floats_with_maps::<Net>(b)` |
//! | classifies alone | `RULE.floats_to_score::<Net>()` |
//!
//! The third parameter is the optimiser's state: [`Stateless`] for [`Sgd`](crate::optimiser::Sgd), a second
//! network for [`Momentum`](crate::optimiser::Momentum), [`Moments`](crate::optimiser::Moments) for [`Adam`](crate::optimiser::Adam).
//! The fourth is the number of units, `{ Net::UNITS }`, where peer normalisation keeps a mean of each.
//!
//! A memory of megabytes goes onto a heap by `Memory::boxed()` (feature `alloc`), since `Box::new(Memory::ZEROED)`
//! makes it on the stack first and overflows it.
//!
//! ```
//! use ff_core::prelude::*;
//!
//! type Net = Network<Dense2<74, 32, 32>, 10, Readout<64, 10>>;
//! const RULE: Classic<Logistic, Momentum> = Classic::PUBLISHED;
//! type Mem = Memory<Net, { RULE.floats::<Net>(4) }, Net, { Net::UNITS }>;
//! static MEMORY: std::sync::Mutex<Mem> = std::sync::Mutex::new(Mem::ZEROED);
//!
//! let mut memory = MEMORY.lock().unwrap();
//! let mut trainer = Trainer::new(RULE, &mut *memory, 1);
//! trainer.step(&[0.5; 4 * 64], &[0, 1, 2, 3])?;
//! # Ok::<(), Error>(())
//! ```

use crate::checksum::Crc32;
use crate::layer::LayerMut;
use crate::learner::Learner;
pub use crate::network::Zeroed;
use crate::network::{Parameters, Shaped};
use crate::optimiser::{State, Stateless};
use crate::random::Rng;
use crate::saliency::ExpectedDelta;
use crate::snapshot::{Block, BlockMut, Meta, Saved, count_blocks, floats_shape, network_blocks};

/// All memory of a network in training, of a size that is known when the program is built.
///
/// `FLOATS` of scratch, the optimiser's state `S`, and `UNITS` running means where peer normalisation is
/// on: see the [module](self).
pub type Memory<N, const FLOATS: usize, S = Stateless, const UNITS: usize = 0> =
    Owner<N, S, [f32; FLOATS], [f32; UNITS]>;

/// All memory of a network in training, whatever holds the floats: arrays in a [`Memory`], vectors on a
/// host that learns sizes when it runs.
///
/// [`Trainer`](crate::trainer::Trainer) works on it; everything is public for a program that does more.
#[derive(Debug)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
pub struct Owner<N, S, F, M> {
    /// What learns.
    pub network: N,
    /// What the optimiser remembers.
    pub state: S,
    /// Peer normalisation's running means, one a unit; empty where it is off.
    pub means: M,
    /// What steps, classifications and maps work in, of any content between them.
    pub scratch: F,
    /// Draws wrong labels and dropout masks.
    pub rng: Rng,
    /// How many samples were learned from.
    pub samples: u64,
    /// How many steps were taken.
    pub steps: u64,
    /// The application's own, which a snapshot keeps: a place in the data, a threshold.
    pub user: [u8; 16],
}

impl<N: Zeroed, S: Zeroed, const FLOATS: usize, const UNITS: usize> Owner<N, S, [f32; FLOATS], [f32; UNITS]> {
    /// Before it learns: all bytes are zero, so a static of it lands in `.bss`.
    pub const ZEROED: Self = Self::new(N::ZEROED, S::ZEROED, [0.0; FLOATS], [0.0; UNITS]);

    /// How much memory it takes, in bytes.
    pub const RAM_BYTES: usize = size_of::<Self>();
}

#[cfg(feature = "alloc")]
impl<N, S, F, M> Owner<N, S, F, M>
where
    Self: bytemuck::Zeroable,
{
    /// The same on the heap, which it reaches without passing the stack; none where there is no room left.
    ///
    /// `Box::new(Memory::ZEROED)` makes it on the stack first, which a few megabytes overflow.
    ///
    /// ```
    /// use ff_core::prelude::*;
    ///
    /// type Net = Network<Dense3<794, 2000, 2000, 2000>, 10>; // 38 MB
    /// const RULE: Classic = Classic::SMALL;
    /// let mut memory = Memory::<Net, { RULE.floats::<Net>(1) }>::boxed().expect("38 MB of heap");
    /// let trainer = Trainer::resume(RULE, &mut *memory);
    /// ```
    #[must_use]
    pub fn boxed() -> Option<alloc::boxed::Box<Self>> {
        bytemuck::try_zeroed_box().ok()
    }
}

impl<N, S, F, M> Owner<N, S, F, M> {
    /// These parts, with nothing drawn and nothing counted.
    #[must_use]
    pub const fn new(network: N, state: S, scratch: F, means: M) -> Self {
        Self { network, state, means, scratch, rng: Rng::ZEROED, samples: 0, steps: 0, user: [0; 16] }
    }

    /// Goes on from where a snapshot stood, whose states have been loaded.
    pub const fn resume(&mut self, meta: Meta) {
        self.rng = Rng::from_state(meta.rng);
        (self.samples, self.steps, self.user) = (meta.samples, meta.steps, meta.user);
    }

    /// Where learning stands: what a snapshot holds besides the states.
    #[must_use]
    pub const fn meta(&self) -> Meta {
        Meta { samples: self.samples, steps: self.steps, rng: self.rng.state(), user: self.user }
    }

    /// Counts one step more, on so many samples: for a program that calls a rule's own `step`.
    #[inline]
    pub const fn count(&mut self, samples: usize) {
        self.samples = self.samples.wrapping_add(samples as u64);
        self.steps = self.steps.wrapping_add(1);
    }
}

impl<N, S, F: AsMut<[f32]>, M: AsMut<[f32]>> Owner<N, S, F, M> {
    /// All of it as the level below takes it, to learn with this kernel.
    #[inline]
    pub fn learner<'a, K>(&'a mut self, kernel: &'a mut K) -> Learner<'a, N, S, K> {
        let Self { network, state, means, scratch, rng, .. } = self;
        Learner { network, state, means: means.as_mut(), scratch: scratch.as_mut(), rng, kernel }
    }
}

impl<N, S: State, F, M: AsMut<[f32]>> Owner<N, S, F, M> {
    /// Forgets all but the network: as before the first step.
    pub(crate) fn restart(&mut self, seed: u64) {
        self.rng = Rng::new(seed);
        (self.samples, self.steps) = (0, 0);
        self.means.as_mut().fill(0.0);
        for (mut layers, readout) in self.state.moments().into_iter().flatten() {
            for LayerMut { weights, biases, .. } in layers.as_mut() {
                weights.fill(0.0);
                biases.fill(0.0);
            }
            readout.fill(0.0);
        }
    }
}

/// Network, optimiser state and running means, which together are the snapshot of a run; with plain descent
/// the same as the network's alone. [`Owner::meta`] goes with it.
impl<N, S, F, M> Saved for Owner<N, S, F, M>
where
    N: Parameters,
    S: Saved,
    F: Send + Sync,
    M: AsRef<[f32]> + AsMut<[f32]> + Send + Sync,
{
    fn shape(&self, hash: &mut Crc32) {
        self.network.shape(hash);
        self.state.shape(hash);
        if !self.means.as_ref().is_empty() {
            floats_shape(self.means.as_ref(), hash);
        }
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        let network = network_blocks(&self.network);
        if index < network {
            return self.network.block(index);
        }
        let (above, means) = (index - network, self.means.as_ref());
        let is_means = !means.is_empty() && above == count_blocks(&self.state);
        self.state.block(above).or_else(|| is_means.then_some(Block::Floats(means)))
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        let network = network_blocks(&self.network);
        if index < network {
            return self.network.block_mut(index);
        }
        let above = index - network;
        if !self.means.as_ref().is_empty() && above == count_blocks(&self.state) {
            return Some(BlockMut::Floats(self.means.as_mut()));
        }
        self.state.block_mut(above)
    }
}

/// The larger of two numbers of floats.
pub(crate) const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// Floats of scratch for a map of one label at a time, its baseline included.
pub(crate) const fn floats_to_explain<N: Shaped>() -> usize {
    N::FEATURES + ExpectedDelta.floats(N::SHAPES, N::CLASSES, 1)
}
