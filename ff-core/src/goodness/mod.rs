//! Which objective a layer climbs.
//!
//! A layer's goodness is `G = sum_j h_j^2` over its `d` units. An objective turns the goodness of
//! a positive row and of its negative twin into two slopes; the step then moves the layer along
//!
//! `D+ = slope+ * h+`, `D- = slope- * h-`, `W <- W + rate * (x+' D+ + x-' D-) / B`.
//!
//! Since `dG/dz = 2 h`, a slope of `-dL/dG` makes D half the descent direction of the loss L; the
//! factor 2 is left to the rate, as in the reference recipe.
//!
//! | objective | loss |
//! |---|---|
//! | [`Logistic`] | logistic, against a threshold: the published one |
//! | [`MeanSquare`] | the same of the goodness per unit: softer |
//! | [`SymBa`] | logistic of the gap between the two passes: no threshold |
//! | [`Minimised`] | any of these with positive and negative exchanged |
//!
//! Room for more: a new objective is one file with one `impl Objective`.

mod logistic;
mod mean_square;
mod minimised;
mod symba;

pub use logistic::Logistic;
pub use mean_square::MeanSquare;
pub use minimised::Minimised;
pub use symba::SymBa;

use crate::error::Error;
use crate::math::exp;

/// A loss of the goodness of a positive row and of its negative twin.
pub trait Objective: Sync {
    /// The sign with which a label's goodness counts in classification: -1 where positive data
    /// should be quiet.
    const SIGN: f32 = 1.0;

    /// The learning rate that [`Classic::online`](crate::classic::Classic::online) takes; there stands how
    /// it was measured.
    const ONLINE_RATE: f32;

    /// The slopes `(-dL/dG+, -dL/dG-)`, up to a constant factor, for a layer of `units`.
    fn slopes(&self, units: usize, positive: f32, negative: f32) -> (f32, f32);

    /// The loss itself, for reports and for checking the slopes: `slopes` is its negative
    /// gradient times [`Objective::slope_scale`].
    fn loss(&self, units: usize, positive: f32, negative: f32) -> f32;

    /// The constant factor between the slopes and the negative gradient, in a layer of `units`.
    fn slope_scale(&self, units: usize) -> f32;

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    fn check(&self) -> Result<(), Error>;
}

/// ln(1 + e^x), by a series in e^-|x| that needs no logarithm from outside: -ln(sigmoid(-x)).
fn softplus(x: f32) -> f32 {
    let small = exp(if x > 0.0 { -x } else { x });
    // ln(1 + t) = 2 atanh(t / (2 + t)), |argument| <= 1/3.
    let u = small / (2.0 + small);
    let square = u * u;
    let series = 1.0 + square * (1.0 / 3.0 + square * (0.2 + square * (1.0 / 7.0 + square / 9.0)));
    (if x > 0.0 { x } else { 0.0 }) + 2.0 * u * series
}
