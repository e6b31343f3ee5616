//! Matrix products by the `gemm` crate: its part for `f32` alone, for the parts for other numbers take
//! a tenth of the time that a build takes. It wants its result in columns, so all matrices are handed
//! over transposed: `y' = w' x'`.
//!
//! The one file of the host with `unsafe`: the library takes raw pointers, and threads write
//! disjoint columns of one matrix, which slices cannot say. Every call checks its lengths first.

#![allow(unsafe_code)]

use super::split::Team;
use ff_core::layer::Shape;
use gemm_common::Parallelism;
use gemm_f32::gemm::f32::get_gemm_fn;

/// Columns are divided at multiples of the library's widest register.
const LANES: usize = 16;

/// A pointer that may cross threads: each thread touches its own columns only.
#[derive(Clone, Copy)]
struct Shared(*mut f32);

// SAFETY: `columns` hands every thread a range of columns of its own.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// `y <- x w`, threads dividing the columns: with a batch of 100 rows, dividing those would leave
/// each thread too few for the library's blocking.
pub(super) fn product(team: Team, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
    let Shape { inputs, outputs } = shape;
    multiply(team, Factors { inner: inputs, columns: outputs, x, w, w_column: 1, w_row: outputs }, y);
}

/// `dx <- d w'`, threads dividing the columns. The transposition is a matter of strides.
pub(super) fn matmul_transposed(team: Team, shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
    let Shape { inputs, outputs } = shape;
    multiply(team, Factors { inner: outputs, columns: inputs, x: d, w, w_column: outputs, w_row: 1 }, dx);
}

/// What is multiplied: x is rows x inner, row-major; w inner x columns with these strides, which
/// take it whole.
#[derive(Clone, Copy)]
struct Factors<'a> {
    inner: usize,
    columns: usize,
    x: &'a [f32],
    w: &'a [f32],
    w_column: usize,
    w_row: usize,
}

fn multiply(team: Team, factors: Factors<'_>, y: &mut [f32]) {
    let Factors { inner, columns: width, x, w, w_column, w_row } = factors;
    let rows = y.len() / width;
    // Sizes whose product overflows are longer than any slice.
    let holds =
        |slice: &[f32], rows: usize, columns: usize| rows.checked_mul(columns).is_some_and(|n| slice.len() >= n);
    assert!(holds(x, rows, inner) && holds(w, inner, width), "product: a slice is too short");
    columns(
        team,
        0..width,
        &|columns: std::ops::Range<usize>, y: Shared| {
            // SAFETY: x holds rows x inner, w inner x width, y rows x width values, x and y
            // row-major and w by strides of 1 and the other side; the columns lie within `width`,
            // and no other thread has them.
            unsafe {
                get_gemm_fn()(
                    columns.len(),
                    rows,
                    inner,
                    y.0.add(columns.start),
                    width as isize,
                    1,
                    false,
                    w.as_ptr().add(columns.start * w_column),
                    w_row as isize,
                    w_column as isize,
                    x.as_ptr(),
                    inner as isize,
                    1,
                    0.0,
                    1.0,
                    false,
                    false,
                    false,
                    Parallelism::None,
                );
            }
        },
        Shared(y.as_mut_ptr()),
    );
}

/// Runs `work` on every thread's share of the columns.
fn columns<F>(team: Team, range: std::ops::Range<usize>, work: &F, y: Shared)
where
    F: Fn(std::ops::Range<usize>, Shared) + Sync,
{
    let blocks = range.len().div_ceil(LANES);
    if team.threads() == 1 || blocks < 2 {
        return work(range, y);
    }
    let (one, two, share) = team.halves(blocks);
    let middle = range.start + share * LANES;
    rayon::join(|| columns(one, range.start..middle, work, y), || columns(two, middle..range.end, work, y));
}

/// `w <- keep * w + scale * x' d`, threads dividing the rows of `w`.
pub(super) fn rank_update(team: Team, shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
    let rows = d.len() / shape.outputs;
    let (x_length, w_length) = (rows.checked_mul(shape.inputs), shape.inputs.checked_mul(shape.outputs));
    assert!(
        x_length.is_some_and(|length| x.len() >= length) && w_length == Some(w.len()),
        "outer product: a slice has the wrong length"
    );
    if rows == 0 {
        return ff_core::activity::keep(keep, w);
    }
    outer_rows(team, Outer { shape, keep, scale, x, d, rows }, 0, w);
}

/// An outer product to be added, whatever rows of `w` it is asked for.
#[derive(Clone, Copy)]
struct Outer<'a> {
    shape: Shape,
    keep: f32,
    scale: f32,
    x: &'a [f32],
    d: &'a [f32],
    rows: usize,
}

fn outer_rows(team: Team, outer: Outer<'_>, first: usize, w: &mut [f32]) {
    let Shape { inputs, outputs } = outer.shape;
    let mine = w.len() / outputs;
    if team.threads() > 1 && mine >= 2 * LANES {
        let (one, two, share) = team.halves(mine.div_ceil(LANES));
        let (above, below) = w.split_at_mut(share * LANES * outputs);
        rayon::join(|| outer_rows(one, outer, first, above), || outer_rows(two, outer, first + share * LANES, below));
        return;
    }
    // SAFETY: x' begins at column `first` of x (rows x inputs) and d holds rows x outputs values,
    // both checked by the caller; w is this call's own slice of `mine` rows.
    unsafe {
        get_gemm_fn()(
            outputs,
            mine,
            outer.rows,
            w.as_mut_ptr(),
            outputs as isize,
            1,
            outer.keep != 0.0,
            outer.d.as_ptr(),
            outputs as isize,
            1,
            outer.x.as_ptr().add(first),
            1,
            inputs as isize,
            outer.keep,
            outer.scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
