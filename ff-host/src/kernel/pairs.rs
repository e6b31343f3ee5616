//! Products of very few rows, which a GEMM library is not made for: it would first pack all weights
//! for rows that read each of them once. These loops stream the weights past two rows at a time.

use ff_core::activity;
use ff_core::layer::Shape;
use pulp::{Arch, Simd, WithSimd};

/// `y <- x w` for two rows. Inputs that are zero in both, as a ReLU leaves many, are skipped.
pub(super) fn product(shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
    Arch::new().dispatch(ProductTwo { shape, x, w, y });
}

/// `dx <- d w'`, two rows at a time.
pub(super) fn matmul_transposed(shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
    Arch::new().dispatch(PullBack { shape, d, w, dx });
}

/// `w <- keep * w + scale * x' d` for a single input: a weighted sum of the rows of `d`.
pub(super) fn add_rows(keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
    Arch::new().dispatch(|| {
        activity::keep(keep, w);
        for (x, d) in x.iter().zip(d.chunks_exact(w.len())).filter(|(x, _)| **x != 0.0) {
            activity::add_scaled(w, scale * x, d);
        }
    });
}

struct ProductTwo<'a> {
    shape: Shape,
    x: &'a [f32],
    w: &'a [f32],
    y: &'a mut [f32],
}

impl WithSimd for ProductTwo<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Shape { inputs, outputs } = self.shape;
        let (x0, x1) = self.x.split_at(inputs);
        let (y0, y1) = self.y.split_at_mut(outputs);
        y0.fill(0.0);
        y1.fill(0.0);
        let rows = x0.iter().zip(x1).zip(self.w.chunks_exact(outputs));
        let mut live = rows.filter(|((x0, x1), _)| **x0 != 0.0 || **x1 != 0.0);
        // Two weight rows at a time: every sum is then loaded and stored half as often.
        while let Some(((&a0, &a1), a)) = live.next() {
            let ((&b0, &b1), b) = live.next().unwrap_or(((&0.0, &0.0), a));
            add_two(simd, [a, b], [[a0, b0], [a1, b1]], [y0, y1]);
        }
    }
}

/// `y_r += x_r0 a + x_r1 b` for two rows r.
#[inline(always)]
fn add_two<S: Simd>(simd: S, w: [&[f32]; 2], x: [[f32; 2]; 2], [y0, y1]: [&mut [f32]; 2]) {
    let [(a, a_tail), (b, b_tail)] = w.map(S::as_simd_f32s);
    let ((y0, y0_tail), (y1, y1_tail)) = (S::as_mut_simd_f32s(y0), S::as_mut_simd_f32s(y1));
    let [[a0, b0], [a1, b1]] = x.map(|x| x.map(|x| simd.splat_f32s(x)));
    for (((y0, y1), &a), &b) in y0.iter_mut().zip(y1.iter_mut()).zip(a).zip(b) {
        *y0 = simd.mul_add_e_f32s(b0, b, simd.mul_add_e_f32s(a0, a, *y0));
        *y1 = simd.mul_add_e_f32s(b1, b, simd.mul_add_e_f32s(a1, a, *y1));
    }
    for (((y0, y1), a), b) in y0_tail.iter_mut().zip(y1_tail).zip(a_tail).zip(b_tail) {
        *y0 += x[0][0] * a + x[0][1] * b;
        *y1 += x[1][0] * a + x[1][1] * b;
    }
}

struct PullBack<'a> {
    shape: Shape,
    d: &'a [f32],
    w: &'a [f32],
    dx: &'a mut [f32],
}

impl WithSimd for PullBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Shape { inputs, outputs } = self.shape;
        let mut pairs_d = self.d.chunks_exact(2 * outputs);
        let mut pairs_x = self.dx.chunks_exact_mut(2 * inputs);
        for (d, dx) in pairs_d.by_ref().zip(pairs_x.by_ref()) {
            let (d0, d1) = d.split_at(outputs);
            let (x0, x1) = dx.split_at_mut(inputs);
            pull(simd, outputs, [d0, d1], self.w, [x0, x1]);
        }
        let (d, dx) = (pairs_d.remainder(), pairs_x.into_remainder());
        if !dx.is_empty() {
            pull(simd, outputs, [d], self.w, [dx]);
        }
    }
}

/// The scalar products of `ROWS` rows with every weight row, four of those at a time: enough sums
/// at once to hide the latency of an addition.
#[inline(always)]
fn pull<S: Simd, const ROWS: usize>(simd: S, outputs: usize, d: [&[f32]; ROWS], w: &[f32], mut dx: [&mut [f32]; ROWS]) {
    const FOUR: usize = 4;
    let inputs = dx[0].len();
    for (block, rows) in w.split_at(inputs * outputs).0.chunks(FOUR * outputs).enumerate() {
        // A block that is cut short repeats its first row, and drops what comes of it.
        let row = |k: usize| rows.get(k * outputs..(k + 1) * outputs).unwrap_or(&rows[..outputs]);
        let sums = dots(simd, d, [row(0), row(1), row(2), row(3)]);
        let count = (inputs - block * FOUR).min(FOUR);
        for (dx, sums) in dx.iter_mut().zip(sums) {
            dx[block * FOUR..][..count].copy_from_slice(&sums[..count]);
        }
    }
}

#[inline(always)]
fn dots<S: Simd, const ROWS: usize>(simd: S, d: [&[f32]; ROWS], w: [&[f32]; 4]) -> [[f32; 4]; ROWS] {
    let mut sums = [[simd.splat_f32s(0.0); 4]; ROWS];
    let (d, w) = (d.map(S::as_simd_f32s), w.map(S::as_simd_f32s));
    for i in 0..w[0].0.len() {
        let w = w.map(|(blocks, _)| blocks[i]);
        for (sums, (blocks, _)) in sums.iter_mut().zip(d) {
            let d = blocks[i];
            for (sum, w) in sums.iter_mut().zip(w) {
                *sum = simd.mul_add_e_f32s(w, d, *sum);
            }
        }
    }
    let tails = w.map(|(_, tail)| simd.partial_load_f32s(tail));
    for (sums, (_, tail)) in sums.iter_mut().zip(d) {
        let d = simd.partial_load_f32s(tail);
        for (sum, w) in sums.iter_mut().zip(tails) {
            *sum = simd.mul_add_e_f32s(w, d, *sum);
        }
    }
    sums.map(|sums| sums.map(|sum| simd.reduce_sum_f32s(sum)))
}
