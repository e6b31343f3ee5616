//! Counts the multiply-adds of another kernel.

use core::ops::Range;

use super::{Kernel, RowLoop};
use crate::layer::Shape;

/// A kernel that counts dense multiply-adds of products, outer products and pull-backs, and leaves the work to
/// the kernel inside. Skipped zeros are counted: the count depends on shapes, not on data.
#[derive(Clone, Copy, Debug, Default)]
pub struct Metered<K> {
    /// Who does the work.
    pub kernel: K,
    /// Multiply-adds so far.
    pub multiply_adds: u64,
}

impl<K> Metered<K> {
    /// Counts from zero.
    pub const fn new(kernel: K) -> Self {
        Self { kernel, multiply_adds: 0 }
    }
}

impl<K: Kernel> Kernel for Metered<K> {
    fn product(&mut self, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.multiply_adds += (y.len() * shape.inputs) as u64;
        self.kernel.product(shape, x, w, y);
    }

    fn rank_update(&mut self, shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
        self.multiply_adds += (d.len() * shape.inputs) as u64;
        self.kernel.rank_update(shape, keep, scale, x, d, w);
    }

    fn product_part(&mut self, shape: Shape, part: Range<usize>, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.multiply_adds += (y.len() * part.len()) as u64;
        self.kernel.product_part(shape, part, x, w, y);
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
        self.multiply_adds += (d.len() * part.len()) as u64;
        self.kernel.rank_update_part(shape, part, keep, scale, x, d, w);
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
        self.multiply_adds += (d.len() * part.len()) as u64;
        self.kernel.dense_rank_update_part(shape, part, keep, scale, x, d, w);
    }

    fn matmul_transposed(&mut self, shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
        self.multiply_adds += (d.len() * shape.inputs) as u64;
        self.kernel.matmul_transposed(shape, d, w, dx);
    }

    fn add_squares(&mut self, x: f32, w: &[f32], y: &mut [f32]) {
        self.multiply_adds += y.len() as u64;
        self.kernel.add_squares(x, w, y);
    }

    fn rows<R: RowLoop>(&mut self, width: usize, data: &mut [f32], body: R) {
        self.kernel.rows(width, data, body);
    }

    fn rows_into<F>(&mut self, width: usize, data: &mut [f32], out: &mut [f32], f: F)
    where
        F: Fn(usize, &mut [f32]) -> f32 + Sync,
    {
        self.kernel.rows_into(width, data, out, f);
    }

    fn rows_together<const N: usize, F>(&mut self, width: usize, data: [&mut [f32]; N], f: F)
    where
        F: Fn(usize, [&mut [f32]; N]) + Sync,
    {
        self.kernel.rows_together(width, data, f);
    }
}
