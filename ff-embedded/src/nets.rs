//! The networks, by the RAM of the boards that they are for, and the memory that each needs.

use ff_core::classify;
use ff_core::network::{Dense2, Layers, Network};

use crate::app::SETTINGS;
use crate::digits::{CLASSES, PIXELS};

/// What a network's memory is made of, as types and constants.
pub trait Net: 'static {
    /// Its layers, from the label slots and pixels up.
    type Layers: Layers;
    /// Its working memory: an array of `scratch_floats` floats.
    type Scratch: AsMut<[f32]>;
    /// All of it, zero.
    const MEMORY: Memory<Self>;
    /// How often a board that has this network sees every digit.
    const PASSES: usize;
}

/// All memory that learning takes.
pub struct Memory<N: Net + ?Sized> {
    /// What is learned.
    pub network: Network<N::Layers, CLASSES>,
    /// What a step and a classification work in.
    pub scratch: N::Scratch,
    /// The digit at hand, as features: here and not on the stack, which then needs no more than 1 KB.
    pub image: [f32; PIXELS],
}

impl<N: Net> Memory<N> {
    /// Bytes of the network.
    pub const NETWORK_BYTES: usize = size_of::<Network<N::Layers, CLASSES>>();

    /// Bytes of the working memory.
    pub const SCRATCH_BYTES: usize = size_of::<N::Scratch>();
}

/// Two hidden layers of 32 units behind 10 label slots and 64 pixels: 14 KB.
pub enum Usual {}

impl Net for Usual {
    type Layers = Dense2<{ CLASSES + PIXELS }, 32, 32>;
    type Scratch = [f32; scratch_floats(Self::Layers::SHAPES)];
    const MEMORY: Memory<Self> = Memory { network: Network::ZEROED, scratch: [0.0; _], image: [0.0; _] };
    const PASSES: usize = 20;
}

/// Hidden layers of 24 and 16 units: 9 KB. A processor without an FPU, which takes twenty times
/// as long, sees the digits fewer times.
pub enum Small {}

impl Net for Small {
    type Layers = Dense2<{ CLASSES + PIXELS }, 24, 16>;
    type Scratch = [f32; scratch_floats(Self::Layers::SHAPES)];
    const MEMORY: Memory<Self> = Memory { network: Network::ZEROED, scratch: [0.0; _], image: [0.0; _] };
    const PASSES: usize = 4;
}

/// Labels that are scored side by side.
const LABELS: usize = 2;

/// Floats of working memory, for a step and for a classification.
const fn scratch_floats(shapes: &[ff_core::layer::Shape]) -> usize {
    let step = SETTINGS.scratch_floats(shapes, CLASSES, 1);
    let classify = classify::goodness_floats(shapes, CLASSES, LABELS);
    if step > classify { step } else { classify }
}
