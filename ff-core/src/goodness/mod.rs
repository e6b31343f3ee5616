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
//! Room for more: a new objective is one file with one `impl Objective`.

mod logistic;

pub use logistic::Logistic;

use crate::error::Error;

/// A loss of the goodness of a positive row and of its negative twin.
pub trait Objective: Sync {
    /// The slopes `(-dL/dG+, -dL/dG-)`, up to a constant factor, for a layer of `units`.
    fn slopes(&self, units: usize, positive: f32, negative: f32) -> (f32, f32);

    /// The loss itself, for reports and for checking the slopes: `slopes` is its negative
    /// gradient times [`Objective::slope_scale`].
    fn loss(&self, units: usize, positive: f32, negative: f32) -> f32;

    /// The constant factor between the slopes and the negative gradient.
    fn slope_scale(&self) -> f32 {
        1.0
    }

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    fn check(&self) -> Result<(), Error>;
}
