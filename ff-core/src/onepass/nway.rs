//! The goodness of every label at once.

use super::head::{Head, LabelRows};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::math;
use crate::optimiser::Target;
use crate::pieces;

/// N-way goodness: `G_y = sum_j relu(z_j + U_yj)^2`, `s_y = G_y / T`, `T = temperature sqrt(d)`, U
/// the layer's label rows.
///
/// `D_j = sum_y e_y relu(z_j + U_yj)`, `U_yj <- U_yj + rate e_y relu(z_j + U_yj)`. The label enters
/// every layer as an additive column, so one pass gives the exact goodness of every label, and all
/// wrong labels are negatives at once: no threshold, two products a layer instead of five. Cost
/// beside the products: `3 C d` additions and multiply-adds a sample.
///
/// Use when you want Forward-Forward's goodness at a fraction of its time. Avoid when there are
/// very many classes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NWay {
    /// T over the square root of the width, above 0.
    pub temperature: f32,
}

impl NWay {
    /// `T = sqrt(d)`.
    pub const STANDARD: Self = Self { temperature: 1.0 };

    pub(crate) fn inverse_temperature(&self, units: usize) -> f32 {
        1.0 / (self.temperature * math::sqrt(units as f32))
    }
}

/// `relu(z + u)`.
#[inline(always)]
pub(crate) fn lifted(z: f32, u: f32) -> f32 {
    let sum = z + u;
    if sum > 0.0 { sum } else { 0.0 }
}

impl Head for NWay {
    const LABEL_ROWS: bool = true;

    /// Labels lift units from below zero, so z stays as it is.
    #[inline(always)]
    fn open(&self, _: &mut [f32]) {}

    fn scores<K: Kernel>(&self, kernel: &mut K, labels: LabelRows<'_>, z: &[f32], scores: &mut [f32]) {
        let units = labels.units;
        let scale = self.inverse_temperature(units);
        kernel.dear_rows(labels.classes, labels.classes * units, scores, |r, scores| {
            let z = z.get(r * units..(r + 1) * units).unwrap_or_default();
            for (y, score) in scores.iter_mut().enumerate() {
                let goodness = math::sum_of_pairs(z, labels.row(y), |z, u| {
                    let h = lifted(z, u);
                    h * h
                });
                *score = scale * goodness;
            }
        });
    }

    fn directions<K: Kernel>(
        &self,
        kernel: &mut K,
        labels: LabelRows<'_>,
        z: &[f32],
        errors: &[f32],
        directions: &mut [f32],
    ) {
        let LabelRows { classes, units, .. } = labels;
        kernel.rows(units, directions, |r, row| {
            let z = z.get(r * units..(r + 1) * units).unwrap_or_default();
            let errors = errors.get(r * classes..(r + 1) * classes).unwrap_or_default();
            let (blocks, tail) = row.as_chunks_mut::<BLOCK>();
            let (z_blocks, z_tail) = z.as_chunks::<BLOCK>();
            for ((block, z), j) in blocks.iter_mut().zip(z_blocks).zip((0..).step_by(BLOCK)) {
                *block = direction(labels, errors, z, j);
            }
            // The last units, one at a time: as many as a block are rare.
            let start = units - tail.len();
            for ((d, &z), j) in tail.iter_mut().zip(z_tail).zip(start..) {
                [*d] = direction(labels, errors, &[z], j);
            }
        });
    }

    fn fold_labels<K: Kernel>(
        &self,
        kernel: &mut K,
        classes: usize,
        units: usize,
        z: &[f32],
        errors: &[f32],
        Target { fold, array, values }: Target<'_>,
    ) {
        let samples = pieces::count(errors.len(), classes);
        let scale = fold.scale / samples as f32;
        let sums = Lifts { classes, units, z, errors, scale };
        kernel.dear_rows(units, samples * units, array, |y, row| match values {
            Some(values) => {
                let labels = LabelRows { classes, units, weights: values };
                sums.fold(y, fold.keep, row, |block, j| labels.row(y).get(j..j + block.len()).unwrap_or_default())
            }
            None => sums.fold_in_place(y, fold.keep, row),
        });
    }

    fn scale(&self, units: usize) -> f32 {
        2.0 * self.inverse_temperature(units)
    }

    fn label_deviation(&self, _: usize) -> f32 {
        1.0
    }

    fn check(&self) -> Result<(), Error> {
        error::within("temperature", self.temperature, 1e-6, 1e6)
    }
}

/// `sum_y e_y relu(z_j + U_yj)` of `N` units from the `j`th: their sums stay in registers while the
/// labels go by.
#[inline(always)]
fn direction<const N: usize>(labels: LabelRows<'_>, errors: &[f32], z: &[f32; N], j: usize) -> [f32; N] {
    let mut sums = [0.0; N];
    for (row, &e) in pieces::rows(labels.weights, labels.units).zip(errors) {
        if e != 0.0
            && let Some(u) = row.get(j..).and_then(|row| row.first_chunk::<N>())
        {
            sums.iter_mut().zip(z).zip(u).for_each(|((sum, z), u)| *sum += e * lifted(*z, *u));
        }
    }
    sums
}

/// The sums `scale * sum_b e_by relu(z_bj + U_yj)`, a block of units at a time: what is learned may
/// be the target itself, so a block is summed before it is written.
struct Lifts<'a> {
    classes: usize,
    units: usize,
    z: &'a [f32],
    errors: &'a [f32],
    scale: f32,
}

/// Units of a block: their sums stay in registers.
const BLOCK: usize = 16;

impl Lifts<'_> {
    /// `row <- keep * row + sums`, the label rows' own values elsewhere.
    #[inline(always)]
    fn fold<'u>(&self, y: usize, keep: f32, row: &mut [f32], u: impl Fn(&[f32], usize) -> &'u [f32]) {
        for (block, j) in row.chunks_mut(BLOCK).zip((0..).step_by(BLOCK)) {
            let sums = self.sums(y, j, u(block, j));
            block.iter_mut().zip(sums).for_each(|(t, sum)| *t = kept(keep, *t) + sum);
        }
    }

    /// The same where the row is the label's own.
    #[inline(always)]
    fn fold_in_place(&self, y: usize, keep: f32, row: &mut [f32]) {
        for (block, j) in row.chunks_mut(BLOCK).zip((0..).step_by(BLOCK)) {
            let sums = self.sums(y, j, block);
            block.iter_mut().zip(sums).for_each(|(t, sum)| *t = kept(keep, *t) + sum);
        }
    }

    #[inline(always)]
    fn sums(&self, y: usize, j: usize, u: &[f32]) -> [f32; BLOCK] {
        let mut sums = [0.0; BLOCK];
        for (b, z) in pieces::rows(self.z, self.units).enumerate() {
            let e = self.scale * self.errors.get(b * self.classes + y).copied().unwrap_or(0.0);
            if e != 0.0 {
                let z = z.get(j..).unwrap_or_default();
                sums.iter_mut().zip(z).zip(u).for_each(|((sum, z), u)| *sum += e * lifted(*z, *u));
            }
        }
        sums
    }
}

/// `keep * value`, whatever the value where nothing is kept.
#[inline(always)]
fn kept(keep: f32, value: f32) -> f32 {
    if keep == 0.0 { 0.0 } else { keep * value }
}
