//! Classification alone, kept apart so that its size can be told from the application's.

use ff_core::{error::Error, trainer::Trainer};
use ff_embedded::{
    digits::PIXELS,
    nets::{Learning, Net, SETTINGS},
};

#[inline(never)]
pub fn classify<N: Net>(memory: &mut Learning<N>, image: &[f32; PIXELS]) -> Result<u8, Error> {
    Trainer::resume(&SETTINGS, memory).classify(image)
}
