//! What happens to a row between two products: bias, ReLU, dropout, squares, normalisation.
//!
//! With `d` units: `h = relu(z + b)`, `sum h^2` is the layer's goodness, and
//! `N(h) = h / (EPSILON + rms(h))`, `rms(h) = sqrt(sum h^2 / d)`, is what the next layer sees.
//! Normalising to a mean square of 1 hides a layer's goodness from the layer above, which must
//! find something new; unit length instead would starve wide layers.

use crate::blocks::{self, BLOCK};
use crate::math;
use crate::random;

/// Keeps the normalisation of a silent row finite. Its result is the silent row itself.
pub const EPSILON: f32 = 1e-8;

/// 1 / (EPSILON + rms) of a row of `width` values, given the sum of its squares.
///
/// The root is the mean square times its inverse root, to about 1 in 10^7: a fifth of the
/// instructions of an exact one, which a Cortex-M takes bit by bit.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
#[must_use]
pub fn inverse_rms(squares: f32, width: usize) -> f32 {
    let mean = squares / width as f32;
    1.0 / (EPSILON + mean * math::inverse_sqrt(mean))
}

/// `row <- relu(row + biases)`.
#[inline(always)]
pub fn relu(row: &mut [f32], biases: &[f32]) {
    let (row, [biases]) = of_one_length(row, [biases]);
    let (blocks, tail) = row.as_chunks_mut::<BLOCK>();
    let (bias_blocks, bias_tail) = biases.as_chunks::<BLOCK>();
    for (block, biases) in blocks.iter_mut().zip(bias_blocks) {
        block.iter_mut().zip(biases).for_each(|(h, b)| *h = math::rectified(*h + b));
    }
    tail.iter_mut().zip(bias_tail).for_each(|(h, b)| *h = math::rectified(*h + b));
}

/// `row <- N(row)`, given the sum of its squares.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
pub fn normalise(row: &mut [f32], squares: f32) {
    let inverse = inverse_rms(squares, row.len());
    scale(row, inverse);
}

/// `row <- relu(row)`.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
pub fn rectify(row: &mut [f32]) {
    row.iter_mut().for_each(|h| *h = math::rectified(*h));
}

/// `row <- row * scale`.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
pub fn scale(row: &mut [f32], scale: f32) {
    let (blocks, tail) = row.as_chunks_mut::<BLOCK>();
    blocks.iter_mut().for_each(|block| block.iter_mut().for_each(|h| *h *= scale));
    tail.iter_mut().for_each(|h| *h *= scale);
}

/// `target <- target + scale * row`.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
pub fn add_scaled(target: &mut [f32], scale: f32, row: &[f32]) {
    let (target, [row]) = of_one_length(target, [row]);
    let (blocks, tail) = target.as_chunks_mut::<BLOCK>();
    let (row_blocks, row_tail) = row.as_chunks::<BLOCK>();
    blocks::add_scaled(blocks, scale, row_blocks);
    tail.iter_mut().zip(row_tail).for_each(|(t, h)| *t += scale * h);
}

/// `target <- a * first + b * second`, of three rows of one length.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
pub fn blend(target: &mut [f32], [a, b]: [f32; 2], rows: [&[f32]; 2]) {
    let (target, [first, second]) = of_one_length(target, rows);
    target.iter_mut().zip(first).zip(second).for_each(|((t, p), n)| *t = a * p + b * n);
}

/// As much of a row and of others as all of them have: their blocks and tails then stand side by
/// side, and the compiler sees it.
#[inline(always)]
pub(crate) fn of_one_length<'r, 'o, const N: usize>(
    row: &'r mut [f32],
    others: [&'o [f32]; N],
) -> (&'r mut [f32], [&'o [f32]; N]) {
    let length = others.iter().fold(row.len(), |length, other| length.min(other.len()));
    (row.get_mut(..length).unwrap_or_default(), others.map(|other| other.get(..length).unwrap_or_default()))
}

/// `values <- factor * values`, whatever stood there where the factor is 0.
#[inline(always)]
pub fn keep(factor: f32, values: &mut [f32]) {
    if factor == 0.0 {
        values.fill(0.0);
    } else if factor != 1.0 {
        scale(values, factor);
    }
}

/// A row from its product to its activities: `relu(row + biases)`, then dropout. Returns the
/// goodness, the sum of their squares.
#[inline(always)]
pub fn fire(row: &mut [f32], biases: &[f32], mask: Option<Mask>, r: usize) -> f32 {
    let goodness = fire_all(row, biases);
    mask.map_or(goodness, |mask| mask.silence(r, row))
}

/// Without dropout.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
fn fire_all(row: &mut [f32], biases: &[f32]) -> f32 {
    relu(row, biases);
    math::square_sum(row)
}

/// Below every label's reach, and safe to add to.
const SUNK: f32 = -1e30;

/// The dropout of one layer in one pass: every unit of a row is silenced with probability p, the
/// others are scaled by `1 / sqrt(1 - p)`, so that the expected goodness stays what it was.
///
/// A mask is a pure function of key, row and unit: rows can be worked on in any order.
#[derive(Clone, Copy, Debug)]
pub struct Mask {
    limit: u32,
    scale: f32,
    key: u32,
}

impl Mask {
    /// Dropout with probability `p`, `0 <= p < 1`, for one layer under a pass's key; nothing where
    /// `p` is 0.
    #[must_use]
    pub fn new(p: f32, key: u32, layer: usize) -> Option<Self> {
        // 2^32 p, saturating.
        let limit = (p * 4_294_967_296.0) as u32;
        let key = random::hash(key, layer as u32);
        (limit > 0).then(|| Self { limit, scale: 1.0 / math::sqrt(1.0 - p), key })
    }

    /// Applies the mask of row `r`; returns what is left of its goodness.
    pub(crate) fn silence(self, r: usize, row: &mut [f32]) -> f32 {
        self.apply(r, row);
        math::square_sum(row)
    }

    /// Applies the mask of row `r`.
    #[inline(always)]
    pub fn apply(self, r: usize, row: &mut [f32]) {
        let scale = self.scale;
        self.choose(r, row, |h| h * scale, 0.0);
    }

    /// Takes the silenced units of row `r` so far below zero that no label lifts them; the others
    /// stay as they are.
    #[inline(always)]
    pub fn sink(self, r: usize, row: &mut [f32]) {
        self.choose(r, row, |z| z, SUNK);
    }

    #[inline(always)]
    fn choose(self, r: usize, row: &mut [f32], kept: impl Fn(f32) -> f32, silenced: f32) {
        let key = random::hash(self.key, r as u32);
        for (position, h) in (0_u32..).zip(row) {
            let keep = random::hash(key, position) >= self.limit;
            *h = if keep { kept(*h) } else { silenced };
        }
    }
}
