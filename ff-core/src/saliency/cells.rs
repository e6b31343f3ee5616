//! Square cells of an image, which some methods change as a whole.

use crate::error::Error;
use crate::pieces;

/// A grid of square cells over features that are an image's pixels, row by row. Cells at the right
/// and lower edge may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cells {
    /// Pixels in a row of the image, at least 1. For features that are no image: their number.
    pub width: usize,
    /// Pixels along a cell's side, at least 1.
    pub side: usize,
}

impl Cells {
    /// How many cells there are over so many features; 0 with a width or side of 0.
    #[must_use]
    pub const fn count(self, features: usize) -> usize {
        if self.width == 0 || self.side == 0 {
            return 0;
        }
        if self.width >= features {
            return features.div_ceil(self.side);
        }
        self.columns() * features.div_ceil(self.width).div_ceil(self.side)
    }

    const fn columns(self) -> usize {
        pieces::count_up(self.width, self.side)
    }

    /// The features of one cell.
    pub(super) fn features(self, cell: usize, features: usize) -> impl Iterator<Item = usize> + Clone {
        let (row, column) = pieces::place(cell, self.columns());
        let (left, top) = (column * self.side, row * self.side);
        let right = left.saturating_add(self.side).min(self.width);
        let bottom = top.saturating_add(self.side).min(pieces::count_up(features, self.width));
        (top..bottom)
            .flat_map(move |y| (left..right).map(move |x| y * self.width + x).take_while(move |&i| i < features))
    }

    /// The number of the cell that a feature lies in when the grid is moved left and up by less
    /// than a cell. Numbers of a moved grid have gaps.
    pub(super) fn shifted(self, feature: usize, (dx, dy): (usize, usize)) -> usize {
        let (y, x) = pieces::place(feature, self.width);
        let cell = |at: usize| pieces::count(at, self.side);
        cell(y + dy) * (self.columns() + 1) + cell(x + dx)
    }

    pub(super) fn check(self) -> Result<(), Error> {
        // Beyond 2^24 neither an f32 nor a pixel count of anything that fits this core.
        // Compared as 64 bits, for a processor's `usize` may have 16.
        let fits = |n: usize| n > 0 && n as u64 <= 1 << 24;
        if fits(self.width) && fits(self.side) { Ok(()) } else { Err(Error::Setting { name: "cells" }) }
    }
}
