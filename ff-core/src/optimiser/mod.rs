//! How a batch's direction becomes a change of weights.
//!
//! A step folds its direction `G = x' D / B` straight into a target matrix by one outer product,
//! `target <- keep * target + scale * B * G`, then lets the optimiser advance the weights. There
//! is no gradient buffer. For plain descent the target is the weights themselves, so training
//! needs no memory beyond them.
//!
//! Room for more: a new optimiser is one file with one `impl Optimiser`.

mod momentum;
mod sgd;

pub use momentum::Momentum;
pub use sgd::Sgd;

use crate::error::Error;
use crate::kernel::Kernel;
use crate::layer::{LayerMut, LayerRef};
use crate::network::Parameters;

/// The two factors of a fold: `target <- keep * target + scale * direction`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fold {
    /// What is kept of the target.
    pub keep: f32,
    /// What the batch's mean direction is multiplied with.
    pub scale: f32,
}

/// How large a move is, for one matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pace {
    /// The rate, with the schedule's gain already in it.
    pub rate: f32,
    /// Weight decay, relative to the rate.
    pub decay: f32,
}

/// A rule for moving weights along a direction. Its settings are the value, its state (if any) is
/// a second value of the network's own type, called velocity.
pub trait Optimiser: Sync {
    /// Whether a velocity is needed.
    const STATEFUL: bool;

    /// How a direction enters the target.
    fn fold(&self, pace: Pace) -> Fold;

    /// Which of the two arrays is the target.
    fn target<'a>(&self, weights: &'a mut [f32], velocity: &'a mut [f32]) -> &'a mut [f32];

    /// Moves the weights (rows of `width`) once the target holds the batch's direction.
    fn advance<K: Kernel>(&self, kernel: &mut K, pace: Pace, width: usize, weights: &mut [f32], velocity: &[f32]);

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    fn check(&self) -> Result<(), Error>;
}

/// No optimiser state: the velocity of [`Sgd`]. It takes no memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stateless;

impl Parameters for Stateless {
    type Views<'a> = [LayerRef<'a>; 0];
    type ViewsMut<'a> = [LayerMut<'a>; 0];

    fn classes(&self) -> usize {
        0
    }

    fn views(&self) -> (Self::Views<'_>, &[f32]) {
        ([], &[])
    }

    fn views_mut(&mut self) -> (Self::ViewsMut<'_>, &mut [f32]) {
        ([], &mut [])
    }
}
