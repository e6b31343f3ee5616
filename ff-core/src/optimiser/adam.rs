//! Ascent whose steps are scaled weight by weight.

use super::{Block, Fold, Optimiser, StepSize, Target};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::math;

/// Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019):
///
/// `M <- b1 M + (1 - b1) G`, `V <- b2 V + (1 - b2) G^2`,
/// `W <- W + rate * (M^ / sqrt(V^ + epsilon^2) - decay * W)`, where `M^ = M / (1 - b1^t)` and
/// `V^ = V / (1 - b2^t)` undo that both began as zeros. Published is `sqrt(V^) + epsilon`; under the
/// root it needs neither a root nor a division, and where it matters at all it is the same size.
///
/// Memory: two arrays as large as the network ([`Moments`](super::Moments)), and the gradient of
/// the largest matrix in scratch. Time: one pass over all of them a step.
///
/// Use when epochs are dear and memory is not: it needs far fewer than momentum. Avoid on devices.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Adam {
    /// b1, from 0 to below 1.
    pub first: f32,
    /// b2, from 0 to below 1.
    pub second: f32,
    /// Keeps the division finite; from 1e-15 to 1.
    pub epsilon: f32,
    /// How many steps were taken before this one. Whoever calls the rule's `step` counts; a
    /// [`Trainer`](crate::trainer::Trainer) does.
    pub steps: u32,
}

impl Adam {
    /// The published constants, before the first step.
    pub const PUBLISHED: Self = Self { first: 0.9, second: 0.999, epsilon: 1e-8, steps: 0 };
}

impl Optimiser for Adam {
    const MOMENTS: usize = 2;
    const GRADIENT: bool = true;
    const COUNTS_STEPS: bool = true;

    #[inline]
    fn update<K, D>(&self, kernel: &mut K, step_size: StepSize, block: Block<'_>, direction: D)
    where
        K: Kernel,
        D: FnOnce(&mut K, Target<'_>),
    {
        let Block { width, values, moments: [first, second], gradient } = block;
        let gradient = gradient.split_at_mut_checked(values.len()).map_or(&mut [][..], |(own, _)| own);
        let fold = Fold { keep: 0.0, scale: 1.0 };
        direction(kernel, Target { fold, array: gradient, values: Some(values) });
        let t = self.steps.saturating_add(1);
        let (b1, b2, floor) = (self.first, self.second, self.epsilon * self.epsilon);
        let first_scale = step_size.learning_rate / (1.0 - power(b1, t));
        let second_scale = 1.0 / (1.0 - power(b2, t));
        let decay = step_size.learning_rate * step_size.weight_decay;
        kernel.rows_together(width, [values, first, second, gradient], |_, [w, m, v, g]| {
            for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(g) {
                *m = b1 * *m + (1.0 - b1) * *g;
                *v = b2 * *v + (1.0 - b2) * *g * *g;
                *w += first_scale * *m * math::inverse_sqrt(*v * second_scale + floor) - decay * *w;
            }
        });
    }

    #[inline]
    fn set_steps(&mut self, steps: u64) {
        self.steps = u32::try_from(steps).unwrap_or(u32::MAX);
    }

    fn check(&self) -> Result<(), Error> {
        error::within("first moment's coefficient", self.first, 0.0, 1.0 - f32::EPSILON)?;
        error::within("second moment's coefficient", self.second, 0.0, 1.0 - f32::EPSILON)?;
        error::within("epsilon", self.epsilon, 1e-15, 1.0)
    }
}

/// `base^exponent` by repeated squaring, the same bits everywhere.
fn power(mut base: f32, mut exponent: u32) -> f32 {
    let mut result = 1.0;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    result
}
