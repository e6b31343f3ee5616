//! The loops in Rust.

use super::{BLOCK, Block, Wide};
use crate::active::{Active, Tile};
use crate::math::lifted;
use crate::pieces;

/// `sums <- sums + x w`: some inputs x of one row, and their rows of `w` from `column` on.
#[inline(always)]
pub(crate) fn add_products(tile: Tile<'_, 1>, w: &[f32], column: usize, sums: &mut Wide) {
    [*sums] = add_block(tile, w, column, [*sums]);
}

/// The same for two rows of inputs, which share the weights.
#[inline(always)]
pub(crate) fn add_products_of_two(tile: Tile<'_, 2>, w: &[f32], column: usize, [first, second]: [&mut Block; 2]) {
    [*first, *second] = add_block(tile, w, column, [*first, *second]);
}

/// By value, so that the sums stay in registers.
#[inline(always)]
fn add_block<const R: usize, const N: usize>(
    tile: Tile<'_, R>,
    w: &[f32],
    column: usize,
    mut sums: [[f32; N]; R],
) -> [[f32; N]; R] {
    for Active { values, at } in tile.entries() {
        // Every row is as long as the outputs, so there is a block wherever there are sums.
        let Some(row) = w.get(at + column..).and_then(|row| row.first_chunk::<N>()) else { break };
        for (sums, x) in sums.iter_mut().zip(values) {
            sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * w);
        }
    }
    sums
}

/// `w <- w + scale * x' d`: some inputs x of one row, and the columns of `w` from `column` on.
#[inline(always)]
pub(crate) fn rank_update(tile: Tile<'_, 1>, scale: f32, d: &Wide, column: usize, w: &mut [f32]) {
    for Active { values: [x], at } in tile.entries() {
        let Some(row) = w.get_mut(at + column..).and_then(|row| row.first_chunk_mut()) else { break };
        let row: &mut Wide = row;
        let x = scale * x;
        row.iter_mut().zip(d).for_each(|(w, d)| *w += x * d);
    }
}

/// `target <- target + scale * row`.
#[inline(always)]
pub(crate) fn add_scaled(target: &mut [Block], scale: f32, row: &[Block]) {
    for (target, row) in target.iter_mut().zip(row) {
        target.iter_mut().zip(row).for_each(|(t, h)| *t += scale * h);
    }
}

/// The scalar product of two rows, in interleaved partial sums.
#[inline(always)]
pub(crate) fn products(w: &[Block], d: &[Block]) -> Block {
    let mut sums = [0.0; BLOCK];
    for (w, d) in w.iter().zip(d) {
        sums.iter_mut().zip(w).zip(d).for_each(|((sum, w), d)| *sum += w * d);
    }
    sums
}

/// `sum_j relu(z_j + U_yj)^2` of every label, rows of `units` values, two at a time: they share z, and
/// their sums fill half of a Cortex-M4F's registers.
#[inline(always)]
pub(crate) fn lifted_squares(labels: &[f32], units: usize, z: &[f32], goodnesses: &mut [f32]) {
    let mut rows = pieces::rows(labels, units);
    let (pairs, last) = goodnesses.as_chunks_mut::<2>();
    for pair in pairs {
        let [Some(first), Some(second)] = [rows.next(), rows.next()] else { return };
        *pair = squares(z, [first, second]);
    }
    for (goodness, row) in last.iter_mut().zip(rows) {
        [*goodness] = squares(z, [row]);
    }
}

/// The sums of some labels, whose rows are u.
#[inline(always)]
pub(super) fn squares<const N: usize>(z: &[f32], u: [&[f32]; N]) -> [f32; N] {
    let (blocks, tail) = z.as_chunks::<BLOCK>();
    let mut rows = u.map(|u| u.as_chunks::<BLOCK>().0.iter());
    let mut lanes: [Block; N] = [[0.0; BLOCK]; N];
    for z in blocks {
        for (lanes, row) in lanes.iter_mut().zip(&mut rows) {
            let Some(u) = row.next() else { break };
            add_squares(lanes, z, u);
        }
    }
    if !tail.is_empty() {
        // A copy, since the lanes that a loop goes over cannot stay in registers.
        let mut copy = lanes;
        copy.iter_mut().zip(u).for_each(|(lanes, u)| add_squares(lanes, tail, u.as_chunks::<BLOCK>().1));
        lanes = copy;
    }
    lanes.map(|lanes| lanes.iter().sum())
}

/// `lanes <- lanes + relu(z + u)^2`.
#[inline(always)]
fn add_squares(lanes: &mut Block, z: &[f32], u: &[f32]) {
    lanes.iter_mut().zip(z).zip(u).for_each(|((lane, z), u)| {
        let h = lifted(*z, *u);
        *lane += h * h;
    });
}

/// `sum_y e_y relu(z + U_y)` of a block of units, the `j`th and those after it: their sums stay in
/// registers while the labels, rows of `units` values, go by.
#[inline(always)]
pub(crate) fn lifted_sums(labels: &[f32], units: usize, errors: &[f32], z: &Block, j: usize) -> Block {
    let mut sums = [0.0; BLOCK];
    // Not `rows`: side by side with errors, exact chunks need no counter of their own.
    for (row, &e) in labels.chunks_exact(units.max(1)).zip(errors) {
        if e != 0.0
            && let Some(u) = row.get(j..).and_then(|row| row.first_chunk::<BLOCK>())
        {
            sums.iter_mut().zip(z).zip(u).for_each(|((sum, z), u)| *sum += e * lifted(*z, *u));
        }
    }
    sums
}

/// `u <- u + e relu(z + u)`.
#[inline(always)]
pub(crate) fn lift(u: &mut [Block], e: f32, z: &[Block]) {
    for (u, z) in u.iter_mut().zip(z) {
        u.iter_mut().zip(z).for_each(|(u, z)| *u += e * lifted(*z, *u));
    }
}
