//! The one seam for speed: who multiplies matrices, and who walks over rows.
//!
//! Everything the algorithm computes goes through three products and three loops over rows; maps ask
//! for a sum of squares besides. Each has a portable default, so a new kernel overrides what it does
//! better and inherits the rest. A kernel changes speed, never the algorithm: host and device run the
//! same training step with different kernels. Two of the products can also be had in parts, so that a
//! step can pause.
//!
//! Room for more: a kernel for a chip goes into a file of its own beside [`portable`]; behaviour
//! such as counting is added by wrapping another kernel, as [`Metered`] does.

mod dense;
mod metered;
pub mod portable;

pub use metered::Metered;
pub use portable::Portable;

use core::ops::Range;

use crate::layer::Shape;
use crate::pieces;

/// The body of a row loop: a closure or, where speed matters, a value with a name. Of its method, unlike
/// of a closure, it can be said that it is always inlined; a kernel then compiles it for its own vector
/// unit.
pub trait RowLoop: Sync {
    /// Works on row `r`.
    fn run(&self, r: usize, row: &mut [f32]);

    /// How dear a row of `width` values is: as much work as so many values that are visited once. It
    /// tells a kernel with threads that few values may be worth sharing.
    #[inline(always)]
    fn work(&self, width: usize) -> usize {
        width
    }

    /// How many values side by side its innermost loop goes through, of a row of `width`. Where they are no
    /// whole blocks the rest costs more, as a kernel knows that predicts what a device takes.
    #[inline(always)]
    fn inner(&self, width: usize) -> usize {
        width
    }
}

impl<F: Fn(usize, &mut [f32]) + Sync> RowLoop for F {
    #[inline(always)]
    fn run(&self, r: usize, row: &mut [f32]) {
        self(r, row);
    }
}

/// Matrix products and row loops. All matrices are row-major and contiguous.
///
/// Callers pass slices of exactly the lengths given; an implementation may assume it, and where a
/// slice is shorter it does less rather than panic.
pub trait Kernel {
    /// `y <- x w`. x: rows x inputs, w: inputs x outputs, y: rows x outputs, which gives the rows.
    #[inline]
    fn product(&mut self, shape: Shape, x: &[f32], w: &[f32], y: &mut [f32]) {
        portable::product(shape, x, w, y);
    }

    /// `w <- keep * w + scale * x' d`. x: rows x inputs, d: rows x outputs, w: inputs x outputs.
    #[inline]
    fn rank_update(&mut self, shape: Shape, keep: f32, scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
        portable::rank_update(shape, keep, scale, x, d, w);
    }

    /// The inputs `part` of a [product](Kernel::product) alone: `w` holds their rows and no others.
    /// The part that begins with the first input writes `y`, the others add to it.
    ///
    /// Parts in order are a whole product, with the bits of [`portable::product`]. A kernel whose
    /// whole product rounds in another way need not care: whoever asks for parts wants short calls.
    #[inline]
    fn product_part(&mut self, shape: Shape, part: Range<usize>, x: &[f32], w: &[f32], y: &mut [f32]) {
        if part.len() == shape.inputs {
            self.product(shape, x, w, y);
        } else {
            portable::product_part(shape, part, x, w, y);
        }
    }

    /// The inputs `part` of an [outer product](Kernel::rank_update) alone: `w` holds their rows and
    /// no others.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "those of a whole outer product, and which part of it")]
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
        if part.len() == shape.inputs {
            self.rank_update(shape, keep, scale, x, d, w);
        } else {
            portable::rank_update_part(shape, part, keep, scale, x, d, w);
        }
    }

    /// The same where few columns of `d` are zero: a single row, as a device has it, is folded a block
    /// of columns at a time instead of looking for zeros.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "those of a whole outer product, and which part of it")]
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
        if d.len() == shape.outputs {
            crate::activity::keep(keep, w);
            dense::rank_update_row(scale, x.get(part).unwrap_or_default(), d, w);
        } else {
            self.rank_update_part(shape, part, keep, scale, x, d, w);
        }
    }

    /// `dx <- d w'`. d: rows x outputs, w: inputs x outputs, dx: rows x inputs.
    ///
    /// Inside a layer it scores classes by their label rows; across layers only
    /// [saliency](crate::saliency) uses it: learning never sends anything down.
    ///
    /// `w` may be some consecutive rows of a matrix, with `inputs` counting those: a caller then
    /// pays for the inputs it asks about and no others.
    #[inline]
    fn matmul_transposed(&mut self, shape: Shape, d: &[f32], w: &[f32], dx: &mut [f32]) {
        portable::matmul_transposed(shape, d, w, dx);
    }

    /// `y_j <- y_j + (x w_j)^2`, for one input: what it adds to the variance of y while it is seen at
    /// random. [Saliency](crate::saliency) alone uses it.
    #[inline]
    fn add_squares(&mut self, x: f32, w: &[f32], y: &mut [f32]) {
        y.iter_mut().zip(w).for_each(|(y, w)| *y += (x * w) * (x * w));
    }

    /// Runs `body` for every row of `width` values. Rows may be visited in any order and from several
    /// threads. Its closures name their types: `|r: usize, row: &mut [f32]|`.
    #[inline]
    fn rows<R: RowLoop>(&mut self, width: usize, data: &mut [f32], body: R) {
        pieces::rows_mut(data, width).enumerate().for_each(|(r, row)| body.run(r, row));
    }

    /// The same, and keeps what `f` returns: `out[r] <- f(r, row r)`.
    #[inline]
    fn rows_into<F>(&mut self, width: usize, data: &mut [f32], out: &mut [f32], f: F)
    where
        F: Fn(usize, &mut [f32]) -> f32 + Sync,
    {
        // Not zipped: that would divide to learn how many rows there are.
        let mut rows = pieces::rows_mut(data, width);
        for (r, out) in out.iter_mut().enumerate() {
            let Some(row) = rows.next() else { break };
            *out = f(r, row);
        }
    }

    /// Calls `f(r, [row r of each array])` for arrays of the same size, in rows of `width` values.
    #[inline]
    fn rows_together<const N: usize, F>(&mut self, width: usize, data: [&mut [f32]; N], f: F)
    where
        F: Fn(usize, [&mut [f32]; N]) + Sync,
    {
        let shortest = data.iter().map(|array| array.len()).min().unwrap_or(0);
        let rows = pieces::count(shortest, width);
        let mut data = data.map(|array| pieces::rows_mut(array, width));
        for r in 0..rows {
            f(r, data.each_mut().map(|rows| rows.next().unwrap_or_default()));
        }
    }
}
