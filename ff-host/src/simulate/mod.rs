//! What a microcontroller would learn, learned on the host: the device's kernel, one sample at a
//! time, plain descent, the firmware's order of samples and its rate, falling in a straight line.
//!
//! With the firmware's own settings the weights are the firmware's, bit for bit.

mod cost;
mod estimate;

use ff_core::checksum;
use ff_core::classify;
use ff_core::error::Error;
use ff_core::kernel::{Kernel, Portable};
use ff_core::optimiser::{Moments, Sgd};
use ff_core::random::Rng;
use ff_core::sample::Batch;
use ff_core::stream::jitter::Jitter;
use ff_core::stream::order::Order;

pub use cost::{Instructions, Memory};
use estimate::{Estimate, Work};

use crate::augment::Variation;
use crate::data::Samples;
use crate::features::Features;
use crate::memory;
use crate::network::{HostMemory, HostNetwork};
use crate::recipe::{Negatives, Optimiser, Overrides, Readout, Recipe, RecipeError, RuleKind};

/// What the firmware is built with.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The learning rule.
    pub rule: RuleKind,
    /// The widths of the layers.
    pub layers: Vec<usize>,
    /// The side of the square cells whose mean is a feature.
    pub pool: usize,
    /// The learning rate at the beginning; it falls to 0 in a straight line.
    pub learning_rate: f32,
    /// How often every sample is seen.
    pub passes: usize,
    /// How images are moved before they are learned.
    pub jitter: Jitter,
}

impl Settings {
    /// The same as a recipe that has nothing but what a device does.
    ///
    /// # Errors
    /// A field out of range.
    pub fn recipe(&self) -> Result<Recipe, RecipeError> {
        let mut device = Overrides { kind: Some(self.rule), ..Overrides::default() };
        device.recipe.layers = Some(self.layers.clone());
        device.recipe.pool = Some(self.pool);
        device.recipe.epochs = Some(self.passes);
        device.recipe.batch_size = Some(1);
        device.recipe.optimiser = Some(Optimiser::Momentum);
        device.recipe.momentum = Some(0.0);
        device.recipe.learning_rate = Some(self.learning_rate);
        device.rule.readout_learning_rate = Some(self.learning_rate);
        device.rule.readout = Some(Readout::None);
        device.rule.negatives = Some(Negatives::Uniform);
        device.apply(Recipe::find("mcu-196")?)
    }
}

/// A simulated device: all of its memory, with the kernel it computes by.
pub struct Device<K = Portable> {
    settings: Settings,
    recipe: Recipe,
    memory: HostMemory,
    features: Features,
    image: Vec<f32>,
    kernel: K,
}

impl<K: Kernel> Device<K> {
    /// Powers on: random weights.
    ///
    /// # Errors
    /// Settings out of range, images too small to pool.
    pub fn new(settings: &Settings, images: &Samples, classes: usize, seed: u64, kernel: K) -> anyhow::Result<Self> {
        let recipe = settings.recipe()?;
        settings.jitter.check()?;
        let features = Features::new(images, &recipe, classes)?;
        memory::reserve(HostNetwork::count(features.len(), classes, &recipe), 1)?;
        let network = HostNetwork::zeroed(features.len(), classes, &recipe);
        let scratch = vec![0.0; cost::scratch_floats(&recipe, &network)];
        let stateless = Moments { first: HostNetwork::none(), second: HostNetwork::none() };
        let mut memory = HostMemory::new(network, stateless, scratch, Vec::new());
        memory.rng = Rng::new(seed);
        recipe.randomise(&mut memory.network, &mut memory.rng);
        let image = vec![0.0; features.len()];
        Ok(Self { settings: settings.clone(), recipe, memory, features, image, kernel })
    }

    /// The same device with another kernel.
    pub fn with_kernel<L>(self, kernel: L) -> Device<L> {
        let Self { settings, recipe, memory, features, image, .. } = self;
        Device { settings, recipe, memory, features, image, kernel }
    }

    /// All passes over the images.
    ///
    /// # Errors
    /// [`Error::Diverged`].
    pub fn learn(&mut self, images: &Samples) -> Result<(), Error> {
        (0..self.settings.passes).try_for_each(|pass| self.pass(images, pass))
    }

    fn pass(&mut self, images: &Samples, pass: usize) -> Result<(), Error> {
        let count = images.len();
        let turns = u16::try_from(count).unwrap_or(u16::MAX);
        let order = Order::draw(&mut self.memory.rng, turns);
        for turn in 0..turns {
            let done = (pass * count + usize::from(turn)) as f32 / (self.settings.passes * count) as f32;
            self.step(images, order.at(turn), 1.0 - done)?;
        }
        Ok(())
    }

    fn step(&mut self, images: &Samples, index: usize, lr_scale: f32) -> Result<(), Error> {
        let variation = Variation::shifted(self.settings.jitter.draw(&mut self.memory.rng));
        let label = self.load(images, index, &variation);
        let batch = Batch { samples: &self.image, labels: &[label] };
        self.recipe.step(Sgd, lr_scale, &mut self.memory.learner(&mut self.kernel), batch, &[]).map(drop)
    }

    /// Brings an image into memory; its label.
    fn load(&mut self, images: &Samples, index: usize, variation: &Variation) -> u8 {
        let Some((sample, label)) = images.get(index) else { return 0 };
        self.features.write(sample, variation, &mut self.image);
        label
    }

    fn classify(&mut self, images: &Samples, index: usize) -> Result<bool, Error> {
        let label = self.load(images, index, &Variation::NONE);
        let mut scores = vec![0.0; self.memory.network.classes];
        let reading = self.recipe.rule.reading();
        let Self { recipe, memory, image, kernel, .. } = self;
        recipe.scores(&memory.network, reading, image, &mut memory.scratch, kernel, &mut scores)?;
        Ok(classify::best(&scores) == label)
    }

    /// How many of the images are recognised.
    ///
    /// # Errors
    /// Images of another size.
    pub fn recognised(&mut self, images: &Samples) -> Result<usize, Error> {
        let mut right = 0;
        for index in 0..images.len() {
            right += usize::from(self.classify(images, index)?);
        }
        Ok(right)
    }

    /// The checksum of everything learned that firmware reports.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        checksum::parameters(&self.memory.network)
    }
}
