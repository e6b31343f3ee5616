//! What a network takes on a device: exact bytes, predicted instructions.

use ff_core::classify;
use ff_core::kernel::Portable;
use ff_core::optimiser::Sgd;

use super::{Device, Estimate, Work};
use crate::data::Samples;
use crate::network::HostNetwork;
use crate::recipe::Recipe;

/// Samples over which a prediction is a mean.
const SAMPLES: usize = 100;

/// What the stack takes beside an image's features, as measured: 1,404 bytes, and a little more.
const STACK: usize = 1536;

/// Labels that are scored side by side.
const LABELS: usize = 2;

/// Bytes that learning takes on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Of weights and biases: the flash of an exported network, and the RAM of one that learns.
    pub network: usize,
    /// Of working memory.
    pub scratch: usize,
    /// Of one image's features.
    pub image: usize,
}

impl Memory {
    /// Of a device.
    #[must_use]
    pub fn from_device(device: &Device) -> Self {
        Self {
            network: 4 * device.memory.network.parameters(),
            scratch: 4 * device.memory.scratch.len(),
            image: 4 * device.image.len(),
        }
    }

    /// Bytes of RAM in all, the stack included.
    #[must_use]
    pub const fn ram(&self) -> usize {
        self.network + self.scratch + self.image + STACK
    }
}

/// A prediction of the instructions that a Cortex-M4F takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions {
    /// For a training step.
    pub step: u64,
    /// For a classification.
    pub classification: u64,
}

impl Instructions {
    /// Of a device as it is: since zeros are skipped, what it has learned matters a little. The images
    /// are not learned.
    ///
    /// # Errors
    /// No image at all; as [`Device::learn`].
    pub fn estimate(device: Device, images: &Samples) -> anyhow::Result<Self> {
        anyhow::ensure!(!images.is_empty(), "there is no image");
        let mut device = device.with_kernel(Estimate::new(Portable));
        let samples = SAMPLES.min(images.len());
        // A learning-rate scale of 0 takes the same path and leaves the weights alone.
        (0..samples).try_for_each(|index| device.step(images, index, 0.0))?;
        let step = std::mem::take(&mut device.kernel.work);
        (0..samples).try_for_each(|index| device.classify(images, index).map(drop))?;
        let mean = |work: Work| work.instructions() / samples as u64;
        Ok(Self { step: mean(step), classification: mean(device.kernel.work) })
    }
}

/// Floats of scratch for a step and for a classification of one image.
pub(super) fn scratch_floats(recipe: &Recipe, network: &HostNetwork) -> usize {
    let (shapes, classes) = (network.shapes(), network.classes);
    let step = recipe.scratch_floats(Sgd, &shapes, classes);
    let scores = if recipe.rule.is_contrastive() {
        classify::goodness_floats(&shapes, classes, LABELS)
    } else {
        recipe.score_floats(&shapes, classes, recipe.rule.reading(), 1)
    };
    // A device has the scores there too.
    step.max(scores + classes)
}
