//! Products whose left factor is mostly zeros, as images and a ReLU's outputs are.
//!
//! `out <- keep * out + a b`, where only the entries of `a` that are not zero are multiplied. They
//! are listed once; then a panel of `b`, small enough for the first-level cache, is multiplied by
//! one row of `a` after another, a row's sums staying in registers. At a fifth of the entries this
//! takes half of a dense product's time. Beyond [`WORTH_LISTING`] the GEMM library is faster, for
//! it loads fewer values for each multiply-add.

use ff_core::layer::Shape;
use pulp::{Arch, Simd, WithSimd};

use super::split::Team;

/// Up to this part of entries that are not zero, skipping the others is faster.
const WORTH_LISTING: f32 = 0.45;

/// Fewer rows or columns of the result than this are not worth a panel.
const FEW: usize = 32;

/// Rows of a panel.
const DEPTH: usize = 128;

/// Registers of a row's sums: with a panel of [`DEPTH`] rows, 32 KB where registers hold 8 values.
const REGISTERS: usize = 8;

/// Values of the widest register; as many bytes as a cache line has.
const WIDEST: usize = 16;

/// Values of the largest panel.
const PANEL: usize = DEPTH * REGISTERS * WIDEST;

/// Room for the threads' lists and panels, kept from product to product.
#[derive(Debug)]
pub(super) struct Sparse {
    threads: Vec<Room>,
}

/// A thread's room.
#[derive(Debug, Default)]
struct Room {
    strips: Vec<Strip>,
    panel: Vec<f32>,
}

/// A thread's panel, aligned, so that no register is loaded from two cache lines.
fn aligned(panel: &mut Vec<f32>) -> &mut [f32] {
    panel.resize(PANEL + WIDEST, 0.0);
    let skip = panel.as_ptr().align_offset(WIDEST * size_of::<f32>());
    &mut panel[skip.min(WIDEST)..]
}

/// Up to [`DEPTH`] columns of `a`: the entries of all rows, and where each row's end.
#[derive(Debug, Default)]
struct Strip {
    entries: Vec<Entry>,
    ends: Vec<usize>,
}

/// An entry that is not zero: which row of the panel it multiplies, and by what.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    row: u32,
    value: f32,
}

/// Whether so many of the inputs are zero that [`Sparse`] should multiply them.
///
/// `rows` are those of the result.
pub(super) fn pays(shape: Shape, rows: usize, x: &[f32]) -> bool {
    let live = || x.iter().filter(|&&x| x != 0.0).count();
    shape.outputs >= FEW && rows >= FEW && Arch::new().dispatch(live) as f32 <= WORTH_LISTING * x.len() as f32
}

impl Sparse {
    pub const fn new() -> Self {
        Self { threads: Vec::new() }
    }

    /// `y <- x w`, threads dividing the samples.
    pub fn product(&mut self, team: Team, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
        let Shape { inputs, outputs } = shape;
        let a = |sample: usize, input: usize| x[sample * inputs + input];
        self.multiply(team, &Factors { a, inner: inputs, b: w, columns: outputs, keep: 0.0 }, y);
    }

    /// `w <- keep * w + scale * x' d`, threads dividing the inputs.
    #[expect(clippy::too_many_arguments, reason = "those of a kernel's outer product, and who works")]
    pub fn add_outer(&mut self, team: Team, shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
        let Shape { inputs, outputs } = shape;
        let a = |input: usize, sample: usize| scale * x[sample * inputs + input];
        self.multiply(team, &Factors { a, inner: d.len() / outputs, b: d, columns: outputs, keep }, w);
    }

    fn multiply<A>(&mut self, team: Team, factors: &Factors<'_, A>, out: &mut [f32])
    where
        A: Fn(usize, usize) -> f32 + Sync,
    {
        self.threads.resize_with(team.threads().max(self.threads.len()), Room::default);
        by_rows(team, factors, 0, &mut self.threads, out);
    }
}

/// What is multiplied: `a` as a function of row and column, rows x inner; `b`, inner x columns.
struct Factors<'a, A> {
    a: A,
    inner: usize,
    b: &'a [f32],
    columns: usize,
    keep: f32,
}

/// The rows of the result from `first` on, threads dividing them.
fn by_rows<A>(team: Team, factors: &Factors<'_, A>, first: usize, rooms: &mut [Room], out: &mut [f32])
where
    A: Fn(usize, usize) -> f32 + Sync,
{
    let rows = out.len() / factors.columns;
    if team.threads() > 1 && rows >= 2 {
        let (one, two, share) = team.halves(rows);
        let (above, below) = out.split_at_mut(share * factors.columns);
        let (rooms, others) = rooms.split_at_mut(one.threads());
        rayon::join(
            || by_rows(one, factors, first, rooms, above),
            || by_rows(two, factors, first + share, others, below),
        );
        return;
    }
    let [Room { strips, panel }, ..] = rooms else { return };
    strips.resize_with(factors.inner.div_ceil(DEPTH), Strip::default);
    for (s, strip) in strips.iter_mut().enumerate() {
        let columns = s * DEPTH..factors.inner.min((s + 1) * DEPTH);
        strip.list(rows, columns.len(), |row, column| (factors.a)(first + row, columns.start + column));
    }
    let Factors { b, columns, keep, .. } = *factors;
    Arch::new().dispatch(Multiply { strips, b, columns, keep, panel: aligned(panel), out });
}

impl Strip {
    /// Lists the entries of `rows` x `columns` that are not zero.
    fn list(&mut self, rows: usize, columns: usize, a: impl Fn(usize, usize) -> f32) {
        self.entries.clear();
        self.ends.clear();
        let mut row = [Entry::default(); DEPTH];
        for r in 0..rows {
            // Every entry is written and most are written over: a branch on whether it is zero would
            // be guessed wrong half of the time.
            let mut live = 0;
            for c in 0..columns {
                let value = a(r, c);
                row[live % DEPTH] = Entry { row: c as u32, value };
                live += usize::from(value != 0.0);
            }
            self.entries.extend_from_slice(&row[..live]);
            self.ends.push(self.entries.len());
        }
    }

    /// The rows' entries.
    fn rows(&self) -> impl Iterator<Item = &[Entry]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.entries[start..end])
    }
}

/// The product of listed rows with `b`.
struct Multiply<'a> {
    strips: &'a [Strip],
    b: &'a [f32],
    columns: usize,
    keep: f32,
    panel: &'a mut [f32],
    out: &'a mut [f32],
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Multiply { strips, b, columns, keep, panel, out } = self;
        if strips.is_empty() {
            ff_core::activity::keep(keep, out);
        }
        for (s, (strip, b)) in strips.iter().zip(b.chunks(DEPTH * columns)).enumerate() {
            let keep = if s == 0 { keep } else { 1.0 };
            for first in (0..columns).step_by(REGISTERS * S::F32_LANES) {
                let width = (columns - first).min(REGISTERS * S::F32_LANES);
                let block = Block { strip, b, columns, first, width, keep };
                match width.div_ceil(S::F32_LANES) {
                    8 => block.multiply::<S, 8>(simd, panel, out),
                    7 => block.multiply::<S, 7>(simd, panel, out),
                    6 => block.multiply::<S, 6>(simd, panel, out),
                    5 => block.multiply::<S, 5>(simd, panel, out),
                    4 => block.multiply::<S, 4>(simd, panel, out),
                    3 => block.multiply::<S, 3>(simd, panel, out),
                    2 => block.multiply::<S, 2>(simd, panel, out),
                    _ => block.multiply::<S, 1>(simd, panel, out),
                }
            }
        }
    }
}

/// Some columns of a strip's product.
#[derive(Clone, Copy)]
struct Block<'a> {
    strip: &'a Strip,
    b: &'a [f32],
    columns: usize,
    first: usize,
    width: usize,
    keep: f32,
}

impl Block<'_> {
    /// `R` registers to a row of sums; the last may be filled in part.
    #[inline(always)]
    fn multiply<S: Simd, const R: usize>(self, simd: S, panel: &mut [f32], out: &mut [f32]) {
        let Block { strip, b, columns, first, width, keep } = self;
        let panel = S::as_mut_simd_f32s(panel).0.as_chunks_mut::<R>().0;
        for (row, copy) in b.chunks_exact(columns).zip(panel.iter_mut()) {
            *copy = load(simd, 1.0, &row[first..first + width]);
        }
        for (entries, out) in strip.rows().zip(out.chunks_exact_mut(columns)) {
            let out = &mut out[first..first + width];
            if entries.is_empty() && keep == 1.0 {
                continue;
            }
            let sums = if keep == 0.0 { [simd.splat_f32s(0.0); R] } else { load(simd, keep, out) };
            store(simd, add(simd, sums, entries, panel), out);
        }
    }
}

/// The sums with the entries' products added.
#[inline(always)]
fn add<S: Simd, const R: usize>(
    simd: S,
    mut sums: [S::f32s; R],
    entries: &[Entry],
    panel: &[[S::f32s; R]],
) -> [S::f32s; R] {
    for entry in entries {
        let Some(row) = panel.get(entry.row as usize) else { break };
        let value = simd.splat_f32s(entry.value);
        // By number: an iterator that is not inlined would send the sums to memory.
        for r in 0..R {
            sums[r] = simd.mul_add_e_f32s(value, row[r], sums[r]);
        }
    }
    sums
}

/// `keep * out`, padded with zeros.
#[inline(always)]
fn load<S: Simd, const R: usize>(simd: S, keep: f32, out: &[f32]) -> [S::f32s; R] {
    let (whole, rest) = S::as_simd_f32s(out);
    let mut sums = match whole.first_chunk::<R>() {
        Some(whole) => *whole,
        None => {
            let mut sums = [simd.partial_load_f32s(rest); R];
            sums[..whole.len()].copy_from_slice(whole);
            sums
        }
    };
    if keep != 1.0 {
        for sum in &mut sums {
            *sum = simd.mul_f32s(*sum, simd.splat_f32s(keep));
        }
    }
    sums
}

/// Writes as many of the sums as `out` takes.
#[inline(always)]
fn store<S: Simd, const R: usize>(simd: S, sums: [S::f32s; R], out: &mut [f32]) {
    let (whole, rest) = S::as_mut_simd_f32s(out);
    match whole.first_chunk_mut::<R>() {
        Some(whole) => *whole = sums,
        None => {
            let (all, last) = sums.split_at(whole.len());
            whole.copy_from_slice(all);
            simd.partial_store_f32s(rest, last[0]);
        }
    }
}
