//! The portable kernel: the reference for every other, and what devices run.
//!
//! It is written for a small core with floating-point registers and no cache: sums stay in
//! registers over a block of columns, two rows (a positive and a negative) share every weight that
//! is loaded, and zero inputs (half of a digit's pixels, most of a ReLU's outputs) are skipped.
//! Each output is summed over its inputs in order, whatever the blocking, and a skipped zero would
//! have added exactly nothing: all paths give the same bits.

use super::Kernel;
use crate::layer::Shape;

/// The kernel with every default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Portable;

impl Kernel for Portable {}

/// Columns of one block when one row is multiplied: its sums fill half of a Cortex-M4F's registers.
const ONE: usize = 16;

/// Columns of one block when two rows share the weights.
const TWO: usize = 8;

/// `y <- x w`; see [`Kernel::product`].
pub fn product(shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
    let Shape { inputs, outputs } = shape;
    let mut pairs_x = x.chunks_exact(2 * inputs);
    let mut pairs_y = y.chunks_exact_mut(2 * outputs);
    for (x, y) in pairs_x.by_ref().zip(pairs_y.by_ref()) {
        let (x0, x1) = x.split_at(inputs);
        let (y0, y1) = y.split_at_mut(outputs);
        product_two(outputs, [x0, x1], w, [y0, y1]);
    }
    product_one(outputs, pairs_x.remainder(), w, pairs_y.into_remainder());
}

/// One row: `y <- x w`, block of columns by block of columns, skipping zero inputs.
fn product_one(outputs: usize, x: &[f32], w: &[f32], y: &mut [f32]) {
    for (block, y) in y.chunks_mut(ONE).enumerate() {
        let mut sums = [0.0_f32; ONE];
        for (&x, row) in x.iter().zip(w.chunks_exact(outputs)) {
            if x != 0.0 {
                add_scaled(&mut sums, x, row.get(block * ONE..).unwrap_or(&[]));
            }
        }
        y.iter_mut().zip(sums).for_each(|(y, sum)| *y = sum);
    }
}

/// Two rows over the same weights. An input that is zero in both is skipped.
fn product_two(outputs: usize, x: [&[f32]; 2], w: &[f32], y: [&mut [f32]; 2]) {
    let [x0, x1] = x;
    let [y0, y1] = y;
    for (block, (y0, y1)) in y0.chunks_mut(TWO).zip(y1.chunks_mut(TWO)).enumerate() {
        let mut sums = [[0.0_f32; TWO]; 2];
        for ((&x0, &x1), row) in x0.iter().zip(x1).zip(w.chunks_exact(outputs)) {
            if x0 != 0.0 || x1 != 0.0 {
                let row = row.get(block * TWO..).unwrap_or(&[]);
                let [s0, s1] = &mut sums;
                add_scaled_two([s0, s1], [x0, x1], row);
            }
        }
        y0.iter_mut().zip(sums[0]).for_each(|(y, sum)| *y = sum);
        y1.iter_mut().zip(sums[1]).for_each(|(y, sum)| *y = sum);
    }
}

/// `sums += x * row`, for the first `N` of the row or all that there is.
#[inline(always)]
fn add_scaled<const N: usize>(sums: &mut [f32; N], x: f32, row: &[f32]) {
    match row.first_chunk::<N>() {
        Some(row) => sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * w),
        None => sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * w),
    }
}

/// The same for two rows of sums, loading each weight once.
#[inline(always)]
fn add_scaled_two<const N: usize>(sums: [&mut [f32; N]; 2], x: [f32; 2], row: &[f32]) {
    let [s0, s1] = sums;
    match row.first_chunk::<N>() {
        Some(row) => s0.iter_mut().zip(s1).zip(row).for_each(|((s0, s1), w)| {
            *s0 += x[0] * w;
            *s1 += x[1] * w;
        }),
        None => s0.iter_mut().zip(s1).zip(row).for_each(|((s0, s1), w)| {
            *s0 += x[0] * w;
            *s1 += x[1] * w;
        }),
    }
}

/// `w <- keep * w + scale * x' d`; see [`Kernel::add_outer`].
///
/// Without decay (`keep` = 1) the weights of a zero input are not even loaded.
pub fn add_outer(shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
    let Shape { inputs, outputs } = shape;
    if keep != 1.0 {
        w.iter_mut().for_each(|w| *w *= keep);
    }
    let mut pairs_x = x.chunks_exact(2 * inputs);
    let mut pairs_d = d.chunks_exact(2 * outputs);
    for (x, d) in pairs_x.by_ref().zip(pairs_d.by_ref()) {
        let (x0, x1) = x.split_at(inputs);
        let (d0, d1) = d.split_at(outputs);
        outer_two(outputs, scale, [x0, x1], [d0, d1], w);
    }
    outer_one(outputs, scale, pairs_x.remainder(), pairs_d.remainder(), w);
}

/// `w += scale * x' d` for one row.
fn outer_one(outputs: usize, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
    for (&x, row) in x.iter().zip(w.chunks_exact_mut(outputs)) {
        if x != 0.0 {
            let x = scale * x;
            row.iter_mut().zip(d).for_each(|(w, d)| *w += x * d);
        }
    }
}

/// The same for two rows, loading and storing each weight once.
fn outer_two(outputs: usize, scale: f32, x: [&[f32]; 2], d: [&[f32]; 2], w: &mut [f32]) {
    let [x0, x1] = x;
    let [d0, d1] = d;
    for ((&x0, &x1), row) in x0.iter().zip(x1).zip(w.chunks_exact_mut(outputs)) {
        if x0 != 0.0 || x1 != 0.0 {
            let (x0, x1) = (scale * x0, scale * x1);
            row.iter_mut().zip(d0).zip(d1).for_each(|((w, d0), d1)| *w += x0 * d0 + x1 * d1);
        }
    }
}

/// `dx <- d w'`; see [`Kernel::pull_back`].
///
/// Every value is a scalar product of a row of `d` with a contiguous row of `w`, summed in
/// interleaved partial sums. Two rows of `d` share every weight that is loaded, and get the bits
/// that each would get alone.
#[inline(always)]
pub fn pull_back(shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
    let Shape { inputs, outputs } = shape;
    let mut pairs_d = d.chunks_exact(2 * outputs);
    let mut pairs_x = dx.chunks_exact_mut(2 * inputs);
    for (d, dx) in pairs_d.by_ref().zip(pairs_x.by_ref()) {
        let (d0, d1) = d.split_at(outputs);
        let (x0, x1) = dx.split_at_mut(inputs);
        for ((row, x0), x1) in w.chunks_exact(outputs).zip(x0).zip(x1) {
            [*x0, *x1] = dot_two(row, [d0, d1]);
        }
    }
    let d = pairs_d.remainder();
    for (row, dx) in w.chunks_exact(outputs).zip(pairs_x.into_remainder()) {
        *dx = dot(row, d);
    }
}

/// The scalar product of a row of weights with `d`.
#[inline(always)]
fn dot(row: &[f32], d: &[f32]) -> f32 {
    let mut sums = [0.0_f32; TWO];
    let ((rows, row), (ds, d)) = (row.as_chunks::<TWO>(), d.as_chunks::<TWO>());
    for (row, d) in rows.iter().zip(ds) {
        add_products(&mut sums, row, d);
    }
    add_products(&mut sums, row, d);
    sums.iter().sum()
}

/// The same with two rows of `d`.
#[inline(always)]
fn dot_two(row: &[f32], d: [&[f32]; 2]) -> [f32; 2] {
    let mut sums = [[0.0_f32; TWO]; 2];
    let [s0, s1] = &mut sums;
    let ((rows, row), (d0s, d0), (d1s, d1)) =
        (row.as_chunks::<TWO>(), d[0].as_chunks::<TWO>(), d[1].as_chunks::<TWO>());
    for ((row, d0), d1) in rows.iter().zip(d0s).zip(d1s) {
        add_products(s0, row, d0);
        add_products(s1, row, d1);
    }
    add_products(s0, row, d0);
    add_products(s1, row, d1);
    sums.map(|sums| sums.iter().sum())
}

/// `sums += row * d`, value by value.
#[inline(always)]
fn add_products(sums: &mut [f32; TWO], row: &[f32], d: &[f32]) {
    sums.iter_mut().zip(row).zip(d).for_each(|((sum, w), d)| *sum += w * d);
}
