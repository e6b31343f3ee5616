//! Everything that has a fast path, at sizes that fill blocks and at sizes that do not: the same bits on
//! every machine, whichever version of the innermost loops it was built with.

use ff_core::checksum::Crc32;
use ff_core::error::Error;
use ff_core::kernel::{Kernel, Portable};
use ff_core::layer::Shape;
use ff_core::memory::Memory;
use ff_core::network::{Dense2, FeaturesOnly, Network, Readout};
use ff_core::onepass::{NWay, OnePass};
use ff_core::optimiser::{Sgd, StepSize};
use ff_core::random::Rng;
use ff_core::trainer::Trainer;

/// Inputs of a product: fewer and more than are looked at at once.
const INPUTS: [usize; 4] = [1, 5, 13, 30];

/// Outputs: parts of blocks, whole ones, and both.
const OUTPUTS: [usize; 9] = [1, 7, 8, 15, 16, 17, 24, 31, 40];

/// The most rows that are worked on.
const ROWS: usize = 3;

const MOST_INPUTS: usize = 30;
const MOST_OUTPUTS: usize = 40;

/// A checksum of all products and outer products at all sizes.
#[must_use]
pub fn products() -> u32 {
    let mut rng = Rng::new(1);
    let mut sum = Crc32::new();
    let (mut x, mut d) = ([0.0; ROWS * MOST_INPUTS], [0.0; ROWS * MOST_OUTPUTS]);
    let (mut y, mut w) = ([0.0; ROWS * MOST_OUTPUTS], [0.0; MOST_INPUTS * MOST_OUTPUTS]);
    for (inputs, outputs) in INPUTS.into_iter().flat_map(|inputs| OUTPUTS.map(|outputs| (inputs, outputs))) {
        let shape = Shape { inputs, outputs };
        let w = first(&mut w, inputs * outputs);
        for rows in 1..=ROWS {
            let (x, d) = (first(&mut x, rows * inputs), first(&mut d, rows * outputs));
            [&mut *x, &mut *d, &mut *w].into_iter().for_each(|values| draw(&mut rng, values));
            let y = first(&mut y, rows * outputs);
            Portable.product(shape, x, w, y);
            sum.floats(y);
            Portable.rank_update(shape, 1.0, 0.3, x, d, w);
            Portable.dense_rank_update_part(shape, 0..inputs, 1.0, -0.2, x, d, w);
            sum.floats(w);
            Portable.matmul_transposed(shape, d, w, x);
            sum.floats(x);
        }
    }
    sum.value()
}

/// A checksum of a network of `A` and `B` units, `U` in all, that has learned noise by the N-way rule, and
/// of its scores.
///
/// # Errors
/// [`Error::Diverged`].
pub fn nway<const A: usize, const B: usize, const U: usize>() -> Result<u32, Error> {
    const FEATURES: usize = 13;
    const CLASSES: usize = 5;
    const SCRATCH: usize = 256;
    const STEPS: usize = 50;
    let rule = OnePass::new(NWay::STANDARD, Sgd, StepSize { learning_rate: 0.05, weight_decay: 0.0 });
    type Net<const A: usize, const B: usize, const U: usize> =
        Network<Dense2<FEATURES, A, B>, CLASSES, Readout<U, CLASSES>, FeaturesOnly>;
    let mut memory = Memory::<Net<A, B, U>, SCRATCH>::ZEROED;
    let mut trainer = Trainer::new(rule, &mut memory, 2);
    let mut images = [0.0; FEATURES];
    let mut sum = Crc32::new();
    for label in (0..CLASSES as u8).cycle().take(STEPS) {
        draw(&mut trainer.memory.rng, &mut images);
        trainer.step(&images, &[label])?;
        sum.floats(trainer.scores(&images)?);
    }
    Ok(sum.value())
}

fn first(values: &mut [f32], count: usize) -> &mut [f32] {
    values.get_mut(..count).unwrap_or_default()
}

/// Numbers from -1 to 1, of which a third are 0.
fn draw(rng: &mut Rng, values: &mut [f32]) {
    for value in values {
        *value = if rng.below(3) == 0 { 0.0 } else { rng.unit() * 2.0 - 1.0 };
    }
}
