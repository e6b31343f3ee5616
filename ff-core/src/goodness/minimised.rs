//! The other way round: positive data quiet, negative data loud.

use super::Objective;
use crate::error::Error;

/// Any objective with the roles of positive and negative exchanged: a layer *lowers* its goodness
/// on real data. A label's score is then minus its goodness.
///
/// Source: Hinton 2022, section 8: a layer that is quiet where its input agrees with itself has
/// learned constraints rather than features.
///
/// Use when quiet layers pay (energy, sparse events). Avoid when accuracy matters most.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Minimised<G>(pub G);

impl<G: Objective> Objective for Minimised<G> {
    const SIGN: f32 = -G::SIGN;
    const ONLINE_RATE: f32 = G::ONLINE_RATE;

    #[inline]
    fn slopes(&self, units: usize, positive: f32, negative: f32) -> (f32, f32) {
        let (up, down) = self.0.slopes(units, negative, positive);
        (down, up)
    }

    fn loss(&self, units: usize, positive: f32, negative: f32) -> f32 {
        self.0.loss(units, negative, positive)
    }

    fn slope_scale(&self, units: usize) -> f32 {
        self.0.slope_scale(units)
    }

    fn check(&self) -> Result<(), Error> {
        self.0.check()
    }
}
