//! What a program of this crate chooses, a [`Net`], and the memory that it needs; the networks of the
//! classic rule, by the RAM of the boards that they are for.

use ff_core::classic::Classic;
use ff_core::memory::Owner;
use ff_core::network::{Dense2, Network, Shaped};
use ff_core::optimiser::{Stateless, StepSize};
use ff_core::rule::Supervised;
use ff_core::stream::jitter::Jitter;

use crate::digits::{CLASSES, PIXELS};

/// A network and how it learns, as types and constants.
pub trait Net: 'static {
    /// How it learns.
    type Rule: Supervised;
    /// What is learned.
    type Network: Shaped;
    /// What steps, classifications and maps work in: an array.
    type Scratch: AsMut<[f32]> + Send + Sync;
    /// All of it, zero.
    const MEMORY: Memory<Self>;
    /// How digits are moved before they are learned.
    const JITTER: Jitter = Jitter::NONE;
    /// How often it sees every digit.
    const PASSES: usize;

    /// The rule under a schedule's scale.
    fn rule(lr_scale: f32) -> Self::Rule;
}

/// What learning takes, by plain descent.
pub type Learning<N> = Owner<<N as Net>::Network, Stateless, <N as Net>::Scratch, [f32; 0]>;

/// All memory of a program that learns digits.
pub struct Memory<N: Net + ?Sized> {
    /// What learning takes.
    pub learning: Learning<N>,
    /// The digit at hand, as features: here and not on the stack, which then needs no more than 1 KB.
    pub image: [f32; PIXELS],
}

impl<N: Net<Scratch = [f32; FLOATS]>, const FLOATS: usize> Memory<N> {
    /// All zero.
    pub const ZEROED: Self = Self { learning: Owner::ZEROED, image: [0.0; _] };
}

impl<N: Net> Memory<N> {
    /// Bytes of the network.
    pub const NETWORK_BYTES: usize = size_of::<N::Network>();

    /// Bytes of the working memory.
    pub const SCRATCH_BYTES: usize = size_of::<N::Scratch>();
}

/// How the classic rule learns digits.
///
/// On a fifth of the training digits, kept for that, rates from 0.005 to 0.015 do equally well;
/// 0.003 is slower, and at 0.03 the network collapses.
pub const SETTINGS: Classic = Classic { layers: StepSize { learning_rate: 0.01, weight_decay: 0.0 }, ..Classic::SMALL };

/// Two hidden layers of 32 units behind 10 label slots and 64 pixels: 14 KB.
pub enum Usual {}

type UsualNetwork = Network<Dense2<{ CLASSES + PIXELS }, 32, 32>, CLASSES>;

impl Net for Usual {
    type Rule = Classic;
    type Network = UsualNetwork;
    type Scratch = [f32; SETTINGS.floats::<UsualNetwork>(1)];
    const MEMORY: Memory<Self> = Memory::ZEROED;
    const PASSES: usize = 20;

    fn rule(lr_scale: f32) -> Classic {
        Classic { lr_scale, ..SETTINGS }
    }
}

/// The same with room for maps.
pub enum Explaining {}

impl Net for Explaining {
    type Rule = Classic;
    type Network = UsualNetwork;
    type Scratch = [f32; SETTINGS.floats_with_maps::<UsualNetwork>(1)];
    const MEMORY: Memory<Self> = Memory::ZEROED;
    const PASSES: usize = Usual::PASSES;

    fn rule(lr_scale: f32) -> Classic {
        Usual::rule(lr_scale)
    }
}

/// Hidden layers of 24 and 16 units: 9 KB. A processor without an FPU, which takes twenty times
/// as long, sees the digits fewer times.
pub enum Small {}

type SmallNetwork = Network<Dense2<{ CLASSES + PIXELS }, 24, 16>, CLASSES>;

impl Net for Small {
    type Rule = Classic;
    type Network = SmallNetwork;
    type Scratch = [f32; SETTINGS.floats::<SmallNetwork>(1)];
    const MEMORY: Memory<Self> = Memory::ZEROED;
    const PASSES: usize = 4;

    fn rule(lr_scale: f32) -> Classic {
        Classic { lr_scale, ..SETTINGS }
    }
}
