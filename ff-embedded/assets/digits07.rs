//! A network that a host has trained, in flash. Made by `ff export runs/digits07 --firmware`; put this file and
//! `digits07.ffsn` side by side, write `mod digits07;`, and do not edit them.
//!
//! Learned from digits8x8, classes 0-7 alone, by `fast` (rule local-cross-entropy, seed 1, 60 epochs).
//! Test: 3 of 270 wrong by readout.
//! Snapshot: 12068 bytes, CRC-32 7fee6685. The compiler checks it.
//!
//! [`NET`] classifies where it lies, without RAM of its own:
//!
//! ```ignore
//! let (mut features, mut scores) = ([0.0; digits07::FEATURES], [0.0; digits07::CLASSES]);
//! let mut scratch = [0.0; digits07::SCRATCH];
//! digits07::features(&pixels, &mut features);
//! digits07::scores(&digits07::NET, &features, &mut scratch, &mut scores)?;
//! let label = ff_core::classify::best(&scores);
//! ```
//!
//! To go on learning, copy it into RAM with `ff_core::snapshot::copy(&digits07::NET, net)` and take
//! steps of [`RULE`], in scratch of [`STEP_SCRATCH`] floats.

#![allow(dead_code)] // a program uses what it needs

use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::layer::Layer;
use ff_core::network::{FeaturesOnly, Network, Readout};
use ff_core::snapshot::baked::{Baked, Blob};

/// Its shape: 64 features, then 40 units.
pub type Net = Network<(Layer<64, 40>,), CLASSES, Readout<40, CLASSES>, FeaturesOnly>;

/// The network, in flash: 12000 bytes.
pub static NET: Net = <Net as Baked<Trained>>::NETWORK;

/// The snapshot that it comes from.
pub enum Trained {}

impl Blob for Trained {
    const BYTES: &'static [u8] = include_bytes!("digits07.ffsn");
}

/// Classes: labels are below this.
pub const CLASSES: usize = 10;

/// Bytes of an image: 8 rows of 8 pixels, 0 (background) to 16.
pub const PIXELS: usize = 64;

/// Features of an image: what the network takes.
pub const FEATURES: usize = Net::FEATURES;

/// Floats of scratch that [`scores`] takes.
pub const SCRATCH: usize = ff_core::onepass::score_floats(Net::SHAPES, CLASSES, 1);

/// The rule that it learned by, as plain descent, which needs no memory but scratch. The rates are a
/// beginning for one sample at a time; the host's own do not suit that.
pub const RULE: ff_core::onepass::OnePass<ff_core::onepass::LocalCrossEntropy> = ff_core::onepass::OnePass {
    head: ff_core::onepass::LocalCrossEntropy,
    optimiser: ff_core::optimiser::Sgd,
    lr_scale: 1.0,
    layers: ff_core::optimiser::StepSize { learning_rate: 0.005, weight_decay: 0.0 },
    labels: ff_core::optimiser::StepSize { learning_rate: 0.005, weight_decay: 0.0 },
    dropout: 0.0,
    frozen: ff_core::learner::Frozen::NONE,
    label_smoothing: 0.0,
    skip_error_below: ff_core::onepass::SKIP_ERROR_BELOW,
};

/// Floats of scratch that a step of [`RULE`] on one sample takes.
pub const STEP_SCRATCH: usize = RULE.scratch_floats(Net::SHAPES, CLASSES, 1);

/// Turns an image into features, as the host did.
pub fn features(pixels: &[u8; PIXELS], features: &mut [f32; FEATURES]) {
    const SCALE: f32 = 1.0 / 16.0;
    for (feature, &pixel) in features.iter_mut().zip(pixels) {
        *feature = f32::from(pixel) * SCALE;
    }
}

/// Every class's score, the higher the likelier: the sum of the layers' scores. `network` is [`NET`] or its copy.
///
/// # Errors
/// NaN or infinite features.
pub fn scores(
    network: &Net,
    features: &[f32; FEATURES],
    scratch: &mut [f32; SCRATCH],
    scores: &mut [f32; CLASSES],
) -> Result<(), Error> {
    let scored = ff_core::classify::ScoredLayers { from: 0 };
    ff_core::onepass::scores(&RULE.head, network, features, scored, scratch, &mut Portable, scores)
}
