//! MNIST, streamed: images too many for flash come one at a time from elsewhere, and are learned at 14x14.
//!
//! The device gets raw images of 28x28 bytes and takes the mean of every 2x2 pixels itself, as one with
//! a camera would. Each of two layers has a linear classifier of its own ([`LocalCrossEntropy`]).
//! Order, rates and arithmetic are those of `ff simulate --dataset mnist --pool 2 --layers 60,32`, so
//! with as many passes the weights are its weights, bit for bit.

use ff_core::checksum;
use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::learner::Report;
use ff_core::memory;
use ff_core::network::{Dense2, FeaturesOnly, Network, Readout};
use ff_core::onepass::{LocalCrossEntropy, OnePass};
use ff_core::optimiser::{Sgd, StepSize};
use ff_core::sample;
use ff_core::stream::order::Order;
use ff_core::trainer::Trainer;

use crate::app::SEED;

/// Pixels of a raw image: 28 rows of 28.
pub const PIXELS: usize = WIDTH * WIDTH;

/// Features of an image: 14 rows of 14.
pub const FEATURES: usize = PIXELS / 4;

/// The digits.
pub const CLASSES: usize = 10;

const WIDTH: usize = 28;

/// 59 KB.
pub type Net = Network<Dense2<FEATURES, 60, 32>, CLASSES, Readout<92, CLASSES>, FeaturesOnly>;

/// How the network learns.
pub const SETTINGS: OnePass<LocalCrossEntropy> =
    OnePass::new(LocalCrossEntropy, Sgd, StepSize { learning_rate: 0.01, weight_decay: 0.0 });

/// What learning takes.
pub type Learning = memory::Memory<Net, { SETTINGS.floats::<Net>(1) }>;

/// One image as it comes.
pub struct Image {
    /// Row by row, 0 to 255.
    pub pixels: [u8; PIXELS],
    /// Which digit it shows.
    pub label: u8,
}

/// Where images come from.
pub trait Stream {
    /// What can go wrong there.
    type Error;

    /// How many images there are to learn from, the first ones; the others are held out.
    fn training(&self) -> u16;

    /// How many are held out.
    fn held_out(&self) -> u16;

    /// The image of that number.
    ///
    /// # Errors
    /// The stream's own.
    fn read(&mut self, number: usize, into: &mut Image) -> Result<(), Self::Error>;
}

/// Why learning from a stream ended early.
#[derive(Debug)]
#[cfg_attr(target_os = "none", derive(defmt::Format))]
pub enum Ended<E> {
    /// The core refused something.
    Core(Error),
    /// The stream failed.
    Stream(E),
}

impl<E> From<Error> for Ended<E> {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

/// All memory of a program that learns from a stream.
pub struct Memory {
    /// What learning takes.
    pub learning: Learning,
    /// The image that came last.
    pub image: Image,
    /// What is learned of it.
    pub features: [f32; FEATURES],
}

impl Memory {
    /// All zero.
    pub const ZEROED: Self =
        Self { learning: Learning::ZEROED, image: Image { pixels: [0; _], label: 0 }, features: [0.0; _] };
}

/// A network in training.
pub struct App<'a, K> {
    trainer: Trainer<'a, OnePass<LocalCrossEntropy>, Learning, K>,
    image: &'a mut Image,
    features: &'a mut [f32; FEATURES],
}

impl<'a, K: Kernel> App<'a, K> {
    /// Begins with random weights.
    pub fn start(memory: &'a mut Memory, kernel: K) -> Self {
        let Memory { learning, image, features } = memory;
        Self { trainer: Trainer::with_kernel(SETTINGS, learning, SEED, kernel), image, features }
    }

    /// Learns every image once, in an order of its own. `pass` counts from 0.
    ///
    /// # Errors
    /// See [`Ended`].
    pub fn pass<S: Stream>(&mut self, stream: &mut S, pass: usize, passes: usize) -> Result<(), Ended<S::Error>> {
        let count = stream.training();
        let order = Order::draw(&mut self.trainer.memory.rng, count);
        for turn in 0..count {
            let done = (pass * usize::from(count) + usize::from(turn)) as f32 / (passes * usize::from(count)) as f32;
            stream.read(order.at(turn), self.image).map_err(Ended::Stream)?;
            self.step(1.0 - done)?;
        }
        Ok(())
    }

    /// How many of the held-out images are recognised.
    ///
    /// # Errors
    /// See [`Ended`].
    pub fn recognised<S: Stream>(&mut self, stream: &mut S) -> Result<usize, Ended<S::Error>> {
        let (first, mut right) = (usize::from(stream.training()), 0);
        for number in first..first + usize::from(stream.held_out()) {
            stream.read(number, self.image).map_err(Ended::Stream)?;
            right += usize::from(self.classify()? == self.image.label);
        }
        Ok(right)
    }

    /// Learns the image that came last.
    ///
    /// # Errors
    /// [`Error::Label`] for a label that is no digit, [`Error::Diverged`].
    pub fn step(&mut self, lr_scale: f32) -> Result<Report, Error> {
        pool(&self.image.pixels, self.features)?;
        self.trainer.rule = OnePass { lr_scale, ..SETTINGS };
        self.trainer.step(self.features, &[self.image.label])
    }

    /// What the network takes the last image for.
    ///
    /// # Errors
    /// None for these shapes.
    pub fn classify(&mut self) -> Result<u8, Error> {
        pool(&self.image.pixels, self.features)?;
        self.trainer.classify(self.features)
    }

    /// A checksum of everything that is learned.
    pub fn checksum(&self) -> u32 {
        checksum::parameters(&self.trainer.memory.network)
    }
}

/// The mean of every 2x2 pixels, 0 to 1; two rows at a time, so that no whole image of floats is needed.
///
/// # Errors
/// None for these data.
pub fn pool(pixels: &[u8; PIXELS], features: &mut [f32; FEATURES]) -> Result<(), Error> {
    let mut two = [0.0; 2 * WIDTH];
    let (pairs, _) = pixels.as_chunks::<{ 2 * WIDTH }>();
    for (bytes, row) in pairs.iter().zip(features.chunks_exact_mut(WIDTH / 2)) {
        sample::from_bytes(bytes, 1.0 / 255.0, &mut two)?;
        let (upper, lower) = two.split_at(WIDTH);
        let cells = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        cells.zip(row).for_each(|((upper, lower), mean)| *mean = upper.iter().chain(lower).sum::<f32>() * 0.25);
    }
    Ok(())
}
