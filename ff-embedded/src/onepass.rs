//! The digits, learned by a one-pass rule: the image goes up once, and every layer scores all ten
//! labels.
//!
//! [`App`] is generic over what a program chooses, a [`Net`]: the head, the shape, the rates, and
//! whether digits are jittered. The network sees pixels alone; label rows lie in the place of a
//! readout. Plain descent, one digit a step, learning rate falling linearly, as [`crate::app`] does for
//! the classic rule.

use ff_core::checksum;
use ff_core::classify::{self, ScoredLayers};
use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::layer::Shape;
use ff_core::learner::{Learner, Report};
use ff_core::network::Parameters;
use ff_core::onepass::{self, Head, OnePass};
use ff_core::optimiser::{Sgd, Stateless, StepSize};
use ff_core::random::Rng;
use ff_core::sample::Batch;
use ff_core::stream::jitter::Jitter;

use crate::digits::{self, CLASSES, Digit, PIXELS};
use crate::learns::Learns;

/// What a program chooses.
pub trait Net: 'static {
    /// How a layer scores labels.
    type Head: Head;
    /// What is learned: a network of pixels alone.
    type Network: Parameters;
    /// Its working memory: an array of [`scratch_floats`] floats.
    type Scratch: AsMut<[f32]>;
    /// All of it, zero.
    const MEMORY: Memory<Self>;
    /// How it learns.
    const SETTINGS: OnePass<Self::Head>;
    /// How digits are moved before they are learned.
    const JITTER: Jitter = Jitter::NONE;
    /// How often it sees every digit.
    const PASSES: usize;
}

/// All memory that learning takes.
pub struct Memory<N: Net + ?Sized> {
    /// What is learned.
    pub network: N::Network,
    /// What a step and a classification work in.
    pub scratch: N::Scratch,
    /// The digit at hand, as features: here and not on the stack, which then needs no more than 1 KB.
    pub image: [f32; PIXELS],
}

impl<N: Net> Memory<N> {
    /// Bytes of the network.
    pub const NETWORK_BYTES: usize = size_of::<N::Network>();

    /// Bytes of the working memory.
    pub const SCRATCH_BYTES: usize = size_of::<N::Scratch>();
}

/// Plain descent with one rate for layers and label rows.
pub const fn settings<H>(head: H, learning_rate: f32) -> OnePass<H> {
    OnePass::new(head, Sgd, StepSize { learning_rate, weight_decay: 0.0 })
}

/// Floats of working memory, for a step and for a classification.
pub const fn scratch_floats<H: Head>(settings: &OnePass<H>, shapes: &[Shape]) -> usize {
    let step = settings.scratch_floats(shapes, CLASSES, 1);
    let scores = onepass::score_floats(shapes, CLASSES, 1);
    if step > scores { step } else { scores }
}

/// A network in training.
pub struct App<'a, N: Net, K> {
    memory: &'a mut Memory<N>,
    rng: Rng,
    kernel: K,
}

impl<'a, N: Net, K: Kernel> App<'a, N, K> {
    /// Begins with random weights, whatever the memory held.
    pub fn start(memory: &'a mut Memory<N>, seed: u64, kernel: K) -> Self {
        let mut rng = Rng::new(seed);
        N::SETTINGS.randomise(&mut memory.network, &mut rng);
        Self { memory, rng, kernel }
    }

    /// Goes on with the network that the memory holds.
    pub fn resume(memory: &'a mut Memory<N>, seed: u64, kernel: K) -> Self {
        Self { memory, rng: Rng::new(seed), kernel }
    }

    /// Begins with random weights and learns, all passes.
    ///
    /// # Errors
    /// [`Error::Diverged`].
    pub fn learned(memory: &'a mut Memory<N>, seed: u64, kernel: K) -> Result<Self, Error> {
        let mut app = Self::start(memory, seed, kernel);
        (0..N::PASSES).try_for_each(|pass| app.pass(pass))?;
        Ok(app)
    }

    /// Learns one image of stored pixels, jittered.
    ///
    /// # Errors
    /// As [`App::learn`].
    pub fn learn_pixels(&mut self, pixels: &[u8; PIXELS], label: u8, lr_scale: f32) -> Result<Report, Error> {
        digits::features(pixels, N::JITTER.draw(&mut self.rng), &mut self.memory.image)?;
        self.learn_image(label, lr_scale)
    }

    /// Learns one image, whoever made it.
    ///
    /// # Errors
    /// [`Error::Label`], [`Error::NotFinite`] and [`Error::Setting`]: nothing has changed.
    /// [`Error::Diverged`].
    pub fn learn(&mut self, image: &[f32; PIXELS], label: u8, lr_scale: f32) -> Result<Report, Error> {
        self.memory.image = *image;
        self.learn_image(label, lr_scale)
    }

    /// Learns the image at hand.
    fn learn_image(&mut self, label: u8, lr_scale: f32) -> Result<Report, Error> {
        let Memory { network, scratch, image } = &mut *self.memory;
        let mut learner = Learner {
            network,
            state: &mut Stateless,
            means: &mut [],
            scratch: scratch.as_mut(),
            rng: &mut self.rng,
            kernel: &mut self.kernel,
        };
        OnePass { lr_scale, ..N::SETTINGS }.step(&mut learner, Batch { samples: image, labels: &[label] })
    }

    /// Every label's score, summed over the layers.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn scores(&mut self, image: &[f32; PIXELS]) -> Result<[f32; CLASSES], Error> {
        self.memory.image = *image;
        self.scores_of_image()
    }

    /// Every label's score for the image at hand.
    fn scores_of_image(&mut self) -> Result<[f32; CLASSES], Error> {
        let mut scores = [0.0; CLASSES];
        let Memory { network, scratch, image } = &mut *self.memory;
        let (head, scratch) = (&N::SETTINGS.head, scratch.as_mut());
        onepass::scores(head, network, image, ScoredLayers::ALL, scratch, &mut self.kernel, &mut scores)?;
        Ok(scores)
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
        self.learn_pixels(digit.pixels(), digit.label(), lr_scale)
    }

    /// By all layers' scores.
    fn classify(&mut self, digit: Digit) -> Result<u8, Error> {
        digits::features(digit.pixels(), (0, 0), &mut self.memory.image)?;
        Ok(classify::best(&self.scores_of_image()?))
    }
}
