//! The kernel that multiplies four values at a time (128-bit SIMD), with the bits of the portable one.
//!
//! The loops go over whole blocks in functions that may use the vector unit, and the compiler keeps a block in
//! vectors. Every output is summed over its inputs in the portable kernel's order, a column a lane, so the sums are
//! the same; nothing is fused. Wherever the page runs, both kernels learn the same weights.

use core::ops::Range;

use ff_core::activity;
use ff_core::kernel::{Kernel, Portable, RowLoop};
use ff_core::layer::Shape;

/// Columns whose sums stay in registers: four vectors.
const BLOCK: usize = 16;

/// Partial sums of a scalar product, as the portable kernel has them: two vectors.
const LANES: usize = 8;

/// The portable kernel or the vector one, chosen while the page runs.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    /// Whether the vector unit is used.
    pub vector: bool,
}

impl Kernel for Chosen {
    fn product(&mut self, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.product_part(shape, 0..shape.inputs, x, w, y);
    }

    fn rank_update(&mut self, shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
        self.rank_update_part(shape, 0..shape.inputs, keep, scale, x, d, w);
    }

    fn product_part(&mut self, shape: Shape, part: Range<usize>, x: &[f32], w: &[f32], y: &mut [f32]) {
        if !self.vector {
            return Portable.product_part(shape, part, x, w, y);
        }
        if part.start == 0 {
            y.fill(0.0);
        }
        for (x, y) in rows(x, shape.inputs).zip(y.chunks_exact_mut(shape.outputs.max(1))) {
            add_products(x.get(part.clone()).unwrap_or_default(), w, y);
        }
    }

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
        if !self.vector {
            return Portable.rank_update_part(shape, part, keep, scale, x, d, w);
        }
        activity::keep(keep, w);
        let mut x = rows(x, shape.inputs).map(|row| row.get(part.clone()).unwrap_or_default());
        let mut d = rows(d, shape.outputs);
        // Two rows at a time, as the portable kernel adds them: their sum goes to the weight.
        while let (Some(x0), Some(d0)) = (x.next(), d.next()) {
            match (x.next(), d.next()) {
                (Some(x1), Some(d1)) => add_outer([x0, x1], scale, [d0, d1], w),
                _ => add_outer([x0], scale, [d0], w),
            }
        }
    }

    fn dense_rank_update_part(
        &mut self,
        shape: Shape,
        part: Range<usize>,
        keep: f32,
        scale: f32,
        x: &[f32],
        d: &[f32],
        w: &mut [f32],
    ) {
        if self.vector {
            self.rank_update_part(shape, part, keep, scale, x, d, w);
        } else {
            Portable.dense_rank_update_part(shape, part, keep, scale, x, d, w);
        }
    }

    fn matmul_transposed(&mut self, shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
        if !self.vector {
            return Portable.matmul_transposed(shape, d, w, dx);
        }
        for (d, dx) in rows(d, shape.outputs).zip(dx.chunks_exact_mut(shape.inputs.max(1))) {
            dots(w, d, dx);
        }
    }

    fn rows<R: RowLoop>(&mut self, width: usize, data: &mut [f32], body: R) {
        if self.vector { vector_rows(width, data, &body) } else { Portable.rows(width, data, body) }
    }

    fn rows_into<F>(&mut self, width: usize, data: &mut [f32], out: &mut [f32], f: F)
    where
        F: Fn(usize, &mut [f32]) -> f32 + Sync,
    {
        if self.vector { vector_rows_into(width, data, out, &f) } else { Portable.rows_into(width, data, out, f) }
    }
}

fn rows(values: &[f32], width: usize) -> core::slice::ChunksExact<'_, f32> {
    values.chunks_exact(width.max(1))
}

/// `y <- y + x w` for one row x.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn add_products(x: &[f32], w: &[f32], y: &mut [f32]) {
    let outputs = y.len();
    let (blocks, rest) = y.as_chunks_mut::<BLOCK>();
    for (block, column) in blocks.iter_mut().zip((0..).step_by(BLOCK)) {
        let mut sums = *block;
        for (&x, row) in x.iter().zip(rows(w, outputs)) {
            let Some(row) = row.get(column..).and_then(|row| row.first_chunk::<BLOCK>()) else { break };
            // What is zero adds nothing.
            if x != 0.0 {
                sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * w);
            }
        }
        *block = sums;
    }
    let whole = outputs - rest.len();
    for (&x, row) in x.iter().zip(rows(w, outputs)) {
        rest.iter_mut().zip(row.iter().skip(whole)).for_each(|(sum, w)| *sum += x * w);
    }
}

/// `w <- w + scale * x' d` for the rows x and d.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn add_outer<const R: usize>(x: [&[f32]; R], scale: f32, d: [&[f32]; R], w: &mut [f32]) {
    let outputs = d[0].len();
    for (i, row) in w.chunks_exact_mut(outputs.max(1)).enumerate() {
        let x = x.map(|x| x.get(i).map_or(0.0, |x| scale * x));
        if x == [0.0; R] {
            continue;
        }
        let (blocks, rest) = row.as_chunks_mut::<BLOCK>();
        let whole = outputs - rest.len();
        for (block, column) in blocks.iter_mut().zip((0..).step_by(BLOCK)) {
            let Some(d) = all_blocks(d, column) else { break };
            *block = core::array::from_fn(|j| block[j] + sum_of_products(x, d.map(|d| d[j])));
        }
        for (j, w) in rest.iter_mut().enumerate() {
            *w += sum_of_products(x, d.map(|d| d[whole + j]));
        }
    }
}

#[inline(always)]
fn all_blocks<const R: usize>(rows: [&[f32]; R], column: usize) -> Option<[&[f32; BLOCK]; R]> {
    let blocks = rows.map(|row| row.get(column..).and_then(|row| row.first_chunk::<BLOCK>()));
    blocks.iter().all(Option::is_some).then(|| blocks.map(Option::unwrap))
}

/// Without a zero to begin with, which would turn a -0 into 0.
#[inline(always)]
fn sum_of_products<const R: usize>(x: [f32; R], d: [f32; R]) -> f32 {
    let mut products = x.iter().zip(d).map(|(x, d)| x * d);
    let first = products.next().unwrap_or(0.0);
    products.fold(first, |sum, product| sum + product)
}

/// `dx_i <- w_i d`, the scalar product with every row of weights.
#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn dots(w: &[f32], d: &[f32], dx: &mut [f32]) {
    let (blocks, tail) = d.as_chunks::<LANES>();
    for (dx, row) in dx.iter_mut().zip(rows(w, d.len())) {
        let (own, rest) = row.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for (w, d) in own.iter().zip(blocks) {
            sums.iter_mut().zip(w).zip(d).for_each(|((sum, w), d)| *sum += w * d);
        }
        sums.iter_mut().zip(rest).zip(tail).for_each(|((sum, w), d)| *sum += w * d);
        *dx = sums.iter().sum();
    }
}

#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn vector_rows<R: RowLoop>(width: usize, data: &mut [f32], body: &R) {
    data.chunks_exact_mut(width.max(1)).enumerate().for_each(|(r, row)| body.run(r, row));
}

#[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
fn vector_rows_into<F: Fn(usize, &mut [f32]) -> f32>(width: usize, data: &mut [f32], out: &mut [f32], f: &F) {
    for (r, (row, out)) in data.chunks_exact_mut(width.max(1)).zip(out).enumerate() {
        *out = f(r, row);
    }
}
