//! The host's kernel: ff-core's operations by a GEMM library, loops that skip zeros, vector units and
//! threads.
//!
//! The algorithm stays ff-core's own; see [`ff_core::kernel`]. Against the portable kernel results
//! differ by rounding only, since sums are taken in another order.

mod gemm;
mod live;
mod pairs;
mod sparse;
mod split;
pub mod watched;

use ff_core::kernel::{Kernel, RowLoop, portable};
use ff_core::layer::Shape;
use live::LiveRows;
use sparse::Sparse;
use split::{Team, by_rows, by_rows_into, by_rows_together};

/// Products by the `gemm` crate or, where most inputs are zero, by loops that skip those; row loops
/// by the machine's widest vectors; all on the threads of its team.
///
/// Same input, same number of threads: same bits.
#[derive(Debug)]
pub struct HostKernel {
    team: Team,
    live: LiveRows,
    sparse: Sparse,
}

/// Below this many multiply-adds a product is not worth a library call, let alone a second thread.
const SMALL: usize = 1 << 12;

/// Below this many multiply-adds a product stays on one thread.
const WORTH_SHARING: usize = 1 << 18;

/// Below this many rows a pull-back is done by pairs of rows.
const FEW_ROWS: usize = 16;

impl HostKernel {
    /// A kernel for `threads` threads, at least one.
    #[must_use]
    pub const fn new(threads: usize) -> Self {
        Self { team: Team::new(threads), live: LiveRows::new(), sparse: Sparse::new() }
    }

    fn parts(&self, multiply_adds: usize) -> Team {
        if multiply_adds < WORTH_SHARING { Team::new(1) } else { self.team }
    }
}

impl Kernel for HostKernel {
    fn product(&mut self, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
        let work = y.len().saturating_mul(shape.inputs);
        if work < SMALL {
            return portable::product(shape, x, w, y);
        }
        if y.len() == shape.outputs.saturating_mul(2) {
            return pairs::product(shape, x, w, y);
        }
        let team = self.parts(work);
        if sparse::pays(shape, y.len() / shape.outputs, x) {
            return self.sparse.product(team, shape, x, w, y);
        }
        gemm::product(team, shape, x, w, y);
    }

    fn rank_update(&mut self, shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
        let work = d.len().saturating_mul(shape.inputs);
        if shape.inputs == 1 {
            return pairs::add_rows(keep, scale, x, d, w);
        }
        if work < SMALL {
            return portable::rank_update(shape, keep, scale, x, d, w);
        }
        let team = self.parts(work);
        let (x, d) = self.live.gather(shape, x, d);
        if sparse::pays(shape, shape.inputs, x) {
            return self.sparse.rank_update(team, shape, keep, scale, x, d, w);
        }
        gemm::rank_update(team, shape, keep, scale, x, d, w);
    }

    fn matmul_transposed(&mut self, shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
        let work = d.len().saturating_mul(shape.inputs);
        if work < SMALL {
            return portable::matmul_transposed(shape, d, w, dx);
        }
        if d.len() < shape.outputs.saturating_mul(FEW_ROWS) {
            return pairs::matmul_transposed(shape, d, w, dx);
        }
        gemm::matmul_transposed(self.parts(work), shape, d, w, dx);
    }

    fn rows<R: RowLoop>(&mut self, width: usize, data: &mut [f32], body: R) {
        let rows = data.len() / width;
        by_rows(self.team.for_values(rows * body.work(width)), width, 0, data, &body);
    }

    fn rows_into<F>(&mut self, width: usize, data: &mut [f32], out: &mut [f32], f: F)
    where
        F: Fn(usize, &mut [f32]) -> f32 + Sync,
    {
        by_rows_into(self.team.for_values(data.len()), width, 0, data, out, &f);
    }

    fn rows_together<const N: usize, F>(&mut self, width: usize, data: [&mut [f32]; N], f: F)
    where
        F: Fn(usize, [&mut [f32]; N]) + Sync,
    {
        let values = data.iter().map(|array| array.len()).sum();
        by_rows_together(self.team.for_values(values), width, 0, data, &f);
    }
}

/// Sets up the process's threads, the calling one among them, before the first kernel works.
///
/// Without this the first kernel makes one thread a core, and every shared piece of work waits for
/// two hand-overs more.
///
/// # Errors
/// Where threads were set up before, or the machine refuses them.
pub fn use_threads(threads: usize) -> Result<(), rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).use_current_thread().build_global()
}
