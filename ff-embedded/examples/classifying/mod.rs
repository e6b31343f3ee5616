//! Classification alone, kept apart so that its size can be told from the application's.

use ff_core::{
    classify::{self, ScoredLayers},
    error::Error,
    kernel::Portable,
};
use ff_embedded::{
    board,
    digits::{CLASSES, PIXELS},
    nets::Memory,
};

#[inline(never)]
pub fn classify(
    memory: &mut Memory<board::Net>,
    image: &[f32; PIXELS],
    scores: &mut [f32; CLASSES],
) -> Result<(), Error> {
    let Memory { network, scratch, .. } = memory;
    classify::by_goodness(network, image, ScoredLayers::ALL, scratch.as_mut(), &mut Portable, scores)
}
