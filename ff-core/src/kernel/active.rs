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
pub(super) struct Active<const R: usize> {
    /// Its value in each row.
    pub values: [f32; R],
    /// Where its row of the matrix begins, or its own position.
    pub at: usize,
}

/// Calls `work` with all entries that are not zero, in order, at most [`TILE`] at a time;
/// once with none where there are none.
#[inline(always)]
pub(super) fn each_tile<const R: usize>(
    entries: impl Iterator<Item = ([f32; R], usize)>,
    mut work: impl FnMut(&[Active<R>]),
) {
    let mut tile = Vec::<Active<R>, TILE>::new();
    // Not filtered beforehand: that would hide from the loop that slices side by side need one index.
    for (values, at) in entries {
        if is_active(values)
            && let Err(entry) = tile.push(Active { values, at })
        {
            work(&tile);
            tile.clear();
            // There is room: the tile has just been emptied.
            let _ = tile.push(entry);
        }
    }
    work(&tile);
}

/// Whether any value is other than 0 and -0. All bits but the signs are put together: on a core
/// without floating point a comparison would be a call.
#[inline(always)]
pub(super) fn is_active<const R: usize>(values: [f32; R]) -> bool {
    values.iter().fold(0, |bits, value| bits | value.to_bits()) << 1 != 0
}
