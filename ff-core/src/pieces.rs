//! Pieces of slices, without a way to panic: who asks for more than there is gets what there is.
//!
//! Lengths are checked at the door of every public function, so inside nobody asks for more. The
//! compiler does not see that far, and would keep a panic at every cut. Builds with debug
//! assertions, which is what tests are, still stop where a cut goes wrong.

use core::mem;
use core::ops::Range;
use core::slice::{Chunks, ChunksMut};

/// Row `r` of a matrix.
#[inline(always)]
pub(crate) fn row(values: &[f32], width: usize, r: usize) -> &[f32] {
    part(values, r * width..(r + 1) * width)
}

/// Some values in the middle.
#[inline(always)]
pub(crate) fn part<T>(values: &[T], part: Range<usize>) -> &[T] {
    debug_assert!(part.start <= part.end && part.end <= values.len(), "{part:?} of {} values", values.len());
    values.get(part).unwrap_or_default()
}

/// The same to change.
#[inline(always)]
pub(crate) fn part_mut<T>(values: &mut [T], part: Range<usize>) -> &mut [T] {
    debug_assert!(part.start <= part.end && part.end <= values.len(), "{part:?} of {} values", values.len());
    values.get_mut(part).unwrap_or_default()
}

/// All values but the first `at`.
#[inline(always)]
pub(crate) fn from<T>(values: &[T], at: usize) -> &[T] {
    debug_assert!(at <= values.len(), "from {at} of {} values", values.len());
    values.get(at..).unwrap_or_default()
}

/// Value `i`.
#[inline(always)]
pub(crate) fn value(values: &[f32], i: usize) -> f32 {
    debug_assert!(i < values.len(), "value {i} of {}", values.len());
    values.get(i).copied().unwrap_or(0.0)
}

/// The rows of a matrix. A width of 0 has no rows to give.
#[inline(always)]
pub(crate) fn rows<T>(values: &[T], width: usize) -> Rows<'_, T> {
    Rows { rest: values, width: width.max(1) }
}

/// The rows of a matrix to change.
#[inline(always)]
pub(crate) fn rows_mut<T>(values: &mut [T], width: usize) -> RowsMut<'_, T> {
    RowsMut { rest: values, width: width.max(1) }
}

/// See [`rows`]. Unlike `chunks_exact` it does not divide to learn where the last whole row ends.
#[derive(Clone)]
pub(crate) struct Rows<'a, T> {
    rest: &'a [T],
    width: usize,
}

impl<'a, T> Iterator for Rows<'a, T> {
    type Item = &'a [T];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a [T]> {
        let (row, rest) = self.rest.split_at_checked(self.width)?;
        self.rest = rest;
        Some(row)
    }
}

/// See [`rows_mut`].
pub(crate) struct RowsMut<'a, T> {
    rest: &'a mut [T],
    width: usize,
}

impl<'a, T> Iterator for RowsMut<'a, T> {
    type Item = &'a mut [T];

    #[inline(always)]
    fn next(&mut self) -> Option<&'a mut [T]> {
        let (row, rest) = mem::take(&mut self.rest).split_at_mut_checked(self.width)?;
        self.rest = rest;
        Some(row)
    }

    /// Without going through those before it.
    #[inline(always)]
    fn nth(&mut self, n: usize) -> Option<&'a mut [T]> {
        self.rest = mem::take(&mut self.rest).get_mut(n.saturating_mul(self.width)..).unwrap_or_default();
        self.next()
    }
}

/// Pieces of so many values, the last one shorter.
#[inline(always)]
pub(crate) fn chunks(values: &[f32], length: usize) -> Chunks<'_, f32> {
    values.chunks(length.max(1))
}

/// The same to change.
#[inline(always)]
pub(crate) fn chunks_mut(values: &mut [f32], length: usize) -> ChunksMut<'_, f32> {
    values.chunks_mut(length.max(1))
}

/// Items of both, side by side. Unlike `zip` it does not ask how many there are, which for rows is a
/// division each.
#[inline(always)]
pub(crate) fn both<A: Iterator, B: Iterator>(mut a: A, mut b: B) -> impl Iterator<Item = (A::Item, B::Item)> {
    core::iter::from_fn(move || Some((a.next()?, b.next()?)))
}

/// How many whole pieces of `each` there are in `all`.
#[inline(always)]
pub(crate) const fn count(all: usize, each: usize) -> usize {
    // Written out, since `max` of a trait is no constant function.
    all / if each == 0 { 1 } else { each }
}

/// How many pieces of `each` there are in `all`, the last one perhaps not whole.
#[inline(always)]
pub(crate) const fn count_up(all: usize, each: usize) -> usize {
    all.div_ceil(if each == 0 { 1 } else { each })
}

/// In which whole piece of `each` the `n`th value is, and where in it.
#[inline(always)]
pub(crate) const fn place(n: usize, each: usize) -> (usize, usize) {
    let piece = count(n, each);
    (piece, n - piece * each)
}

/// The first `at` values, and the rest.
#[inline(always)]
pub(crate) fn split(values: &[f32], at: usize) -> (&[f32], &[f32]) {
    debug_assert!(at <= values.len(), "{at} of {} values", values.len());
    values.split_at(at.min(values.len()))
}

/// The same to change.
#[inline(always)]
pub(crate) fn split_mut(values: &mut [f32], at: usize) -> (&mut [f32], &mut [f32]) {
    debug_assert!(at <= values.len(), "{at} of {} values", values.len());
    let at = at.min(values.len());
    values.split_at_mut(at)
}

/// The first `count` values.
#[inline(always)]
pub(crate) fn first(values: &[f32], count: usize) -> &[f32] {
    split(values, count).0
}

/// The same to change.
#[inline(always)]
pub(crate) fn first_mut(values: &mut [f32], count: usize) -> &mut [f32] {
    split_mut(values, count).0
}

/// Takes the first `count` floats off the front of a slice that was checked to hold them.
#[inline(always)]
pub(crate) fn take<'a>(floats: &mut &'a mut [f32], count: usize) -> &'a mut [f32] {
    let (front, rest) = split_mut(mem::take(floats), count);
    *floats = rest;
    front
}

/// The same for `N` fronts of one length.
#[inline(always)]
pub(crate) fn take_each<'a, const N: usize>(floats: &mut &'a mut [f32], count: usize) -> [&'a mut [f32]; N] {
    core::array::from_fn(|_| take(floats, count))
}

/// `to <- from`, as far as both go.
#[inline(always)]
pub(crate) fn copy(from: &[f32], to: &mut [f32]) {
    debug_assert_eq!(from.len(), to.len());
    let length = from.len().min(to.len());
    // Not a loop: that is sometimes unrolled, for speed, where a call is shorter and as fast.
    if let (Some(from), Some(to)) = (from.get(..length), to.get_mut(..length)) {
        to.copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_of_nothing_stops_nobody() {
        let values = [1.0, 2.0, 3.0];
        assert_eq!(rows(&values, 0).count(), 3);
        assert_eq!(chunks(&values, 0).count(), 3);
        assert_eq!([count(7, 0), count_up(7, 0)], [7, 7]);
    }

    #[test]
    fn numbers_are_those_of_whole_rows() {
        for each in 1..6 {
            for all in 0..20 {
                let places: [f32; 20] = core::array::from_fn(|place| place as f32);
                assert_eq!(count(all, each), rows(&places[..all], each).count());
                assert_eq!(count_up(all, each), chunks(&places[..all], each).len());
                assert_eq!(place(all, each), (all / each, all % each));
            }
        }
    }

    #[test]
    fn both_end_with_the_shorter() {
        assert!(both(0..3, 10..20).eq([(0, 10), (1, 11), (2, 12)]));
        assert!(both(0..9, 10..11).eq([(0, 10)]));
    }
}
