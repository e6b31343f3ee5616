//! A network that a host has trained, in flash. Made by `{{ command }}`; put this file and
//! `{{ name }}.ffsn` side by side, write `mod {{ name }};`, and do not edit them.
//!
//! Learned from {{ dataset }} by `{{ recipe }}` (rule {{ rule }}, seed {{ seed }}, {{ epochs }} epochs).
{%- for line in results %}
//! {{ line }}
{%- endfor %}
//! Snapshot: {{ bytes }} bytes, CRC-32 {{ crc }}. The compiler checks it.
//!
//! [`NET`] classifies where it lies, without RAM of its own:
//!
//! ```ignore
//! let (mut features, mut scores) = ([0.0; {{ name }}::FEATURES], [0.0; {{ name }}::CLASSES]);
//! let mut scratch = [0.0; {{ name }}::SCRATCH];
//! {{ name }}::features(&pixels, &mut features);
//! {{ name }}::scores(&{{ name }}::NET, &features, &mut scratch, &mut scores)?;
//! let label = ff_core::classify::best(&scores);
//! ```
{%- if learns %}
//!
//! To go on learning, copy it into RAM with `ff_core::snapshot::copy(&{{ name }}::NET, net)` and take
//! steps of [`RULE`], in scratch of [`STEP_SCRATCH`] floats.
{%- endif %}

#![allow(dead_code)] // a program uses what it needs

use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::layer::Layer;
use ff_core::network::{ {{- network_parts -}} };
use ff_core::snapshot::baked::{Baked, Blob};

/// Its shape: {{ shape }}.
pub type Net = Network<({{ layers }},), CLASSES, {{ readout }}, {{ entry }}>;

/// The network, in flash: {{ ram }} bytes.
pub static NET: Net = <Net as Baked<Trained>>::NETWORK;

/// The snapshot that it comes from.
pub enum Trained {}

impl Blob for Trained {
    const BYTES: &'static [u8] = include_bytes!("{{ name }}.ffsn");
}

/// Classes: labels are below this.
pub const CLASSES: usize = {{ classes }};

/// Bytes of an image: {{ height }} rows of {{ width }} pixels, 0 (background) to {{ maximum }}.
pub const PIXELS: usize = {{ width * height }};

/// Features of an image: what the network takes.
pub const FEATURES: usize = Net::FEATURES;

/// Floats of scratch that [`scores`] takes.
pub const SCRATCH: usize = {{ scratch }};
{%- if learns %}

/// The rule that it learned by, as plain descent, which needs no memory but scratch. The rates are a
/// beginning for one sample at a time; the host's own do not suit that.
pub const RULE: {{ rule_type }} = {{ rule_value }};

/// Floats of scratch that a step of [`RULE`] on one sample takes.
pub const STEP_SCRATCH: usize = RULE.scratch_floats(Net::SHAPES, CLASSES, 1);
{%- endif %}

/// Turns an image into features, as the host did.
pub fn features(pixels: &[u8; PIXELS], features: &mut [f32; FEATURES]) {
    const SCALE: f32 = 1.0 / {{ maximum }}.0;
{%- if pool == 1 %}
    for (feature, &pixel) in features.iter_mut().zip(pixels) {
        *feature = f32::from(pixel) * SCALE;
    }
{%- else %}
    // The mean of each square cell.
    const COLUMNS: usize = {{ width / pool }};
    const MEAN: f32 = 1.0 / {{ pool * pool }}.0;
    for (cell, feature) in features.iter_mut().enumerate() {
        let corner = (cell / COLUMNS) * {{ pool * width }} + (cell % COLUMNS) * {{ pool }};
        let lines = (0..{{ pool }}).map(|line| &pixels[corner + line * {{ width }}..][..{{ pool }}]);
        *feature = lines.flatten().map(|&pixel| f32::from(pixel) * SCALE).sum::<f32>() * MEAN;
    }
{%- endif %}
}

/// Every class's score, the higher the likelier: {{ scores_are }}. `network` is [`NET`] or its copy.
///
/// # Errors
/// NaN or infinite features.
pub fn scores(
    network: &Net,
    features: &[f32; FEATURES],
    scratch: &mut [f32; SCRATCH],
    scores: &mut [f32; CLASSES],
) -> Result<(), Error> {
    {{ scores_call }}{% if !negated %}
{%- else %}?;
    scores.iter_mut().for_each(|score| *score = -*score);
    Ok(())
{%- endif %}
}
