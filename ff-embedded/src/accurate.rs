//! What `ff simulate` promises for 16 KB, on the device: one layer of 46 units by local
//! cross-entropy, digits jittered by a pixel, five seeds one after the other in the same memory.
//!
//! `ff simulate --dataset digits8x8 --layers 46 --learning-rate 0.02 --passes 60 --jitter 0.2` learns the
//! same weights, bit for bit. Width, rate, passes and jitter were chosen there on every fourth
//! training digit.

use ff_core::layer::Layer;
use ff_core::network::{FeaturesOnly, Network, Readout};
use ff_core::onepass::{LocalCrossEntropy, OnePass};
use ff_core::optimiser::{Sgd, StepSize};
use ff_core::stream::jitter::Jitter;

use crate::digits::{CLASSES, PIXELS};
use crate::nets::{Memory, Net};

/// Bytes of RAM that everything together may take: network, working memory, image and stack.
pub const RAM: usize = 16 * 1024;

/// The seeds of weights, order and jitter.
pub const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// The per cent of held-out digits that must be recognised in the mean of all seeds.
pub const ENOUGH: usize = 97;

const UNITS: usize = 46;

type Shape = Network<(Layer<PIXELS, UNITS>,), CLASSES, Readout<UNITS, CLASSES>, FeaturesOnly>;

/// How it learns.
const SETTINGS: OnePass<LocalCrossEntropy> =
    OnePass::new(LocalCrossEntropy, Sgd, StepSize { learning_rate: 0.02, weight_decay: 0.0 });

/// The widest layer that 16 KB have room for.
pub enum Widest {}

impl Net for Widest {
    type Rule = OnePass<LocalCrossEntropy>;
    type Network = Shape;
    type Scratch = [f32; SETTINGS.floats::<Shape>(1)];
    const MEMORY: Memory<Self> = Memory::ZEROED;
    const JITTER: Jitter = Jitter { probability: 0.2, pixels: 1 };
    const PASSES: usize = 60;

    fn rule(lr_scale: f32) -> Self::Rule {
        OnePass { lr_scale, ..SETTINGS }
    }
}
