//! Products whose left factor is mostly zeros, as images and a ReLU's outputs are.
//!
//! `out <- keep * out + a b`, where only the entries of `a` that are not zero are multiplied. They
//! are listed once; then a panel of `b`, about as large as the first-level cache, is multiplied by
//! one row of `a` after another, a row's sums staying in registers. At a fifth of the entries this
//! takes less than half of a dense product's time. Beyond [`WORTH_LISTING`] the GEMM library is faster,
//! for it loads fewer values for each multiply-add.

mod list;
mod multiply;

use std::ops::Range;

use ff_core::layer::Shape;
use pulp::Arch;

use super::split::Team;
use list::List;
use multiply::{Multiply, WIDEST};

/// Up to this part of entries that are not zero, skipping the others is faster.
const WORTH_LISTING: f32 = 0.55;

/// Fewer rows or columns of the result than this are not worth a panel.
const FEW: usize = 32;

/// Room for the threads' lists and panels, kept from product to product.
#[derive(Debug)]
pub(super) struct Sparse {
    lists: Vec<List>,
    panels: Vec<Vec<f32>>,
}

/// The right factor of a product, row-major.
#[derive(Clone, Copy)]
struct Factor<'a> {
    values: &'a [f32],
    columns: usize,
}

/// One sample in so many is looked at to estimate how many inputs are zero: all of them would take a
/// fiftieth of a step.
const LOOKED_AT: usize = 8;

/// Whether so many of the inputs are zero that [`Sparse`] should multiply them.
///
/// `rows` are those of the result.
pub(super) fn pays(shape: Shape, rows: usize, x: &[f32]) -> bool {
    let samples = || x.chunks_exact(shape.inputs).step_by(LOOKED_AT);
    let live = || samples().map(|x| x.iter().filter(|&&x| x != 0.0).count()).sum::<usize>();
    let all = samples().len() * shape.inputs;
    shape.outputs >= FEW && rows >= FEW && Arch::new().dispatch(live) as f32 <= WORTH_LISTING * all as f32
}

impl Sparse {
    pub const fn new() -> Self {
        Self { lists: Vec::new(), panels: Vec::new() }
    }

    /// `y <- x w`, threads dividing the outputs: each would load all of `w` if they divided samples.
    pub fn product(&mut self, team: Team, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
        let Shape { inputs, outputs } = shape;
        let x = |sample: usize, input: usize| x[sample * inputs + input];
        let (lists, panels) = self.list(team, x, y.len() / outputs, inputs);
        let w = Factor { values: w, columns: outputs };
        by_columns(team, w, lists, 0..outputs, panels, y.chunks_exact_mut(outputs).collect());
    }

    /// `w <- keep * w + scale * x' d`, threads dividing the inputs.
    #[expect(clippy::too_many_arguments, reason = "those of a kernel's outer product, and who works")]
    pub fn rank_update(
        &mut self,
        team: Team,
        shape: Shape,
        keep: f32,
        scale: f32,
        x: &[f32],
        d: &[f32],
        w: &mut [f32],
    ) {
        let Shape { inputs, outputs } = shape;
        let scaled = |input: usize, sample: usize| scale * x[sample * inputs + input];
        let (lists, panels) = self.list(team, scaled, inputs, d.len() / outputs);
        let d = Factor { values: d, columns: outputs };
        let mut rows = w.chunks_exact_mut(outputs).collect::<Vec<_>>();
        by_rows(team, d, keep, lists, panels, &mut rows);
    }

    /// A list for each thread's share of the left factor's rows, and its panels.
    fn list<A>(&mut self, team: Team, a: A, rows: usize, columns: usize) -> (&[List], &mut [Vec<f32>])
    where
        A: Fn(usize, usize) -> f32 + Sync,
    {
        let threads = team.threads();
        self.lists.resize_with(threads.max(self.lists.len()), List::default);
        self.panels.resize_with(threads.max(self.panels.len()), Vec::new);
        let lists = &mut self.lists[..threads];
        list::fill(team, &a, 0..rows, columns, lists);
        (lists, &mut self.panels[..threads])
    }
}

/// Overwrites some columns of the result, threads dividing them: each walks through every list.
fn by_columns(
    team: Team,
    b: Factor<'_>,
    lists: &[List],
    columns: Range<usize>,
    panels: &mut [Vec<f32>],
    mut out: Vec<&mut [f32]>,
) {
    if team.threads() > 1 {
        let (one, two, share) = team.halves(columns.len().div_ceil(WIDEST));
        let share = columns.len().min(share * WIDEST);
        let middle = columns.start + share;
        let (panels, others) = panels.split_at_mut(one.threads());
        let right = out.iter_mut().filter_map(|row| row.split_off_mut(share..)).collect();
        rayon::join(
            || by_columns(one, b, lists, columns.start..middle, panels, out),
            || by_columns(two, b, lists, middle..columns.end, others, right),
        );
    } else if let [panels] = panels {
        Arch::new().dispatch(Multiply { lists, b, columns, keep: 0.0, panels, out: &mut out });
    }
}

/// Adds to the rows of the result, threads dividing them as they divided the lists.
fn by_rows(team: Team, b: Factor<'_>, keep: f32, lists: &[List], panels: &mut [Vec<f32>], out: &mut [&mut [f32]]) {
    if team.threads() > 1 {
        let (one, two, _) = team.halves(out.len());
        let (lists, others) = lists.split_at(one.threads());
        let (above, below) = out.split_at_mut(lists.iter().map(|list| list.rows).sum());
        let (panels, other_panels) = panels.split_at_mut(one.threads());
        rayon::join(
            || by_rows(one, b, keep, lists, panels, above),
            || by_rows(two, b, keep, others, other_panels, below),
        );
    } else if let [panels] = panels {
        Arch::new().dispatch(Multiply { lists, b, columns: 0..b.columns, keep, panels, out });
    }
}
