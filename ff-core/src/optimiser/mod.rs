//! How a batch's direction becomes a change of weights.
//!
//! A step knows how to *fold* its direction `G = x' D / B` into a target matrix,
//! `target <- keep * target + scale * G`, by one outer product. The optimiser says which array is
//! the target, and moves the weights afterwards. For plain descent the target is the weights
//! themselves, and for momentum the velocity, so neither needs a gradient buffer.
//!
//! | optimiser | memory beside the weights | use when |
//! |---|---|---|
//! | [`Sgd`] | none | memory is short |
//! | [`Momentum`] | one network | batches are large, the classic recipe |
//! | [`Adam`] | two networks and one layer's gradient | epochs are dear and memory is not |
//!
//! Room for more: a new optimiser is one file with one `impl Optimiser`.

mod adam;
mod momentum;
mod sgd;
mod state;

pub use adam::Adam;
pub use momentum::Momentum;
pub use sgd::Sgd;
pub use state::{Moments, State, Stateless, average};

use crate::error::Error;
use crate::kernel::Kernel;

/// The two factors of a fold: `target <- keep * target + scale * direction`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fold {
    /// What is kept of the target; 0 means that its content does not matter.
    pub keep: f32,
    /// What the batch's mean direction is multiplied with.
    pub scale: f32,
}

/// The largest scale, learning rate and weight decay, so that their product is finite.
pub const MOST: f32 = 1e12;

/// How large a move is, for one matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StepSize {
    /// The rate, with the schedule's scale already in it: 0 to [`MOST`].
    pub learning_rate: f32,
    /// Weight decay, relative to the rate: 0 to [`MOST`].
    pub weight_decay: f32,
}

/// One matrix in training, with all that its optimiser keeps for it.
#[derive(Debug)]
pub struct Block<'a> {
    /// Values in a row.
    pub width: usize,
    /// What is learned.
    pub values: &'a mut [f32],
    /// The optimiser's moments, each as long as the values, or empty where it keeps none.
    pub moments: [&'a mut [f32]; 2],
    /// Room for the gradient, at least as long as the values where [`Optimiser::GRADIENT`].
    pub gradient: &'a mut [f32],
}

/// Where a direction is to be folded.
#[derive(Debug)]
pub struct Target<'a> {
    /// How.
    pub fold: Fold,
    /// Into what.
    pub array: &'a mut [f32],
    /// The values that are being learned; none where they are the target themselves.
    pub values: Option<&'a [f32]>,
}

/// A rule for moving weights along a direction. Its settings are the value; what it remembers is
/// a [`State`].
pub trait Optimiser: Sync {
    /// How many moments it keeps a weight, each in an array as large as the network.
    const MOMENTS: usize;

    /// Whether it must see a batch's gradient by itself, in a buffer of the largest matrix's size.
    const GRADIENT: bool;

    /// Whether it must be told how many steps were taken.
    const COUNTS_STEPS: bool = false;

    /// Lets `direction` fold the batch's direction, then moves the values.
    fn update<K, D>(&self, kernel: &mut K, step_size: StepSize, block: Block<'_>, direction: D)
    where
        K: Kernel,
        D: FnOnce(&mut K, Target<'_>);

    /// Tells it how many steps were taken before the next one, where it counts them.
    #[inline]
    fn set_steps(&mut self, _steps: u64) {}

    /// Refuses settings outside their documented ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    fn check(&self) -> Result<(), Error>;
}
