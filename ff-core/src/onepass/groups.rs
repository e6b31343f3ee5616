//! Every class has units of its own.

use super::head::{Head, LabelRows};
use crate::activity;
use crate::error::{self, Error};
use crate::kernel::{Kernel, RowLoop};
use crate::math;
use crate::optimiser::Target;
use crate::pieces;

/// Label groups: the units are divided among the classes, and a class's goodness is its own units'
/// sum of squares, `G_y = sum_(j in y) h_j^2`, `s_y = G_y / temperature`, `h = relu(z)`.
///
/// `D_j = e_(class of j) h_j`. Nothing is learned beside the layer's weights, and nothing costs
/// more than the layer's own products. Unit j of d belongs to class `floor(j C / d)`; a layer of
/// fewer units than classes leaves some classes without any.
///
/// Use when memory is shortest and layers are wide. Avoid in narrow layers, where a class gets too
/// few units.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LabelGroups {
    /// T, from 1e-6 to 1e6.
    pub temperature: f32,
}

impl LabelGroups {
    /// T = 30: for layers of about a thousand units.
    pub const STANDARD: Self = Self { temperature: 30.0 };
}

/// The units of class `y`.
pub(crate) fn group(y: usize, classes: usize, units: usize) -> core::ops::Range<usize> {
    let classes = classes.max(1);
    (y * units).div_ceil(classes)..((y + 1) * units).div_ceil(classes)
}

/// Every sample's goodness of every label.
struct Goodnesses<'a> {
    units: usize,
    scale: f32,
    h: &'a [f32],
}

impl RowLoop for Goodnesses<'_> {
    #[inline(always)]
    fn run(&self, r: usize, scores: &mut [f32]) {
        let &Self { units, scale, h } = self;
        let (classes, h) = (scores.len(), pieces::row(h, units, r));
        for (y, score) in scores.iter_mut().enumerate() {
            *score = scale * math::square_sum(pieces::part(h, group(y, classes, units)));
        }
    }

    #[inline(always)]
    fn work(&self, _: usize) -> usize {
        self.units
    }

    #[inline(always)]
    fn inner(&self, classes: usize) -> usize {
        pieces::count(self.units, classes)
    }
}

impl Head for LabelGroups {
    const LABEL_ROWS: bool = false;
    const LABEL_PRODUCTS: usize = 0;
    const ONLINE_RATE: f32 = 0.01;

    #[inline(always)]
    fn open(&self, row: &mut [f32]) {
        activity::rectify(row);
    }

    fn scores<K: Kernel>(&self, kernel: &mut K, labels: LabelRows<'_>, h: &[f32], scores: &mut [f32]) {
        kernel.rows(labels.classes, scores, Goodnesses { units: labels.units, scale: 1.0 / self.temperature, h });
    }

    fn directions<K: Kernel>(
        &self,
        kernel: &mut K,
        labels: LabelRows<'_>,
        h: &[f32],
        errors: &[f32],
        directions: &mut [f32],
    ) {
        let LabelRows { classes, units, .. } = labels;
        kernel.rows(units, directions, |r: usize, row: &mut [f32]| {
            let h = pieces::row(h, units, r);
            let errors = pieces::row(errors, classes, r);
            for (y, &e) in errors.iter().enumerate() {
                let units = group(y, classes, units);
                let own = pieces::part_mut(row, units.clone());
                own.iter_mut().zip(pieces::part(h, units)).for_each(|(d, h)| *d = e * h);
            }
        });
    }

    fn fold_labels<K: Kernel>(&self, _: &mut K, _: usize, _: usize, _: &[f32], _: &[f32], _: Target<'_>) {}

    fn scale(&self, _: usize) -> f32 {
        2.0 / self.temperature
    }

    fn label_deviation(&self, _: usize) -> f32 {
        0.0
    }

    fn check(&self) -> Result<(), Error> {
        error::within("temperature", self.temperature, 1e-6, 1e6)
    }
}
