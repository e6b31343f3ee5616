//! The exact difference of two passes, taken apart: through squares, ReLU and normalisation.
//!
//! For a function of a row and its value at a baseline row (primed), a *multiplier* `m` keeps
//! `sum_j m_j (h_j - h'_j)` equal to the difference of the function, exactly. Each step below
//! turns the multipliers of its outputs into those of its inputs.

use crate::activity::EPSILON;
use crate::math::{self, rectified};

/// `(relu(z) - relu(z')) / (z - z')`: 1 with both on, 0 with both off.
#[inline(always)]
pub(super) fn slope(z: f32, base: f32) -> f32 {
    let (on, base_on) = (z > 0.0, base > 0.0);
    if on == base_on {
        if on { 1.0 } else { 0.0 }
    } else {
        // One is on and the other is not, so the difference is not 0.
        (rectified(z) - rectified(base)) / (z - base)
    }
}

/// The step through `N(h) = c h`, `c = 1 / (EPSILON + s)`, `s = rms(h)`, for a row of `width`.
///
/// The lengths of the two rows may be far apart, and one may be silent. The difference is split
/// with weights that follow the lengths, `L = s / (s + s')`:
///
/// `n - n' = (L c + (1 - L) c') (h - h') + (c - c') ((1 - L) h + L h')`,
///
/// exact for every L, symmetric, and the gradient where h = h'. With `p = c s` and
/// `c - c' = -c c' (s - s')`, `s - s' = sum (h - h') (h + h') / (width (s + s'))`, it gives
///
/// `t_j = [(p + p') m_j - (h_j + h'_j) / (s + s') * sum_i (p' n_i + p n'_i) m_i / width] / (s + s')`,
///
/// in which every factor stays of order 1 however small a length is.
#[derive(Clone, Copy, Debug)]
pub(super) struct NormStep {
    keep: f32,
    sample: f32,
    base: f32,
    inverse_sum: f32,
    per_width: f32,
}

impl NormStep {
    /// The step between two rows, given the sums of their squares.
    #[cfg_attr(target_os = "none", inline(never))]
    #[cfg_attr(not(target_os = "none"), inline(always))]
    pub fn new(squares: f32, base: f32, width: usize) -> Self {
        let [s, s_base] = [squares, base].map(|squares| math::sqrt(squares / width as f32));
        let [c, c_base] = [s, s_base].map(|s| 1.0 / (EPSILON + s));
        let (p, p_base) = (c * s, c_base * s_base);
        let (sum, per_width) = (s + s_base, 1.0 / width as f32);
        if sum == 0.0 {
            // Both rows are silent, so nothing differs.
            return Self { keep: 0.0, sample: 0.0, base: 0.0, inverse_sum: 0.0, per_width };
        }
        let inverse_sum = 1.0 / sum;
        Self { keep: (p + p_base) * inverse_sum, sample: p_base * c, base: p * c_base, inverse_sum, per_width }
    }

    /// What `h` and `h'` of one input weigh in the scalar product with the multipliers:
    /// `p' n + p n'`.
    #[inline(always)]
    pub fn term(&self, h: f32, base: f32) -> f32 {
        self.sample * h + self.base * base
    }

    /// The multiplier of one input, from that of its output, `sum = h + h'`, and the scalar
    /// product.
    #[inline(always)]
    pub fn multiplier(&self, product: f32, m: f32, sum: f32) -> f32 {
        self.keep * m - (product * self.per_width) * self.inverse_sum * (sum * self.inverse_sum)
    }
}

/// What a layer's units did at the sample and at the baseline: values before the ReLU, and sums of
/// squares after it.
#[derive(Clone, Copy)]
pub(super) struct Both<'a> {
    pub z: [&'a [f32]; 2],
    pub squares: [f32; 2],
}

/// The multipliers of `z`, from those of the normalised activities (`m`, empty for none) and the
/// weight of the layer's own goodness: `d_j = slope_j (weight (h_j + h'_j) + t_j)`. With slopes of 1 they
/// are those of the activities.
#[inline(always)]
pub(super) fn through_layer(weight: f32, m: &[f32], both: Both<'_>, slope: impl Fn(f32, f32) -> f32, d: &mut [f32]) {
    let [z, base] = both.z;
    let units = || z.iter().copied().zip(base.iter().copied());
    // Without multipliers neither the step nor the product is used: only a last layer has none, and a loop
    // of its own would take more flash than this takes time.
    let step = NormStep::new(both.squares[0], both.squares[1], d.len());
    for ((d, m), (z, base)) in d.iter_mut().zip(m).zip(units()) {
        *d = step.term(rectified(z), rectified(base)) * m;
    }
    let product = math::sum(d);
    let mut m = m.iter();
    for (d, (z, base)) in d.iter_mut().zip(units()) {
        let (slope, sum) = (slope(z, base), rectified(z) + rectified(base));
        *d = match m.next() {
            Some(&m) => slope * (weight * sum + step.multiplier(product, m, sum)),
            None => slope * weight * sum,
        };
    }
}
