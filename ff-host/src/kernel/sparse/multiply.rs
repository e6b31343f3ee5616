//! What one thread multiplies: listed rows by panels of the other factor.

use std::ops::Range;

use ff_core::activity;
use pulp::{Simd, WithSimd};

use super::Factor;
use super::list::{DEPTH, Entry, List, Strip};

/// Registers of a row's sums: more share the work of reading an entry, fewer leave more of a panel in
/// the first-level cache.
const REGISTERS: usize = 6;

/// Values of the widest register; as many bytes as a cache line has.
pub(super) const WIDEST: usize = 16;

/// Rows of the result that all panels multiply before the next rows are begun, so that the rows stay
/// in the second-level cache: their pieces alone are too short to be fetched ahead.
const TOGETHER: usize = 64;

/// `out <- keep * out + a b` for some rows of the result and some of its columns.
pub(super) struct Multiply<'a, 'o> {
    /// The rows of a.
    pub lists: &'a [List],
    pub b: Factor<'a>,
    /// Those of b that are multiplied.
    pub columns: Range<usize>,
    pub keep: f32,
    pub panels: &'a mut Vec<f32>,
    /// These columns of the rows.
    pub out: &'a mut [&'o mut [f32]],
}

impl WithSimd for Multiply<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Multiply { lists, b, columns, keep, panels, out } = self;
        let width = REGISTERS * S::F32_LANES;
        let panels = aligned(panels, columns.len().div_ceil(width) * DEPTH * width);
        if b.values.is_empty() {
            out.iter_mut().for_each(|row| activity::keep(keep, row));
        }
        for (s, strip) in b.values.chunks(DEPTH * b.columns).enumerate() {
            pack(Factor { values: strip, ..b }, columns.clone(), S::F32_LANES, panels);
            let keep = if s > 0 { 1.0 } else { keep };
            let mut rest = &mut *out;
            for (strip, rows) in lists.iter().flat_map(|list| blocks(list, s)) {
                debug_assert!(rows.len() <= rest.len(), "the lists have as many rows as the result");
                let now = rest.split_off_mut(..rows.len()).unwrap_or_default();
                let fresh = keep == 0.0;
                if !fresh {
                    now.iter_mut().for_each(|row| activity::keep(keep, row));
                }
                let starts = (0..columns.len()).step_by(width);
                for (first, panel) in starts.zip(panels.chunks_exact(DEPTH * width)) {
                    let columns = first..columns.len().min(first + width);
                    let block = Block { strip, rows: rows.clone(), panel, fresh, columns };
                    match block.columns.len().div_ceil(S::F32_LANES) {
                        6 => block.multiply::<S, 6>(simd, now),
                        5 => block.multiply::<S, 5>(simd, now),
                        4 => block.multiply::<S, 4>(simd, now),
                        3 => block.multiply::<S, 3>(simd, now),
                        2 => block.multiply::<S, 2>(simd, now),
                        _ => block.multiply::<S, 1>(simd, now),
                    }
                }
            }
        }
    }
}

/// The first values, aligned, so that no register is loaded from two cache lines.
fn aligned(panels: &mut Vec<f32>, values: usize) -> &mut [f32] {
    panels.resize(panels.len().max(values + WIDEST), 0.0);
    let skip = panels.as_ptr().align_offset(WIDEST * size_of::<f32>()).min(WIDEST);
    &mut panels[skip..skip + values]
}

/// Copies some columns of a strip, panel by panel; a whole row is read before the next, as caches like
/// it.
fn pack(strip: Factor<'_>, columns: Range<usize>, lanes: usize, panels: &mut [f32]) {
    let width = REGISTERS * lanes;
    for (r, row) in strip.values.chunks_exact(strip.columns).enumerate() {
        for (panel, row) in panels.chunks_exact_mut(DEPTH * width).zip(row[columns.clone()].chunks(width)) {
            panel[r * row.len().next_multiple_of(lanes)..][..row.len()].copy_from_slice(row);
        }
    }
}

/// A strip of a list, and [`TOGETHER`] of its rows after others.
fn blocks(list: &List, s: usize) -> impl Iterator<Item = (&Strip, Range<usize>)> {
    let starts = (0..list.rows).step_by(TOGETHER);
    let strip = list.strips.get(s);
    starts.filter_map(move |start| Some((strip?, start..list.rows.min(start + TOGETHER))))
}

/// Some rows of a strip, multiplied by a panel.
struct Block<'a> {
    strip: &'a Strip,
    rows: Range<usize>,
    panel: &'a [f32],
    /// Those of the result that the panel's are.
    columns: Range<usize>,
    /// Whether the result's own values are nothing to be added to.
    fresh: bool,
}

impl Block<'_> {
    /// `R` registers to a row of sums; the last may be filled in part.
    #[inline(always)]
    fn multiply<S: Simd, const R: usize>(self, simd: S, out: &mut [&mut [f32]]) {
        let Block { strip, rows, panel, columns, fresh } = self;
        let panel = S::as_simd_f32s(panel).0.as_chunks::<R>().0;
        for (entries, out) in strip.rows(rows).zip(out) {
            let out = &mut out[columns.clone()];
            if entries.is_empty() && !fresh {
                continue;
            }
            let sums = if fresh { [simd.splat_f32s(0.0); R] } else { load(simd, out) };
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

/// The values, padded with zeros.
#[inline(always)]
fn load<S: Simd, const R: usize>(simd: S, values: &[f32]) -> [S::f32s; R] {
    let (whole, rest) = S::as_simd_f32s(values);
    match whole.first_chunk::<R>() {
        Some(whole) => *whole,
        None => {
            let mut sums = [simd.partial_load_f32s(rest); R];
            sums[..whole.len()].copy_from_slice(whole);
            sums
        }
    }
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
