//! A kernel that watches another one: what it was asked to multiply, and where time goes.

use std::time::{Duration, Instant};

use ff_core::kernel::{Kernel, RowLoop};
use ff_core::layer::Shape;

/// Leaves the work to the kernel inside, and keeps account of it.
#[derive(Debug)]
pub struct Watched<K> {
    /// Who does the work.
    pub kernel: K,
    /// Dense multiply-adds of all products so far, skipped rows included.
    pub multiply_adds: u64,
    /// Time in products.
    pub products: Duration,
    /// Time in row loops.
    pub rows: Duration,
    /// Every product so far, in order.
    pub calls: Vec<Call>,
}

/// One product: its kind, its matrix's shape, and how many rows went through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which of the three.
    pub kind: Kind,
    /// The matrix's shape.
    pub shape: Shape,
    /// Samples.
    pub rows: usize,
}

/// The products of a [`Kernel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `y <- x w`.
    Product,
    /// `w <- keep w + scale x' d`.
    AddOuter,
    /// `dx <- d w'`.
    PullBack,
}

impl<K> Watched<K> {
    /// Begins to watch.
    pub const fn new(kernel: K) -> Self {
        Self { kernel, multiply_adds: 0, products: Duration::ZERO, rows: Duration::ZERO, calls: Vec::new() }
    }

    fn product_done(&mut self, start: Instant, kind: Kind, shape: Shape, rows: usize) {
        self.products += start.elapsed();
        self.multiply_adds += (rows * shape.weights()) as u64;
        self.calls.push(Call { kind, shape, rows });
    }
}

impl<K: Kernel> Kernel for Watched<K> {
    fn product(&mut self, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
        let start = Instant::now();
        self.kernel.product(shape, x, w, y);
        self.product_done(start, Kind::Product, shape, y.len() / shape.outputs);
    }

    fn rank_update(&mut self, shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
        let start = Instant::now();
        self.kernel.rank_update(shape, keep, scale, x, d, w);
        self.product_done(start, Kind::AddOuter, shape, d.len() / shape.outputs);
    }

    fn matmul_transposed(&mut self, shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
        let start = Instant::now();
        self.kernel.matmul_transposed(shape, d, w, dx);
        self.product_done(start, Kind::PullBack, shape, d.len() / shape.outputs);
    }

    fn rows<R: RowLoop>(&mut self, width: usize, data: &mut [f32], body: R) {
        let start = Instant::now();
        self.kernel.rows(width, data, body);
        self.rows += start.elapsed();
    }

    fn rows_into<F>(&mut self, width: usize, data: &mut [f32], out: &mut [f32], f: F)
    where
        F: Fn(usize, &mut [f32]) -> f32 + Sync,
    {
        let start = Instant::now();
        self.kernel.rows_into(width, data, out, f);
        self.rows += start.elapsed();
    }

    fn rows_together<const N: usize, F>(&mut self, width: usize, data: [&mut [f32]; N], f: F)
    where
        F: Fn(usize, [&mut [f32]; N]) + Sync,
    {
        let start = Instant::now();
        self.kernel.rows_together(width, data, f);
        self.rows += start.elapsed();
    }
}
