//! Training alone, kept apart so that its size can be told from the application's.

use ff_core::{error::Error, trainer::Trainer};
use ff_embedded::{
    digits::PIXELS,
    nets::{Learning, Net, SETTINGS},
};

#[inline(never)]
pub fn begin<N: Net>(memory: &mut Learning<N>) {
    Trainer::new(&SETTINGS, memory, 1);
}

#[inline(never)]
pub fn step<N: Net>(memory: &mut Learning<N>, image: &[f32; PIXELS], label: u8) -> Result<(), Error> {
    Trainer::resume(&SETTINGS, memory).step(image, &[label]).map(drop)
}
