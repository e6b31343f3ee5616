//! The goodness of every label at once.

use super::head::{Head, LabelRows};
use crate::activity;
use crate::blocks::{self, BLOCK};
use crate::error::{self, Error};
use crate::kernel::{Kernel, RowLoop};
use crate::math::{self, lifted};
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
    /// T over the square root of the width, from 1e-6 to 1e6.
    pub temperature: f32,
}

impl NWay {
    /// `T = sqrt(d)`.
    pub const STANDARD: Self = Self { temperature: 1.0 };

    pub(crate) fn inverse_temperature(&self, units: usize) -> f32 {
        1.0 / (self.temperature * math::sqrt(units as f32))
    }
}

impl Head for NWay {
    const LABEL_ROWS: bool = true;
    const LABEL_PRODUCTS: usize = 0;
    const ONLINE_RATE: f32 = 0.02;

    /// Labels lift units from below zero, so z stays as it is.
    #[inline(always)]
    fn open(&self, _: &mut [f32]) {}

    fn scores<K: Kernel>(&self, kernel: &mut K, labels: LabelRows<'_>, z: &[f32], scores: &mut [f32]) {
        let units = labels.units;
        let scale = self.inverse_temperature(units);
        kernel.rows(labels.classes, scores, Goodnesses { labels, scale, z });
    }

    fn directions<K: Kernel>(
        &self,
        kernel: &mut K,
        labels: LabelRows<'_>,
        z: &[f32],
        errors: &[f32],
        directions: &mut [f32],
    ) {
        kernel.rows(labels.units, directions, Directions { labels, z, errors });
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
        let scale = fold.scale / pieces::count(errors.len(), classes) as f32;
        let lifts = Lifts { classes, units, z, errors, scale, keep: fold.keep, values };
        kernel.rows(units, array, lifts);
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

// The loops over units are functions of their own on bare metal, so that they are compiled with the
// core, for speed, and not again in every application, for size.

/// Every sample's goodness of every label.
struct Goodnesses<'a> {
    labels: LabelRows<'a>,
    scale: f32,
    z: &'a [f32],
}

impl RowLoop for Goodnesses<'_> {
    #[inline(always)]
    fn run(&self, r: usize, scores: &mut [f32]) {
        let units = self.labels.units;
        let z = pieces::row(self.z, units, r);
        goodnesses(self.labels, self.scale, z, scores);
    }

    #[inline(always)]
    fn work(&self, classes: usize) -> usize {
        classes * self.labels.units
    }

    #[inline(always)]
    fn inner(&self, _: usize) -> usize {
        self.labels.units
    }
}

/// `scale * sum_j relu(z_j + U_yj)^2` of every label.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
fn goodnesses(LabelRows { units, weights, .. }: LabelRows<'_>, scale: f32, z: &[f32], scores: &mut [f32]) {
    blocks::lifted_squares(weights, units, z, scores);
    scores.iter_mut().for_each(|score| *score *= scale);
}

/// Every sample's directions.
struct Directions<'a> {
    labels: LabelRows<'a>,
    z: &'a [f32],
    errors: &'a [f32],
}

impl RowLoop for Directions<'_> {
    #[inline(always)]
    fn run(&self, r: usize, row: &mut [f32]) {
        let LabelRows { classes, units, .. } = self.labels;
        let z = pieces::row(self.z, units, r);
        let errors = pieces::row(self.errors, classes, r);
        direct(self.labels, errors, z, row);
    }

    #[inline(always)]
    fn work(&self, units: usize) -> usize {
        self.labels.classes * units
    }
}

/// `row_j <- sum_y e_y relu(z_j + U_yj)`.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
fn direct(labels: LabelRows<'_>, errors: &[f32], z: &[f32], row: &mut [f32]) {
    if errors.iter().all(|e| *e == 0.0) {
        return row.fill(0.0);
    }
    let (blocks, tail) = row.as_chunks_mut::<BLOCK>();
    let (z_blocks, z_tail) = z.as_chunks::<BLOCK>();
    let whole = z_blocks.len() * BLOCK;
    for ((block, z), j) in blocks.iter_mut().zip(z_blocks).zip((0..).step_by(BLOCK)) {
        *block = blocks::lifted_sums(labels.weights, labels.units, errors, z, j);
    }
    // The last units, one at a time: as many as a block are rare.
    for ((d, &z), j) in tail.iter_mut().zip(z_tail).zip(whole..) {
        let lifts = pieces::rows(labels.weights, labels.units).map(|row| pieces::value(row, j));
        *d = lifts.zip(errors).fold(0.0, |sum, (u, &e)| if e == 0.0 { sum } else { sum + e * lifted(z, u) });
    }
}

/// The sums `scale * sum_b e_by relu(z_bj + U_yj)`, a block of units at a time: what is learned may
/// be the target itself, so a block is summed before it is written.
struct Lifts<'a> {
    classes: usize,
    units: usize,
    z: &'a [f32],
    errors: &'a [f32],
    scale: f32,
    keep: f32,
    /// All label rows where the target is something else.
    values: Option<&'a [f32]>,
}

impl RowLoop for Lifts<'_> {
    #[inline(always)]
    fn run(&self, y: usize, row: &mut [f32]) {
        // Most labels of a device's one sample are settled, and a call is dear.
        if pieces::rows(self.errors, self.classes).all(|errors| errors.get(y).is_none_or(|e| *e == 0.0)) {
            activity::keep(self.keep, row);
        } else {
            self.fold(y, row);
        }
    }

    /// One value for each of the samples' z, of which there is a row a sample.
    #[inline(always)]
    fn work(&self, _: usize) -> usize {
        self.z.len()
    }
}

impl Lifts<'_> {
    /// `row <- keep * row + sums`; `values` holds the label's row where `row` is something else.
    #[cfg_attr(target_os = "none", inline(never))]
    #[cfg_attr(not(target_os = "none"), inline(always))]
    fn fold(&self, y: usize, row: &mut [f32]) {
        let (keep, units) = (self.keep, self.units);
        let values = self.values.map(|values| pieces::row(values, units, y));
        if self.errors.len() == self.classes {
            return self.fold_one(y, values, row);
        }
        let values = |j: usize| values.and_then(|values| values.get(j..));
        let (blocks, tail) = row.as_chunks_mut::<BLOCK>();
        let whole = blocks.len() * BLOCK;
        for (block, j) in blocks.iter_mut().zip((0..).step_by(BLOCK)) {
            let u = values(j).and_then(|values| values.first_chunk()).unwrap_or(block);
            *block = kept(keep, block, self.sums(y, j, u));
        }
        for (value, j) in tail.iter_mut().zip(whole..) {
            let u = values(j).and_then(|values| values.first()).unwrap_or(value);
            [*value] = kept(keep, &[*value], self.sums(y, j, &[*u]));
        }
    }

    /// The same for a batch of one, as a device has it: there is nothing to sum.
    #[inline(always)]
    fn fold_one(&self, y: usize, values: Option<&[f32]>, row: &mut [f32]) {
        let keep = self.keep;
        let e = self.scale * pieces::value(self.errors, y);
        let (blocks, tail) = row.as_chunks_mut::<BLOCK>();
        let (z_blocks, z_tail) = self.z.as_chunks::<BLOCK>();
        if keep == 1.0 && values.is_none() {
            // What plain descent does: the rows move where they are.
            blocks::lift(blocks, e, z_blocks);
            tail.iter_mut().zip(z_tail).for_each(|(u, z)| *u += e * lifted(*z, *u));
            return;
        }
        let (u_blocks, u_tail) = values.unwrap_or_default().as_chunks::<BLOCK>();
        let mut u = u_blocks.iter();
        for (block, z) in blocks.iter_mut().zip(z_blocks) {
            let u = u.next().unwrap_or(block);
            *block = kept(keep, block, core::array::from_fn(|i| e * lifted(z[i], u[i])));
        }
        let mut u = u_tail.iter();
        for (value, z) in tail.iter_mut().zip(z_tail) {
            let u = u.next().unwrap_or(value);
            [*value] = kept(keep, &[*value], [e * lifted(*z, *u)]);
        }
    }

    /// Every sample's z, and its error of the label.
    #[inline(always)]
    fn of_label(&self, y: usize) -> impl Iterator<Item = (&[f32], f32)> {
        let errors = pieces::rows(self.errors, self.classes);
        let errors = errors.map(move |errors| pieces::value(errors, y));
        pieces::rows(self.z, self.units).zip(errors)
    }

    /// The sums of `N` units from the `j`th, whose label row holds `u`.
    #[inline(always)]
    fn sums<const N: usize>(&self, y: usize, j: usize, u: &[f32; N]) -> [f32; N] {
        let mut sums = [0.0; N];
        for (z, e) in self.of_label(y) {
            if e != 0.0
                && let Some(z) = z.get(j..).and_then(|z| z.first_chunk::<N>())
            {
                let e = self.scale * e;
                sums.iter_mut().zip(z).zip(u).for_each(|((sum, z), u)| *sum += e * lifted(*z, *u));
            }
        }
        sums
    }
}

/// `keep * values + sums`, whatever the values where nothing is kept.
#[inline(always)]
fn kept<const N: usize>(keep: f32, values: &[f32; N], mut sums: [f32; N]) -> [f32; N] {
    if keep != 0.0 {
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += keep * value);
    }
    sums
}
