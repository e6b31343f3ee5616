//! Which parts of the image made the network see a label?
//!
//! Forward-Forward has a score that says why by itself: the goodness of every layer. A *saliency
//! map* shares the score of a label, or its lead over other labels, out among the features.

mod baseline;
mod cells;
mod delta;
mod goodness_delta;
mod head;
mod input;
mod integrated;
mod occlusion;
mod pass;
mod probe;
mod quadratic;
mod question;
mod rise;
mod shapley;
mod smooth;
mod sweep;

pub use baseline::BaselineTrace;
pub use cells::Cells;
pub use goodness_delta::GoodnessDelta;
pub use integrated::IntegratedFirstLayer;
pub use occlusion::{INK, Occlusion, OcclusionMode};
pub use quadratic::QuadraticShare;
pub use question::{Against, Explained, Question, Score, Target};
pub use rise::Rise;
pub use shapley::CellShapley;
pub use smooth::Smooth;

use crate::error::Error;
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::network::Parameters;

/// A method that answers a [`Question`] with a map.
pub trait Saliency {
    /// Floats of scratch with which `rows` rows go side by side; at least 1.
    ///
    /// A row is one label on one input. Rows that go side by side share every weight that is
    /// loaded; the map is the same but for rounding.
    fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize;

    /// Floats of scratch with which all labels of one input go side by side.
    fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }

    /// Fills `map`, one value a feature: positive where the feature speaks for the label, negative
    /// where it speaks against it.
    ///
    /// # Errors
    /// A slice of the wrong length, NaN or infinite features, a label, layer or readout that the
    /// network does not have, settings out of range, shapes that do not fit, and
    /// [`Error::NotFinite`] for a map that overflowed. After an error the map holds no answer.
    fn map<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error>;
}
