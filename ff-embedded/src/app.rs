//! What the firmware does: learns the digits, one at a time.
//!
//! Nothing here knows a board, so a test runs the same code on the host and compares the weights'
//! checksum. An [`App`] is the core's trainer and the digit at hand; what it learns by, and how large the
//! network is, a program chooses as a [`Net`]. Plain descent, learning rate falling linearly.

use ff_core::checksum;
use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::learner::Report;
use ff_core::random::Rng;
use ff_core::saliency::{Explained, GoodnessDelta, Target};
use ff_core::sample;
use ff_core::stream::jitter::Jitter;
use ff_core::trainer::Trainer;

use crate::digits::{self, Digit, PIXELS, SCALE};
use crate::learns::Learns;
use crate::nets::{Learning, Memory, Net};

/// The seed of weights, order and wrong labels.
pub const SEED: u64 = 1;

/// A network in training.
pub struct App<'a, N: Net, K> {
    /// What learns.
    pub learning: &'a mut Learning<N>,
    image: &'a mut [f32; PIXELS],
    kernel: K,
}

/// A trainer, and the image that is at hand.
pub type Ready<'a, N, K> = (Trainer<'a, <N as Net>::Rule, Learning<N>, K>, &'a [f32; PIXELS]);

impl<'a, N: Net, K: Kernel + Copy> App<'a, N, K> {
    /// Begins with random weights, whatever the memory held.
    pub fn start(memory: &'a mut Memory<N>, seed: u64, kernel: K) -> Self {
        let Memory { learning, image } = memory;
        Trainer::with_kernel(N::rule(1.0), learning, seed, kernel);
        Self { learning, image, kernel }
    }

    /// Goes on with the network that the memory holds.
    pub fn resume(memory: &'a mut Memory<N>, seed: u64, kernel: K) -> Self {
        let Memory { learning, image } = memory;
        learning.rng = Rng::new(seed);
        Self { learning, image, kernel }
    }

    /// The core's trainer, for the image at hand.
    ///
    /// Made for each call, so that the compiler sees the rule's constants: a stored one took 4 % more text.
    pub fn trainer(&mut self, lr_scale: f32) -> Ready<'_, N, K> {
        (Trainer::resume_with(N::rule(lr_scale), self.learning, self.kernel), self.image)
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
        self.load(pixels)?;
        self.learn_image(label, lr_scale)
    }

    /// Learns one image, whoever made it.
    ///
    /// # Errors
    /// [`Error::Label`], [`Error::NotFinite`] and [`Error::Setting`]: nothing has changed.
    /// [`Error::Diverged`].
    pub fn learn(&mut self, image: &[f32; PIXELS], label: u8, lr_scale: f32) -> Result<Report, Error> {
        *self.image = *image;
        self.learn_image(label, lr_scale)
    }

    /// Learns the image at hand.
    fn learn_image(&mut self, label: u8, lr_scale: f32) -> Result<Report, Error> {
        let (mut trainer, image) = self.trainer(lr_scale);
        trainer.step(image, &[label])
    }

    /// Makes a digit the image at hand, and everything ready for a step on it.
    ///
    /// # Errors
    /// None for these data.
    pub fn ready(&mut self, digit: Digit, lr_scale: f32) -> Result<Ready<'_, N, K>, Error> {
        self.load(digit.pixels())?;
        Ok(self.trainer(lr_scale))
    }

    /// Every label's score for a digit.
    ///
    /// # Errors
    /// None for these data.
    pub fn scores(&mut self, digit: Digit) -> Result<&[f32], Error> {
        sample::from_bytes(digit.pixels(), SCALE, self.image)?;
        self.scores_of_image()
    }

    /// Every label's score for an image, whoever made it.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn scores_of(&mut self, image: &[f32; PIXELS]) -> Result<&[f32], Error> {
        *self.image = *image;
        self.scores_of_image()
    }

    fn scores_of_image(&mut self) -> Result<&[f32], Error> {
        let (trainer, image) = self.trainer(1.0);
        trainer.into_scores(image)
    }

    /// Which pixels spoke for a label, and which against it: goodness-delta, from the image at its
    /// faintest. For a [`Net`] with room for maps.
    ///
    /// # Errors
    /// [`Error::Length`] for too little scratch, [`Error::NotFinite`] for a map that overflowed.
    pub fn explain(&mut self, digit: Digit, target: Target, map: &mut [f32; PIXELS]) -> Result<Explained, Error> {
        sample::from_bytes(digit.pixels(), SCALE, self.image)?;
        let (mut trainer, image) = self.trainer(1.0);
        trainer.explain(&GoodnessDelta, image, target, map)
    }

    /// Makes stored pixels the image at hand, jittered where digits are.
    fn load(&mut self, pixels: &[u8; PIXELS]) -> Result<(), Error> {
        if const { matches!(N::JITTER, Jitter { pixels: 0, .. }) } {
            sample::from_bytes(pixels, SCALE, self.image)
        } else {
            digits::features(pixels, N::JITTER.draw(&mut self.learning.rng), self.image)
        }
    }

    /// A checksum of everything that is learned.
    pub fn checksum(&self) -> u32 {
        checksum::parameters(&self.learning.network)
    }
}

impl<N: Net, K: Kernel + Copy> Learns for App<'_, N, K> {
    const PASSES: usize = N::PASSES;

    fn rng(&mut self) -> &mut Rng {
        &mut self.learning.rng
    }

    fn step(&mut self, digit: Digit, lr_scale: f32) -> Result<Report, Error> {
        self.learn_pixels(digit.pixels(), digit.label(), lr_scale)
    }

    /// By the rule's scores, over all layers.
    fn classify(&mut self, digit: Digit) -> Result<u8, Error> {
        sample::from_bytes(digit.pixels(), SCALE, self.image)?;
        let (mut trainer, image) = self.trainer(1.0);
        trainer.classify(image)
    }
}
