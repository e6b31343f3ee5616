//! The products of a training step alone, without anything between them.
//!
//! They are repeated on noise, which has no zeros. Where many of an epoch's inputs are zero its own
//! products are less work, and an epoch may come nearer to the limit than these.

use std::time::Instant;

use ff_core::kernel::Kernel;
use ff_core::random::Rng;

use crate::kernel::HostKernel;
use crate::kernel::watched::{Call, Kind};

/// Times the step's products are repeated in one reading.
const REPEATS: usize = 10;

/// Readings, of which the best counts.
const READINGS: usize = 3;

/// GFLOP/s of a step's products, each multiply-add counting two.
#[must_use]
pub fn products_gflops(kernel: &mut HostKernel, calls: &[Call]) -> f64 {
    let largest = |size: fn(&Call) -> usize| calls.iter().map(size).max().unwrap_or(0);
    let mut rng = Rng::new(1);
    let mut noise = |count: usize| -> Vec<f32> { (0..count).map(|_| rng.unit() - 0.5).collect() };
    let mut inputs = noise(largest(|call| call.rows * call.shape.inputs));
    let mut outputs = noise(largest(|call| call.rows * call.shape.outputs));
    let mut weights = noise(largest(|call| call.shape.weights()));
    let multiply_adds: usize = calls.iter().map(|call| call.rows * call.shape.weights()).sum();
    let mut reading = || {
        let start = Instant::now();
        for call in calls.iter().cycle().take(REPEATS * calls.len()) {
            let Call { kind, shape, rows } = *call;
            let x = &mut inputs[..rows * shape.inputs];
            let y = &mut outputs[..rows * shape.outputs];
            let w = &mut weights[..shape.weights()];
            match kind {
                Kind::Product => kernel.product(shape, x, w, y),
                // The scale is small, so that weights stay in range however often this runs.
                Kind::AddOuter => kernel.rank_update(shape, 0.9, 1e-6, x, y, w),
                Kind::PullBack => kernel.matmul_transposed(shape, y, w, x),
            }
        }
        (2 * REPEATS * multiply_adds) as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    (0..READINGS).map(|_| reading()).fold(0.0, f64::max)
}
