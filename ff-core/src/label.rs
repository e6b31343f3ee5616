//! Where the label enters, and which wrong label makes a sample negative.
//!
//! The label has inputs of its own, *before* the features: an input row is `[label | features]`,
//! and the first layer's weight matrix begins with one row a class. Nothing of the sample is
//! destroyed, positive and negative inputs of a sample have the same norm, and they share the
//! product of the features with the weights.
//!
//! Overlaying the label on the sample's first pixels, as many published programs do, is the same
//! thing with those pixels dropped: pass `&sample[classes..]` as the features. It destroys data
//! where there is ink in those pixels (38.9 % of Fashion-MNIST's training samples), so it is for
//! like-for-like comparison only.

use crate::activity::{self, Mask};
use crate::blocks::BLOCK;
use crate::math;
use crate::pieces;
use crate::random;

/// What a label slot holds when it is on. The other slots hold 0.
pub const SLOT: f32 = 1.0;

/// How the wrong label of a negative sample is drawn. Never the true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Negatives {
    /// Every wrong label is equally likely.
    ///
    /// Use when memory or instructions are short: it needs no readout and no neutral pass.
    Uniform,
    /// A wrong label is as likely as the readout thinks it is.
    ///
    /// Use when there is a readout: the mistakes that the network would make are what it learns
    /// from, and accuracy is better for it.
    Hard,
}

/// The label of the highest score, the lowest label among equals; 0 for an empty slice.
#[must_use]
pub fn best(scores: &[f32]) -> u8 {
    let top =
        scores.iter().enumerate().fold((0, f32::NEG_INFINITY), |top, (i, &s)| if s > top.1 { (i, s) } else { top });
    top.0 as u8
}

/// A wrong label, uniformly: any class but `truth`. `bits` are 32 random bits.
///
/// With a single class there is no wrong label, and `truth` comes back; the training step refuses
/// such a network.
#[must_use]
pub fn uniform_wrong(truth: u8, classes: usize, bits: u32) -> u8 {
    let others = (classes as u32).saturating_sub(1);
    let step = 1 + random::scale_below(bits, others);
    (u32::from(truth).wrapping_add(step) % (classes as u32).max(1)) as u8
}

/// A wrong label with probability p_c / (1 - p_truth) over the wrong classes c.
///
/// Where rounding leaves nothing to draw from, the likeliest wrong class is taken; where the
/// probabilities are NaN, the first wrong one. With a single class there is no wrong label, and
/// `truth` comes back.
#[cfg_attr(target_os = "none", inline(never))]
#[must_use]
pub fn hard_wrong(truth: u8, probabilities: &[f32], bits: u32) -> u8 {
    let truth = usize::from(truth);
    let wrong = || probabilities.iter().enumerate().filter(|&(class, _)| class != truth);
    let total: f32 = wrong().map(|(_, p)| p).sum();
    let mut left = random::unit(bits) * total;
    for (class, p) in wrong() {
        left -= p;
        if left < 0.0 {
            return class as u8;
        }
    }
    let first = wrong().next().map_or(truth, |(class, _)| class);
    let likeliest = wrong().fold((first, -1.0), |best, (class, &p)| if p > best.1 { (class, p) } else { best });
    likeliest.0 as u8
}

/// 1 / N of an input row: one over its root mean square, for features and label slots together.
///
/// `label_squares` is the sum of the squares of the label slots: [`SLOT`]^2 for a true or wrong
/// label, `classes * (SLOT / classes)^2` for the neutral one.
#[inline(always)]
#[must_use]
pub fn inverse_norm(features: &[f32], classes: usize, label_squares: f32) -> f32 {
    let squares = math::square_sum(features) + label_squares;
    activity::inverse_rms(squares, features.len() + classes)
}

/// The product of a labelled, normalised input with the first layer, as yet in its parts:
/// `(pixels + SLOT * label_row) * inverse`.
#[derive(Clone, Copy)]
pub(crate) struct Labelled<'a> {
    /// The label's weights; or their mean, for a neutral label.
    pub label_row: &'a [f32],
    /// The sample's product, which all labels share.
    pub pixels: &'a [f32],
    /// [`inverse_norm`] of the input.
    pub inverse: f32,
}

impl Labelled<'_> {
    /// Writes the product itself.
    #[inline(always)]
    pub fn join(self, row: &mut [f32]) {
        pieces::copy(pieces::first(self.pixels, row.len()), row);
        activity::add_scaled(row, SLOT, self.label_row);
        activity::scale(row, self.inverse);
    }
}

/// The first layer's activities for a labelled input, into `row`; returns its goodness.
#[inline(always)]
pub(crate) fn fire(input: Labelled<'_>, row: &mut [f32], biases: &[f32], mask: Option<Mask>, r: usize) -> f32 {
    let goodness = fire_all(input.label_row, input.pixels, input.inverse, row, biases);
    mask.map_or(goodness, |mask| mask.silence(r, row))
}

/// Without dropout.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
fn fire_all(label_row: &[f32], pixels: &[f32], inverse: f32, row: &mut [f32], biases: &[f32]) -> f32 {
    rectify(label_row, pixels, inverse, row, biases);
    math::square_sum(row)
}

/// `row <- relu((pixels + SLOT * label_row) * inverse + biases)`.
#[inline(always)]
fn rectify(label_row: &[f32], pixels: &[f32], inverse: f32, row: &mut [f32], biases: &[f32]) {
    let (row, [label_row, pixels, biases]) = activity::of_one_length(row, [label_row, pixels, biases]);
    let (blocks, tail) = row.as_chunks_mut::<BLOCK>();
    let (label_blocks, label_tail) = label_row.as_chunks::<BLOCK>();
    let (pixel_blocks, pixel_tail) = pixels.as_chunks::<BLOCK>();
    let (bias_blocks, bias_tail) = biases.as_chunks::<BLOCK>();
    let blocks = blocks.iter_mut().zip(label_blocks).zip(pixel_blocks).zip(bias_blocks);
    for (((block, label_row), pixels), biases) in blocks {
        rectify_some(label_row, pixels, inverse, block, biases);
    }
    rectify_some(label_tail, pixel_tail, inverse, tail, bias_tail);
}

#[inline(always)]
fn rectify_some(label_row: &[f32], pixels: &[f32], inverse: f32, row: &mut [f32], biases: &[f32]) {
    for (((h, w), q), b) in row.iter_mut().zip(label_row).zip(pixels).zip(biases) {
        *h = math::rectified((q + SLOT * w) * inverse + b);
    }
}

/// The mean of the label rows, which is what a neutral label sends; zeros where there are none.
pub(crate) fn mean_row(label_rows: &[f32], mean: &mut [f32]) {
    mean.fill(0.0);
    if label_rows.is_empty() {
        return;
    }
    let mut classes = 0.0_f32;
    for row in pieces::rows(label_rows, mean.len()) {
        mean.iter_mut().zip(row).for_each(|(m, w)| *m += w);
        classes += 1.0;
    }
    activity::scale(mean, 1.0 / classes);
}

/// The sum of squares of a neutral label's slots; 0 where there are none.
#[must_use]
pub fn neutral_squares(slots: usize) -> f32 {
    if slots == 0 { 0.0 } else { SLOT * SLOT / slots as f32 }
}

/// 2^-30: a slope below it could not move a weight that any other slope moves, since f32 keeps 24
/// bits.
pub(crate) const LEAST: f32 = 1.0 / (1 << 30) as f32;

/// A slope, or 0 for a row that is settled because it is no larger than `least`. Kernels skip rows of
/// zeros, and late in training most rows are settled; with [`LEAST`], denormal products, which
/// slow some machines down, do not arise.
#[inline]
pub(crate) fn unless_settled(least: f32, slope: f32) -> f32 {
    if slope.abs() > least { slope } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Callers pass what is left of a matrix, so label row and pixels go on behind the row.
    #[test]
    fn a_row_of_any_width_meets_its_own_weights() {
        for width in 1..=BLOCK * 3 {
            let count = |from: usize| core::array::from_fn::<f32, 40, _>(|j| (from + j) as f32);
            let (label_row, pixels, biases) = (count(1), count(50), count(7));
            let mut row = [0.0; BLOCK * 3];
            let input = Labelled { label_row: &label_row, pixels: &pixels, inverse: 0.5 };
            fire(input, &mut row[..width], &biases[..width], None, 0);
            for (j, h) in row[..width].iter().enumerate() {
                assert_eq!(*h, (pixels[j] + SLOT * label_row[j]) * 0.5 + biases[j], "unit {j} of {width}");
            }
        }
    }
}
