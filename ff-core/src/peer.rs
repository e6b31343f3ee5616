//! Peer normalisation: keeps units from dying or hogging.
//!
//! A running mean `m_j` of every unit's activity over positive rows is pulled towards the mean of
//! the layer: the direction `v_j = strength * (mean(m) - m_j)` is added to D of every positive
//! row, whether its ReLU is open or not, so that a dead unit can come back.
//!
//! The mean is taken over the batch and the term is part of every row's direction, which the step
//! then averages: its size does not depend on the batch.

use crate::kernel::Kernel;
use crate::layer::Shape;

/// How much of the running mean is kept at each step.
pub const MEMORY: f32 = 0.9;

/// `m <- MEMORY m + (1 - MEMORY) * mean of the rows`. `ones` holds one 1 a row.
pub(crate) fn observe<K: Kernel>(kernel: &mut K, ones: &[f32], rows: &[f32], means: &mut [f32]) {
    let shape = Shape { inputs: 1, outputs: means.len() };
    kernel.rank_update(shape, MEMORY, (1.0 - MEMORY) / ones.len() as f32, ones, rows, means);
}

/// `direction_j <- strength * (mean(m) - m_j)`.
pub(crate) fn direction(strength: f32, means: &[f32], direction: &mut [f32]) {
    let mean = means.iter().sum::<f32>() / means.len() as f32;
    direction.iter_mut().zip(means).for_each(|(v, m)| *v = strength * (mean - m));
}
