//! How one layer scores every class from a single pass, and which way its units should move.

use crate::error::Error;
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::optimiser::Target;
use crate::pieces;

/// A layer's label rows: `classes` rows of `units`, empty where a head has none.
///
/// They are kept in the network's readout memory, layer by layer from the first.
#[derive(Clone, Copy, Debug)]
pub struct LabelRows<'a> {
    /// Rows.
    pub classes: usize,
    /// Values in a row, one a unit of the layer.
    pub units: usize,
    /// The values.
    pub weights: &'a [f32],
}

impl<'a> LabelRows<'a> {
    /// Class `y`'s row.
    #[inline(always)]
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [f32] {
        pieces::row(self.weights, self.units, y)
    }

    /// As a matrix of `classes` inputs and `units` outputs.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        Shape { inputs: self.classes, outputs: self.units }
    }
}

/// A local objective: class scores `s_y` from a layer's affine output z, the cross-entropy of their
/// softmax, and its descent directions. With errors `e_y = [y = t] - softmax_y(s)`:
///
/// `D_j = sum_y e_y ds_y/dz_j`, `W <- W + rate x' D`, up to a constant factor that is left to the
/// rate ([`Head::scale`]).
///
/// Rows are B samples throughout: z, D are rows x units; scores, errors rows x classes.
pub trait Head: Sync {
    /// Whether each layer has label rows.
    const LABEL_ROWS: bool;

    /// How many products a step makes with them, of `classes` times `units` multiply-adds a sample each.
    const LABEL_PRODUCTS: usize;

    /// The learning rate that [`OnePass::online`](super::OnePass::online) takes; there stands how it was
    /// measured.
    const ONLINE_RATE: f32;

    /// Turns one row of the affine output into what the other methods are given: `relu(z)`, unless
    /// the head must see below zero. In either form `relu` of it is the row of activities.
    fn open(&self, row: &mut [f32]);

    /// The scores of every class.
    fn scores<K: Kernel>(&self, kernel: &mut K, labels: LabelRows<'_>, z: &[f32], scores: &mut [f32]);

    /// The directions D of z.
    fn directions<K: Kernel>(
        &self,
        kernel: &mut K,
        labels: LabelRows<'_>,
        z: &[f32],
        errors: &[f32],
        directions: &mut [f32],
    );

    /// Folds the direction of the label rows, a mean over the batch.
    fn fold_labels<K: Kernel>(
        &self,
        kernel: &mut K,
        classes: usize,
        units: usize,
        z: &[f32],
        errors: &[f32],
        target: Target<'_>,
    );

    /// What the directions D have to be multiplied with to be the negative gradient.
    fn scale(&self, units: usize) -> f32;

    /// The standard deviation that label rows are drawn with.
    fn label_deviation(&self, units: usize) -> f32;

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    fn check(&self) -> Result<(), Error>;
}
