//! What `ff simulate` promises for 16 KB, on the device: one layer of 46 units by local
//! cross-entropy, digits jittered by a pixel, five seeds one after the other in the same memory.
//!
//! `ff simulate --dataset digits8x8 --layers 46 --rate 0.02 --passes 60 --jitter 0.2` learns the
//! same weights, bit for bit. Width, rate, passes and jitter were chosen there on every fourth
//! training digit.

use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::layer::Layer;
use ff_core::network::{FeaturesOnly, Network, Readout};
use ff_core::onepass::{LocalCrossEntropy, OnePass};
use ff_core::stream::jitter::Jitter;

use crate::digits::{CLASSES, PIXELS};
use crate::learns::Learns;
use crate::onepass::{self, App, Memory, Net};

/// Bytes of RAM that everything together may take: network, working memory, image and stack.
pub const RAM: usize = 16 * 1024;

/// The seeds of weights, order and jitter.
pub const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// Of all held-out digits, those that must be recognised in the mean of all seeds: 97 %.
pub const ENOUGH: Share = Share { right: 97, of: 100 };

const UNITS: usize = 46;

type Shape = Network<(Layer<PIXELS, UNITS>,), CLASSES, Readout<UNITS, CLASSES>, FeaturesOnly>;

/// The widest layer that 16 KB have room for.
pub enum Widest {}

impl Net for Widest {
    type Head = LocalCrossEntropy;
    type Network = Shape;
    type Scratch = [f32; onepass::scratch_floats(&Self::SETTINGS, Shape::SHAPES)];
    const MEMORY: Memory<Self> = Memory { network: Shape::ZEROED, scratch: [0.0; _] };
    const SETTINGS: OnePass<LocalCrossEntropy> = onepass::settings(LocalCrossEntropy, 0.02);
    const JITTER: Jitter = Jitter { probability: 0.2, pixels: 1 };
    const PASSES: usize = 60;
}

/// How many of how many digits were recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(target_os = "none", derive(defmt::Format))]
pub struct Share {
    /// Recognised.
    pub right: usize,
    /// Shown.
    pub of: usize,
}

impl Share {
    /// Hundredths of a per cent, rounded down.
    pub const fn hundredths(self) -> usize {
        10_000 * self.right / self.of
    }

    /// Whether it is at least as large as another.
    pub const fn reaches(self, other: Self) -> bool {
        self.right * other.of >= other.right * self.of
    }
}

/// Learns from random weights, all passes: what learned is there to be asked.
///
/// # Errors
/// [`Error::Diverged`].
pub fn learn<N: Net, K: Kernel>(memory: &mut Memory<N>, seed: u64, kernel: K) -> Result<App<'_, N, K>, Error> {
    let mut app = App::start(memory, seed, kernel);
    (0..N::PASSES).try_for_each(|pass| app.pass(pass))?;
    Ok(app)
}
