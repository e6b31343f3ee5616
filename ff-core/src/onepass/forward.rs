//! The one pass of a sample: a layer fires, and hands on.

use super::Head;
use crate::activity::{self, Mask};
use crate::kernel::{Kernel, RowLoop};
use crate::label;
use crate::layer::LayerRef;
use crate::math;
use crate::pieces;

/// Fires one layer: `z <- open(x W * inverse + b)`.
///
/// The first layer's samples are not normalised in place: `inverse` holds each row's factor, and is
/// empty for the layers above.
#[inline(always)]
pub(super) fn fire<H: Head, K: Kernel>(
    kernel: &mut K,
    head: &H,
    layer: &LayerRef<'_>,
    x: &[f32],
    inverse: &[f32],
    z: &mut [f32],
) {
    kernel.product(layer.shape, x, layer.weights, z);
    open(kernel, head, layer, inverse, None, z);
}

/// The same from the layer's product on, silenced units far below zero; a function of its own on bare metal,
/// so that its stack is not in use while the product is made.
#[cfg_attr(target_os = "none", inline(never))]
pub(super) fn open<H: Head, K: Kernel>(
    kernel: &mut K,
    head: &H,
    layer: &LayerRef<'_>,
    inverse: &[f32],
    mask: Option<Mask>,
    z: &mut [f32],
) {
    kernel.rows(layer.shape.outputs, z, Opening { head, biases: layer.biases, inverse, mask });
}

/// From a row's product to what the head is given.
struct Opening<'a, H> {
    head: &'a H,
    biases: &'a [f32],
    inverse: &'a [f32],
    mask: Option<Mask>,
}

impl<H: Head> RowLoop for Opening<'_, H> {
    #[inline(always)]
    fn run(&self, r: usize, z: &mut [f32]) {
        if let Some(&inverse) = self.inverse.get(r) {
            activity::scale(z, inverse);
        }
        activity::add_scaled(z, 1.0, self.biases);
        if let Some(mask) = self.mask {
            mask.sink(r, z);
        }
        self.head.open(z);
    }
}

/// Turns a layer's output into the next layer's input: `N(relu(z))`.
pub(super) fn normalise_forward<K: Kernel>(kernel: &mut K, units: usize, z: &mut [f32]) {
    kernel.rows(units, z, |_: usize, row: &mut [f32]| {
        activity::rectify(row);
        activity::scale(row, activity::inverse_rms(math::square_sum(row), units));
    });
}

/// 1 / N of each sample.
pub(super) fn inverse_norms(samples: &[f32], features: usize, inverse: &mut [f32]) {
    for (sample, inverse) in pieces::rows(samples, features).zip(inverse) {
        *inverse = label::inverse_norm(sample, 0, 0.0);
    }
}
