//! What the firmware does: learns the digits from random weights, one at a time.
//!
//! Nothing here knows a board, so a test runs the same code on the host and compares the weights'
//! checksum. Plain descent, one positive and one negative pass a step, learning rate falling linearly.

use ff_core::checksum;
use ff_core::classic::Classic;
use ff_core::classify::{self, ScoredLayers};
use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::learner::{Learner, Report};
use ff_core::network::Network;
use ff_core::optimiser::{Stateless, StepSize};
use ff_core::random::Rng;
use ff_core::saliency::{Explained, GoodnessDelta, Question, Saliency, Score, Target, usual_baseline};
use ff_core::sample::{self, Batch};

use crate::digits::{CLASSES, Digit, PIXELS, SCALE};
use crate::learns::Learns;
use crate::nets::{Memory, Net};

/// How the network learns.
///
/// On a fifth of the training digits, kept for that, rates from 0.005 to 0.015 do equally well;
/// 0.003 is slower, and at 0.03 the network collapses.
pub const SETTINGS: Classic = Classic { layers: StepSize { learning_rate: 0.01, weight_decay: 0.0 }, ..Classic::SMALL };

/// The seed of weights, order and wrong labels.
pub const SEED: u64 = 1;

/// A network in training.
pub struct App<'a, N: Net, K> {
    pub(crate) memory: &'a mut Memory<N>,
    pub(crate) rng: Rng,
    state: Stateless,
    kernel: K,
}

/// What a step works on, and the image that it learns.
type Ready<'a, N, K> = (Learner<'a, Network<<N as Net>::Layers, CLASSES>, Stateless, K>, &'a [f32; PIXELS]);

impl<'a, N: Net, K: Kernel> App<'a, N, K> {
    /// Begins with random weights.
    pub fn start(memory: &'a mut Memory<N>, kernel: K) -> Self {
        let mut rng = Rng::new(SEED);
        memory.network.randomise(&mut rng);
        Self { memory, rng, state: Stateless, kernel }
    }

    /// The goodness of every label, given the digit.
    ///
    /// # Errors
    /// None for these data.
    pub fn scores(&mut self, digit: Digit) -> Result<[f32; CLASSES], Error> {
        let mut scores = [0.0; CLASSES];
        let Memory { network, scratch, image } = &mut *self.memory;
        sample::from_bytes(digit.pixels(), SCALE, image)?;
        classify::by_goodness(network, image, ScoredLayers::ALL, scratch.as_mut(), &mut self.kernel, &mut scores)?;
        Ok(scores)
    }

    /// Which pixels spoke for a label, and which against it: goodness-delta, from the image at its
    /// faintest. The scratch holds `GoodnessDelta::floats` floats, for one row or more, and an image.
    ///
    /// # Errors
    /// [`Error::Length`] for too little scratch, [`Error::NotFinite`] for a map that overflowed.
    pub fn explain(
        &mut self,
        digit: Digit,
        target: Target,
        scratch: &mut [f32],
        map: &mut [f32; PIXELS],
    ) -> Result<Explained, Error> {
        let Memory { network, image, .. } = &mut *self.memory;
        sample::from_bytes(digit.pixels(), SCALE, image)?;
        let score = Score::Goodness(ScoredLayers::ALL);
        let (room, scratch) = scratch.split_at_mut_checked(PIXELS).unwrap_or_default();
        let baseline = usual_baseline(network, image, room)?;
        let question = Question { network, sample: image, baseline, score, target };
        GoodnessDelta.map(&question, scratch, &mut self.kernel, map)
    }

    /// Makes the digit the image at hand, and everything ready for a step on it.
    pub(crate) fn ready(&mut self, digit: Digit) -> Result<Ready<'_, N, K>, Error> {
        let Memory { network, scratch, image } = &mut *self.memory;
        sample::from_bytes(digit.pixels(), SCALE, image)?;
        let (state, scratch) = (&mut self.state, scratch.as_mut());
        let learner = Learner { network, state, means: &mut [], scratch, rng: &mut self.rng, kernel: &mut self.kernel };
        Ok((learner, image))
    }

    /// A checksum of everything that is learned.
    pub fn checksum(&self) -> u32 {
        checksum::parameters(&self.memory.network)
    }
}

impl<N: Net, K: Kernel> Learns for App<'_, N, K> {
    const PASSES: usize = N::PASSES;

    fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    fn step(&mut self, digit: Digit, lr_scale: f32) -> Result<Report, Error> {
        let (mut learner, image) = self.ready(digit)?;
        let settings = Classic { lr_scale, ..SETTINGS };
        settings.step(&mut learner, Batch { samples: image, labels: &[digit.label()] })
    }

    /// By goodness.
    fn classify(&mut self, digit: Digit) -> Result<u8, Error> {
        Ok(classify::best(&self.scores(digit)?))
    }
}
