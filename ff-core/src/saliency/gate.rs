//! How far the first layer's units are on while inputs come into sight.
//!
//! Between baseline and sample the inputs, features and label, come into sight one by one in a random
//! order. Half-way a unit's z has the mean `m = (z + z') / 2` and the variance
//! `v = sum over inputs of (what the input adds to z)^2 / 4`, and the unit is on with about
//!
//! `g = (1 + m / sqrt(m^2 + v pi / 2)) / 2`,
//!
//! which costs one root, and agrees with the normal distribution's in value and slope at m = 0 and in
//! value far from it. So much of the change of z counts; what is left of the change of the activity,
//! `relu(z) - relu(z') - g (z - z')`, comes of the variance.

use crate::math::{self, rectified};
use crate::pieces;
use core::f32::consts::FRAC_PI_2;

/// What decides how far one row's units are on.
pub(super) struct Gate<'a> {
    /// `sum over i of (dn_i W_ij)^2` for each unit, dn by how much normalised features differ.
    pub spread: &'a [f32],
    /// What the label sends to each unit.
    pub label: &'a [f32],
    /// By how much the label's normalised slot differs.
    pub slot: f32,
}

/// The change of a unit's activity: `slope (z - z') + rest`.
pub(super) struct Change {
    pub slope: f32,
    pub rest: f32,
}

impl Gate<'_> {
    /// Of unit `j`, lifted by `u`.
    #[inline(always)]
    pub fn change(&self, j: usize, u: f32, z: f32, base: f32) -> Change {
        let [spread, label] = [self.spread, self.label].map(|values| pieces::value(values, j));
        let (mean, label) = (0.5 * (z + base) + u, self.slot * label);
        let square = mean * mean + (0.25 * FRAC_PI_2) * (spread + label * label);
        // At z = z' = 0 any slope will do.
        let slope = if square < f32::MIN_POSITIVE { 0.0 } else { 0.5 + 0.5 * mean * math::inverse_sqrt(square) };
        Change { slope, rest: rectified(z + u) - rectified(base + u) - slope * (z - base) }
    }

    /// From multipliers of the activities, in `d`, to those of z; returns what is left.
    #[cfg_attr(target_os = "none", inline(never))]
    pub fn pass_down(&self, [z, base]: [&[f32]; 2], d: &mut [f32]) -> f32 {
        let mut rest = 0.0;
        for (j, (d, (&z, &base))) in d.iter_mut().zip(z.iter().zip(base)).enumerate() {
            let change = self.change(j, 0.0, z, base);
            rest += *d * change.rest;
            *d *= change.slope;
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(spread: f32, z: f32, base: f32) -> Change {
        Gate { spread: &[spread], label: &[0.0], slot: 0.0 }.change(0, 0.0, z, base)
    }

    #[test]
    fn without_a_spread_a_unit_is_on_or_off() {
        for (z, slope) in [(3.0, 1.0), (1e-3, 1.0), (-1e-3, 0.0), (-7.0, 0.0)] {
            let found = change(0.0, z, z);
            assert!((found.slope - slope).abs() < 1e-6 && found.rest.abs() < 1e-6, "{z}: {}", found.slope);
        }
    }

    #[test]
    fn a_unit_is_on_as_the_normal_distribution_has_it_at_0_and_far_from_it() {
        // A spread of 36 is a deviation of 3 half-way, and its density there 1 / (3 sqrt(2 pi)).
        let density = 1.0 / (3.0 * core::f32::consts::TAU.sqrt());
        let on = |mean: f32| change(36.0, mean + 1.0, mean - 1.0).slope;
        assert!((on(0.0) - 0.5).abs() < 1e-6);
        assert!(((on(0.01) - on(-0.01)) / 0.02 - density).abs() < 1e-3);
        assert!(on(100.0) > 0.999 && on(-100.0) < 0.001);
    }

    #[test]
    fn both_parts_are_the_change() {
        let found = change(2.0, 1.5, -2.5);
        assert!((found.slope * 4.0 + found.rest - 1.5).abs() < 1e-6 && found.rest.abs() > 0.1);
    }
}
