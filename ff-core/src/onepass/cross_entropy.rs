//! A linear classifier of its own for every layer.

use super::head::{Head, LabelRows};
use crate::activity;
use crate::error::Error;
use crate::kernel::Kernel;
use crate::math;
use crate::optimiser::Target;
use crate::pieces;

/// Local cross-entropy: `s_y = M_y . h`, `h = relu(z)`, M the layer's label rows.
///
/// `D_j = [h_j > 0] sum_y e_y M_yj`, `M_y <- M_y + rate e_y h`. Cost beside the layer's own
/// products: `3 C d` multiply-adds a sample.
///
/// Source: the "pred" loss of Nokland and Eidnes (2019); Mono-Forward (2025).
///
/// Use when accuracy in little time matters most. Avoid when you want a goodness: a layer then has
/// logits instead, and label rows take C values a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LocalCrossEntropy;

impl Head for LocalCrossEntropy {
    const LABEL_ROWS: bool = true;
    const LABEL_PRODUCTS: usize = 3;
    const ONLINE_RATE: f32 = 0.03;

    #[inline(always)]
    fn open(&self, row: &mut [f32]) {
        activity::rectify(row);
    }

    fn scores<K: Kernel>(&self, kernel: &mut K, labels: LabelRows<'_>, h: &[f32], scores: &mut [f32]) {
        kernel.matmul_transposed(labels.shape(), h, labels.weights, scores);
    }

    fn directions<K: Kernel>(
        &self,
        kernel: &mut K,
        labels: LabelRows<'_>,
        h: &[f32],
        errors: &[f32],
        directions: &mut [f32],
    ) {
        kernel.product(labels.shape(), errors, labels.weights, directions);
        let units = labels.units;
        kernel.rows(units, directions, |r: usize, row: &mut [f32]| {
            let h = pieces::from(h, r * units);
            row.iter_mut().zip(h).for_each(|(d, h)| *d = if *h > 0.0 { *d } else { 0.0 });
        });
    }

    fn fold_labels<K: Kernel>(
        &self,
        kernel: &mut K,
        classes: usize,
        units: usize,
        h: &[f32],
        errors: &[f32],
        Target { fold, array, .. }: Target<'_>,
    ) {
        let rows = pieces::count(errors.len(), classes);
        let shape = LabelRows { classes, units, weights: &[] }.shape();
        kernel.rank_update(shape, fold.keep, fold.scale / rows as f32, errors, h, array);
    }

    fn scale(&self, _: usize) -> f32 {
        1.0
    }

    fn label_deviation(&self, units: usize) -> f32 {
        1.0 / math::sqrt(units as f32)
    }

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}
