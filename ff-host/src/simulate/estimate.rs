//! Predicts the instructions that a Cortex-M4F takes, from what its kernel is asked to do.

use std::ops::Range;

use ff_core::kernel::{Kernel, RowLoop};
use ff_core::layer::Shape;

/// A kernel that keeps account of what the portable kernel does on a device. Zeros are skipped there, so
/// the count depends on the data.
pub struct Estimate<K> {
    kernel: K,
    /// What was done so far.
    pub work: Work,
}

/// What was done, by kinds that take different times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Entries that were looked at, to find those that are not zero.
    looked_at: u64,
    /// Multiply-adds of products, a row by itself.
    single: u64,
    /// Of products in which two rows share every weight.
    paired: u64,
    /// Of outer products, column by column.
    outer: u64,
    /// Of outer products of one row, by blocks of columns.
    blocks: u64,
    /// Of scalar products.
    dots: u64,
    /// What is in these of columns beyond the last whole block, which are worked on one at a time.
    rest: u64,
    /// Values in row loops.
    values: u64,
    /// Values in row loops that fire a layer.
    fired: u64,
    /// Values in row loops that are dear.
    dear: u64,
    /// Those of rows that are no whole blocks.
    dearer: u64,
    /// Handfuls of a product's entries, at least one a row or pair of rows.
    tiles: u64,
    /// Calls.
    calls: u64,
}

impl Work {
    /// A prediction of the instructions of all that.
    ///
    /// The factors were fitted to 138 means that `ff-embedded/examples/costs.rs` counted in the emulator,
    /// with other shapes put in: steps and classifications by the classic rule, N-way and local
    /// cross-entropy, fourteen networks from 64-16-16 to 64-96-32 and 196-64-32, some with widths that are
    /// no multiple of a block, on real digits of 8x8 and 14x14, after 2,000 of them and, for 8x8, after
    /// 10,000. The core was built with its feature `asm`. Factors of innermost loops are what is in
    /// them. The worst mean is off by 16 %; the root of the mean square is 6 %.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        let parts = [
            (self.looked_at, 9.64),
            (self.single, 1.45),
            (self.paired, 1.45),
            (self.outer, 4.5),
            (self.blocks, 3.28),
            (self.dots, 1.5),
            (self.rest, 10.0),
            (self.values, 2.0),
            (self.fired, 11.0),
            (self.dear, 1.75),
            (self.dearer, 5.35),
            (self.tiles, 477.0),
            (self.calls, 308.0),
        ];
        parts.iter().map(|&(count, each)| count as f64 * each).sum::<f64>() as u64
    }
}

/// Rows of which two share what is loaded.
const PAIR: usize = 2;

/// Columns that are kept at hand while inputs go by, as in `ff-core/src/active.rs`.
const TILE: usize = 12;

/// Columns of a block: of one row, and of each of two, as in `ff-core/src/kernel/portable.rs` and `dense.rs`.
const WIDE: usize = 16;
const NARROW: usize = 8;

impl<K> Estimate<K> {
    /// Counts from zero.
    pub fn new(kernel: K) -> Self {
        Self { kernel, work: Work::default() }
    }

    fn product_done(&mut self, Shape { inputs, outputs }: Shape, part: &Range<usize>, x: &[f32]) {
        self.work.calls += 1;
        for rows in x.chunks(PAIR * inputs) {
            let (count, active) = (rows.len() / inputs, active(rows, inputs, part));
            let (sum, block) =
                if count == PAIR { (&mut self.work.paired, NARROW) } else { (&mut self.work.single, WIDE) };
            *sum += (active * outputs * count) as u64;
            self.work.tiles += active.div_ceil(TILE).max(1) as u64;
            self.work.rest += (active * (outputs % block) * count) as u64;
            self.work.looked_at += part.len() as u64;
        }
    }

    fn outer_done(&mut self, Shape { inputs, outputs }: Shape, part: &Range<usize>, x: &[f32], d: &[f32]) {
        self.work.calls += 1;
        for (x, d) in x.chunks(PAIR * inputs).zip(d.chunks(PAIR * outputs)) {
            let (rows, columns) = (active(x, inputs, part), active(d, outputs, &(0..outputs)));
            self.work.looked_at += (outputs + columns.div_ceil(TILE).max(1) * part.len()) as u64;
            self.work.outer += (rows * columns * (d.len() / outputs)) as u64;
        }
    }

    fn dense_outer_done(&mut self, Shape { inputs, outputs }: Shape, part: &Range<usize>, x: &[f32], d: &[f32]) {
        self.work.calls += 1;
        if d.iter().all(|&d| d == 0.0) {
            return;
        }
        let active = active(x, inputs, part);
        self.work.looked_at += part.len() as u64;
        self.work.blocks += (active * outputs) as u64;
        self.work.rest += (active * (outputs % WIDE)) as u64;
    }

    fn dots_done(&mut self, Shape { inputs, outputs }: Shape, d: &[f32]) {
        self.work.calls += 1;
        self.work.dots += (d.len() * inputs) as u64;
        self.work.rest += (d.len() / outputs * (outputs % NARROW) * inputs) as u64;
    }

    fn loop_done(&mut self, values: usize) {
        self.work.calls += 1;
        self.work.values += values as u64;
    }
}

/// How many entries of a part are not zero in all of the rows of `width`, of which there are one or two.
fn active(rows: &[f32], width: usize, part: &Range<usize>) -> usize {
    let (first, second) = rows.split_at(width.min(rows.len()));
    let lit = |row: &[f32], i: usize| row.get(i).is_some_and(|&value| value != 0.0);
    part.clone().filter(|&i| lit(first, i) || lit(second, i)).count()
}

impl<K: Kernel> Kernel for Estimate<K> {
    fn product(&mut self, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.product_done(shape, &(0..shape.inputs), x);
        self.kernel.product(shape, x, w, y);
    }

    fn product_part(&mut self, shape: Shape, part: Range<usize>, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.product_done(shape, &part, x);
        self.kernel.product_part(shape, part, x, w, y);
    }

    fn rank_update(&mut self, shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
        self.outer_done(shape, &(0..shape.inputs), x, d);
        self.kernel.rank_update(shape, keep, scale, x, d, w);
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
        self.outer_done(shape, &part, x, d);
        self.kernel.rank_update_part(shape, part, keep, scale, x, d, w);
    }

    /// On a device a batch is one row, which goes by blocks.
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
        self.dense_outer_done(shape, &part, x, d);
        self.kernel.dense_rank_update_part(shape, part, keep, scale, x, d, w);
    }

    fn matmul_transposed(&mut self, shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
        self.dots_done(shape, d);
        self.kernel.matmul_transposed(shape, d, w, dx);
    }

    fn rows<R: RowLoop>(&mut self, width: usize, data: &mut [f32], body: R) {
        let work = body.work(width);
        if work > width {
            self.work.calls += 1;
            let values = (data.len() / width * work) as u64;
            let whole = body.inner(width).is_multiple_of(NARROW);
            *(if whole { &mut self.work.dear } else { &mut self.work.dearer }) += values;
        } else {
            self.loop_done(data.len());
        }
        self.kernel.rows(width, data, body);
    }

    fn rows_into<F>(&mut self, width: usize, data: &mut [f32], out: &mut [f32], f: F)
    where
        F: Fn(usize, &mut [f32]) -> f32 + Sync,
    {
        self.work.calls += 1;
        self.work.fired += data.len() as u64;
        self.kernel.rows_into(width, data, out, f);
    }

    fn rows_together<const N: usize, F>(&mut self, width: usize, data: [&mut [f32]; N], f: F)
    where
        F: Fn(usize, [&mut [f32]; N]) + Sync,
    {
        self.loop_done(data.iter().map(|array| array.len()).sum());
        self.kernel.rows_together(width, data, f);
    }
}
