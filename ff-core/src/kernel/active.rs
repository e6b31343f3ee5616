//! The non-zero entries of one or two rows, a handful at a time.
//!
//! Most entries of a digit's pixels, of a ReLU's outputs, and so of a direction `D`, are zero. A
//! product or an outer product that skips them does the same additions in the same order and
//! leaves out those that would have added nothing. Looking for them once, before the loop over
//! columns, costs less than testing for them in it.

use heapless::Vec;

/// How many entries are worked on at once: 16 bytes of stack each.
const TILE: usize = 20;

/// An input that is not zero in all `R` rows, with what stands beside it.
#[derive(Clone, Copy)]
pub(super) struct Active<T, const R: usize> {
    /// Its value in each row.
    pub values: [f32; R],
    /// The matrix row that it is multiplied with, or its own position.
    pub with: T,
}

/// Calls `work` with all entries that are not zero, in order, at most [`TILE`] at a time; at least
/// once, and says which call is the first.
#[inline(always)]
pub(super) fn each_tile<T: Copy, const R: usize>(
    entries: impl Iterator<Item = ([f32; R], T)>,
    mut work: impl FnMut(&[Active<T, R>], bool),
) {
    let mut tile = Vec::<Active<T, R>, TILE>::new();
    let mut is_first = true;
    // Not filtered beforehand: that would hide from the loop that slices side by side need one index.
    for (values, with) in entries {
        if is_active(values)
            && let Err(entry) = tile.push(Active { values, with })
        {
            work(&tile, is_first);
            is_first = false;
            tile.clear();
            // There is room: the tile has just been emptied.
            let _ = tile.push(entry);
        }
    }
    if is_first || !tile.is_empty() {
        work(&tile, is_first);
    }
}

/// Whether any value is other than 0 and -0. All bits but the signs are put together: on a core
/// without floating point a comparison would be a call.
#[inline(always)]
pub(super) fn is_active<const R: usize>(values: [f32; R]) -> bool {
    values.iter().fold(0, |bits, value| bits | value.to_bits()) << 1 != 0
}
