//! The portable kernel: the reference for every other, and what devices run.
//!
//! It is written for a small core with floating-point registers and no cache. Sums stay in
//! registers over a block of columns, two rows (a positive and a negative, or two labels) share
//! every weight that is loaded, and what is zero is skipped: inputs of a product, inputs and
//! columns of an outer product.
//!
//! Each output is summed over its inputs in order, whatever the blocking, and a skipped zero would
//! have added exactly nothing: all paths give the same bits.

use core::ops::Range;

use super::Kernel;
use crate::active::{Active, Tile, each_tile, is_active};
use crate::blocks::{self, BLOCK, WIDE};
use crate::layer::Shape;
use crate::pieces::{both, rows, rows_mut};

/// The kernel with every default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Portable;

impl Kernel for Portable {
    // The defaults ask whether a part is everything; here both are one function anyway.
    #[inline]
    fn product_part(&mut self, shape: Shape, part: Range<usize>, x: &[f32], w: &[f32], y: &mut [f32]) {
        product_part(shape, part, x, w, y);
    }

    #[inline]
    fn rank_update_part(
        &mut self,
        shape: Shape,
        part: Range<usize>,
        keep: f32,
        scale: f32,
        x: &[f32],
        d: &[f32],
        w: &mut [f32],
    ) {
        rank_update_part(shape, part, keep, scale, x, d, w);
    }
}

/// `y <- x w`; see [`Kernel::product`].
#[inline]
pub fn product(shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
    product_part(shape, 0..shape.inputs, x, w, y);
}

/// Some inputs of a product; see [`Kernel::product_part`].
pub fn product_part(shape: Shape, part: Range<usize>, x: &[f32], w: &[f32], y: &mut [f32]) {
    if part.start == 0 {
        y.fill(0.0);
    }
    let mut x = rows(x, shape.inputs);
    let mut y = rows_mut(y, shape.outputs);
    while let (Some(x0), Some(y0)) = (x.next(), y.next()) {
        match (x.next(), y.next()) {
            (Some(x1), Some(y1)) => {
                let inputs = some(x0, &part).iter().zip(some(x1, &part)).map(|(&x0, &x1)| [x0, x1]);
                each_tile(inputs, shape.outputs, |tile| add_to_two(tile, w, y0, y1));
            }
            _ => {
                let inputs = some(x0, &part).iter().map(|&x| [x]);
                each_tile(inputs, shape.outputs, |tile| add_to_one(tile, w, y0));
            }
        }
    }
}

/// The inputs `part` of one row; nothing where the row has not got them.
#[inline(always)]
fn some<'a>(row: &'a [f32], part: &Range<usize>) -> &'a [f32] {
    row.get(part.clone()).unwrap_or(&[])
}

/// Adds some inputs' products with their rows of weights to one row of outputs: whole blocks of
/// columns, then column by column.
#[inline(never)]
fn add_to_one(tile: Tile<'_, 1>, w: &[f32], y: &mut [f32]) {
    let (blocks, rest) = y.as_chunks_mut::<WIDE>();
    let whole = blocks.len() * WIDE;
    for (block, column) in blocks.iter_mut().zip((0..).step_by(WIDE)) {
        blocks::add_products(tile, w, column, block);
    }
    if !rest.is_empty() {
        add_rest(tile, w, whole, [rest]);
    }
}

/// The same for two rows of outputs.
#[inline(never)]
fn add_to_two(tile: Tile<'_, 2>, w: &[f32], y0: &mut [f32], y1: &mut [f32]) {
    let (blocks0, rest0) = y0.as_chunks_mut::<BLOCK>();
    let (blocks1, rest1) = y1.as_chunks_mut::<BLOCK>();
    let whole = blocks0.len() * BLOCK;
    for ((block0, block1), column) in blocks0.iter_mut().zip(blocks1).zip((0..).step_by(BLOCK)) {
        blocks::add_products_of_two(tile, w, column, [block0, block1]);
    }
    if !rest0.is_empty() {
        add_rest(tile, w, whole, [rest0, rest1]);
    }
}

/// The columns from `whole` on, fewer than a block: their sums stay in memory.
#[inline(never)]
fn add_rest<const R: usize>(tile: Tile<'_, R>, w: &[f32], whole: usize, mut rest: [&mut [f32]; R]) {
    for Active { values, at } in tile.entries() {
        let row = w.get(at + whole..).unwrap_or(&[]);
        rest.iter_mut().zip(values).for_each(|(rest, x)| add_few(rest, *x, row));
    }
}

/// `sums <- sums + x * row`, not worth a block.
#[inline(never)]
fn add_few(sums: &mut [f32], x: f32, row: &[f32]) {
    sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * w);
}

/// `w <- keep * w + scale * x' d`; see [`Kernel::rank_update`].
///
/// Without decay (`keep` = 1) the weights of a zero input, or of a column that is zero in `d`, are
/// not even loaded.
#[inline]
pub fn rank_update(shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
    rank_update_part(shape, 0..shape.inputs, keep, scale, x, d, w);
}

/// Some inputs of an outer product; see [`Kernel::rank_update_part`].
pub fn rank_update_part(shape: Shape, part: Range<usize>, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
    let Shape { inputs, outputs } = shape;
    crate::activity::keep(keep, w);
    let mut x = rows(x, inputs);
    let mut d = rows(d, outputs);
    while let (Some(x0), Some(d0)) = (x.next(), d.next()) {
        let x0 = some(x0, &part);
        match (x.next(), d.next()) {
            (Some(x1), Some(d1)) => {
                let x1 = some(x1, &part);
                let columns = d0.iter().zip(d1).map(|(&d0, &d1)| [d0, d1]);
                each_tile(columns, 1, |tile| {
                    let inputs = x0.iter().zip(x1).map(|(&x0, &x1)| [x0, x1]);
                    add_columns(inputs, scale, tile, outputs, w);
                });
            }
            _ => {
                let columns = d0.iter().map(|&d| [d]);
                each_tile(columns, 1, |tile| {
                    add_columns(x0.iter().map(|&x| [x]), scale, tile, outputs, w);
                });
            }
        }
    }
}

/// Some columns of `w += scale * x' d`.
#[inline(always)]
fn add_columns<const R: usize>(
    x: impl Iterator<Item = [f32; R]>,
    scale: f32,
    tile: Tile<'_, R>,
    outputs: usize,
    w: &mut [f32],
) {
    // Not `rows_mut`: side by side with the inputs, exact chunks need no counter of their own.
    for (x, row) in x.zip(w.chunks_exact_mut(outputs.max(1))) {
        if is_active(x) {
            add_row(x.map(|x| scale * x), tile, row);
        }
    }
}

/// `dx <- d w'`; see [`Kernel::matmul_transposed`].
///
/// Every value is a scalar product of a row of `d` with a contiguous row of `w`, summed in
/// interleaved partial sums. On bare metal it is a function of its own, as row loops are, so that it
/// is compiled for speed and not again, for size, in every application.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
pub fn matmul_transposed(shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
    for (d, dx) in both(rows(d, shape.outputs), rows_mut(dx, shape.inputs)) {
        for (dx, w) in dx.iter_mut().zip(rows(w, shape.outputs)) {
            *dx = dot(w, d);
        }
    }
}

/// The scalar product of a row of weights with a row of `d` that is as long.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
fn dot(w: &[f32], d: &[f32]) -> f32 {
    let (blocks, tail) = d.as_chunks();
    let (own, rest) = w.as_chunks();
    let mut sums = blocks::products(own, blocks);
    if !tail.is_empty() {
        // A copy, since the sums that a loop goes over cannot stay in registers.
        let mut copy = sums;
        add_products(&mut copy, rest, tail);
        sums = copy;
    }
    sums.iter().sum()
}

/// `sums += w * d`, value by value, not worth a block.
#[inline(never)]
fn add_products(sums: &mut [f32], w: &[f32], d: &[f32]) {
    sums.iter_mut().zip(w).zip(d).for_each(|((sum, w), d)| *sum += w * d);
}

/// Some columns of one row of weights.
#[inline(always)]
fn add_row<const R: usize>(x: [f32; R], tile: Tile<'_, R>, row: &mut [f32]) {
    for Active { values, at } in tile.entries() {
        let Some(w) = row.get_mut(*at) else { break };
        let mut products = x.iter().zip(values).map(|(x, d)| x * d);
        let first = products.next().unwrap_or(0.0);
        *w += products.fold(first, |sum, product| sum + product);
    }
}
