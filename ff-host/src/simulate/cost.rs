//! What a network takes on a device: exact bytes, predicted instructions.

use ff_core::classify;
use ff_core::kernel::{Metered, Portable};
use ff_core::optimiser::Sgd;

use super::{Device, Settings};
use crate::data::Images;
use crate::network::HostNetwork;
use crate::recipe::Recipe;
use crate::rule::Reading;

/// Instructions that a Cortex-M4F takes for a dense multiply-add of a step or a classification by the
/// classic rule, as measured in the emulator on the 8x8 digits, half of whose pixels are zero and
/// skipped: 16,302 for 8,192 and 23,792 for 12,288. Sparser images take fewer (0.76 and 1.05 with
/// 196-64-32 on 14x14 MNIST), the N-way rule twice as many.
const INSTRUCTIONS: f64 = 2.0;

/// What the stack takes beside an image's features, as measured: 1,404 bytes, and a little more.
const STACK: usize = 1536;

/// Labels that are scored side by side.
const LABELS: usize = 2;

/// What learning and classifying take on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Bytes of weights and biases: the flash of an exported network, and the RAM of one that learns.
    pub network: usize,
    /// Bytes of working memory.
    pub scratch: usize,
    /// Bytes of one image's features.
    pub image: usize,
    /// Dense multiply-adds of a training step: exact.
    pub step: u64,
    /// Dense multiply-adds of a classification: exact.
    pub classification: u64,
}

impl Cost {
    /// Of a device with these settings.
    ///
    /// # Errors
    /// As [`Device::new`], and no image at all.
    pub fn of(settings: &Settings, images: &Images, classes: usize) -> anyhow::Result<Self> {
        anyhow::ensure!(!images.is_empty(), "there is no image");
        let mut device = Device::new(settings, images, classes, 1, Metered::new(Portable))?;
        device.step(images, 0, 0.0)?;
        let step = device.kernel.multiply_adds;
        device.classify(images, 0)?;
        Ok(Self {
            network: 4 * device.network.parameters(),
            scratch: 4 * device.scratch.len(),
            image: 4 * device.image.len(),
            step,
            classification: device.kernel.multiply_adds - step,
        })
    }

    /// Bytes of RAM that learning takes, the stack included.
    #[must_use]
    pub const fn ram(&self) -> usize {
        self.network + self.scratch + self.image + STACK
    }

    /// A prediction of the instructions that so many multiply-adds take on a Cortex-M4F.
    #[must_use]
    pub fn instructions(multiply_adds: u64) -> u64 {
        (multiply_adds as f64 * INSTRUCTIONS) as u64
    }
}

/// Floats of scratch for a step and for a classification of one image.
pub(super) fn scratch_floats(recipe: &Recipe, reading: Reading, network: &HostNetwork) -> usize {
    let (shapes, classes) = (network.shapes(), network.classes);
    let step = recipe.scratch_floats(Sgd, &shapes, classes);
    let scores = if recipe.rule.is_contrastive() {
        classify::goodness_floats(&shapes, classes, LABELS)
    } else {
        recipe.score_floats(&shapes, classes, reading, 1)
    };
    step.max(scores)
}
