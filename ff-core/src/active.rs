//! The non-zero entries of one or two rows, a handful at a time.
//!
//! Most entries of a digit's pixels, of a ReLU's outputs, and so of a direction `D`, are zero. A
//! product or an outer product that skips them does the same additions in the same order and
//! leaves out those that would have added nothing. Looking for them once, before the loop over
//! columns, costs less than testing for them in it.

use heapless::Vec;

/// How many entries are worked on at once: up to 12 bytes of stack each on a 32-bit processor.
const TILE: usize = 12;

/// An entry that is not zero in all `R` rows, and where it belongs.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Active<const R: usize> {
    /// Its value in each row.
    pub values: [f32; R],
    /// Where its row of the matrix begins, or its own position.
    pub at: usize,
}

/// Some entries, in order: the last is the one that is furthest back.
#[derive(Clone, Copy)]
pub(crate) struct Tile<'a, const R: usize>(&'a [Active<R>]);

impl<'a, const R: usize> Tile<'a, R> {
    #[inline(always)]
    pub fn entries(self) -> &'a [Active<R>] {
        self.0
    }

    /// Whether there are entries, and `reach` values from where the last belongs are no more than `length`.
    #[allow(dead_code, reason = "assembler asks")]
    #[inline(always)]
    pub fn is_within(self, length: usize, reach: usize) -> bool {
        self.0.last().is_some_and(|last| length.checked_sub(last.at).is_some_and(|rest| rest >= reach))
    }
}

/// Calls `work` with all entries that are not zero, in order, at most [`TILE`] at a time;
/// once with none where there are none. The `i`th entry belongs at `i * stride`.
#[inline(always)]
pub(crate) fn each_tile<const R: usize>(
    entries: impl ExactSizeIterator<Item = [f32; R]>,
    stride: usize,
    mut work: impl FnMut(Tile<'_, R>),
) {
    // Positions beyond what can be counted would not be in order. No matrix is so large.
    if entries.len().checked_mul(stride).is_none() {
        return;
    }
    let mut tile = Vec::<Active<R>, TILE>::new();
    let mut at = 0;
    // Not filtered beforehand: that would hide from the loop that slices side by side need one index.
    for values in entries {
        if is_active(values)
            && let Err(entry) = tile.push(Active { values, at })
        {
            work(Tile(&tile));
            tile.clear();
            // There is room: the tile has just been emptied.
            let _ = tile.push(entry);
        }
        at += stride;
    }
    work(Tile(&tile));
}

/// Whether any value is other than 0 and -0. All bits but the signs are put together: on a core
/// without floating point a comparison would be a call.
#[inline(always)]
pub(crate) fn is_active<const R: usize>(values: [f32; R]) -> bool {
    values.iter().fold(0, |bits, value| bits | value.to_bits()) << 1 != 0
}
