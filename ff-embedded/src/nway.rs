//! The digits again, learned by the N-way rule: one pass of the image, all wrong labels at once.
//!
//! The network sees pixels alone; every layer has label rows, in the place of a readout. Plain
//! descent, one digit a step, gain falling linearly, as [`crate::app`] does for the classic
//! rule.

use ff_core::checksum;
use ff_core::classify::{self, ScoredLayers};
use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::learner::{Frozen, Learner, Report};
use ff_core::network::{Dense2, FeaturesOnly, Network, Readout};
use ff_core::onepass::{self, NWay, OnePass, SETTLED};
use ff_core::optimiser::{Pace, Sgd, Stateless};
use ff_core::random::Rng;
use ff_core::sample::{self, Batch};

use crate::app::{SCALE, SEED};
use crate::digits::{CLASSES, Digit, PIXELS};
use crate::learns::Learns;

/// Two hidden layers of 32 units, and label rows for both.
pub type Net = Network<Dense2<PIXELS, 32, 32>, CLASSES, Readout<64, CLASSES>, FeaturesOnly>;

/// How the network learns.
pub const SETTINGS: OnePass = OnePass {
    head: NWay::STANDARD,
    optimiser: Sgd,
    gain: 1.0,
    layers: Pace { rate: RATE, decay: 0.0 },
    labels: Pace { rate: RATE, decay: 0.0 },
    dropout: 0.0,
    frozen: Frozen::NONE,
    settled: 0.01,
};

const RATE: f32 = 0.01;

const SCRATCH: usize = {
    let step = SETTINGS.scratch_floats(Net::SHAPES, CLASSES, 1);
    let scores = onepass::score_floats(Net::SHAPES, CLASSES, 1);
    if step > scores { step } else { scores }
};

/// All memory that learning takes.
pub struct Memory {
    /// What is learned.
    pub network: Net,
    /// What a step and a classification work in.
    pub scratch: [f32; SCRATCH],
}

impl Memory {
    /// All zero.
    pub const ZEROED: Self = Self { network: Net::ZEROED, scratch: [0.0; _] };
}

/// A network in training.
pub struct App<'a, K> {
    memory: &'a mut Memory,
    rng: Rng,
    kernel: K,
}

impl<'a, K: Kernel> App<'a, K> {
    /// Begins with random weights.
    pub fn start(memory: &'a mut Memory, kernel: K) -> Self {
        let mut rng = Rng::new(SEED);
        SETTINGS.randomise(&mut memory.network, &mut rng);
        Self { memory, rng, kernel }
    }

    /// A checksum of everything that is learned.
    pub fn checksum(&self) -> u32 {
        checksum::parameters(&self.memory.network)
    }
}

impl<K: Kernel> Learns for App<'_, K> {
    const PASSES: usize = 20;

    fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    fn step(&mut self, digit: Digit, gain: f32) -> Result<Report, Error> {
        let mut image = [0.0; PIXELS];
        sample::from_bytes(digit.pixels(), SCALE, &mut image)?;
        let mut learner = Learner {
            network: &mut self.memory.network,
            state: &mut Stateless,
            means: &mut [],
            scratch: &mut self.memory.scratch,
            rng: &mut self.rng,
            kernel: &mut self.kernel,
        };
        let settings = OnePass { gain, ..SETTINGS };
        settings.step(&mut learner, Batch { images: &image, labels: &[digit.label()] })
    }

    /// By all layers' scores.
    fn classify(&mut self, digit: Digit) -> Result<u8, Error> {
        let mut image = [0.0; PIXELS];
        sample::from_bytes(digit.pixels(), SCALE, &mut image)?;
        let mut scores = [0.0; CLASSES];
        let Memory { network, scratch } = &mut *self.memory;
        let head = &SETTINGS.head;
        onepass::scores(head, network, &image, ScoredLayers::ALL, scratch, &mut self.kernel, &mut scores)?;
        Ok(classify::best(&scores))
    }
}
