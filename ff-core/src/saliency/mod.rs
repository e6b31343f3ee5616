//! Which parts of the sample made the network see a label?
//!
//! A *saliency map* shares a score out among the features: positive where a feature speaks for the label,
//! negative where it speaks against it. The family here is made for networks that learn layer by layer, whose
//! layers have a score each, in the spirit of the published claim that such networks explain themselves
//! ([arXiv 2409.15365](https://arxiv.org/abs/2409.15365)), whose own formula is not public. The project's book
//! has derivations, measurements, and what maps of this family do not tell.
//!
//! # The question
//!
//! A [`Question`] names a network, a sample, a baseline that stands for nothing seen (zeros, unless
//! another is given), a [`Score`] and a [`Target`]. The score S_y of a label y is the goodness summed
//! over the scored layers, the goodness of one layer, the readout's logit, or what a one-pass rule's
//! [`ClassHead`] gives the class. The map explains the *margin* M:
//!
//! | [`Against`] | margin | answers |
//! |---|---|---|
//! | `Nothing` | `S_y` | why is this score high at all? |
//! | `Label(k)` | `S_y - S_k` | why y and not k? |
//! | `MeanOfOthers` | `S_y - mean of S_k over k other than y` | why y of all labels? |
//!
//! Label slots of the input are given, never perturbed and never on the map. With the features x and F of them
//! among C classes, the first layer sees
//!
//! `z_1 = (x W + SLOT A_y) / N(x) + b_1`, `N(x) = EPSILON + sqrt((|x|^2 + SLOT^2) / (F + C))`,
//!
//! `W` the feature rows and `A_y` the label row of its weights: the product `x W` is shared by all
//! labels, and the length N differs between sample and baseline. No method takes it for a constant.
//!
//! ```
//! use ff_core::classify::ScoredLayers;
//! use ff_core::kernel::Portable;
//! use ff_core::network::{Dense2, Network};
//! use ff_core::random::Rng;
//! use ff_core::saliency::{Against, ExpectedDelta, Question, Saliency, Score, Target};
//!
//! type Net = Network<Dense2<7, 8, 8>, 3>;
//! const SCRATCH: usize = ExpectedDelta.scratch_floats(Net::SHAPES, 3);
//! let mut net = Net::ZEROED;
//! net.randomise(&mut Rng::new(1));
//!
//! let question = Question {
//!     network: &net,
//!     sample: &[0.0, 1.0, 0.5, 0.0],
//!     baseline: &[],
//!     score: Score::Goodness(ScoredLayers::ALL),
//!     target: Target { label: 2, against: Against::MeanOfOthers },
//! };
//! let mut map = [0.0; 4];
//! let told = ExpectedDelta.map(&question, &mut [0.0; SCRATCH], &mut Portable, &mut map)?;
//! let sum: f32 = map.iter().sum();
//! # #[cfg(not(feature = "micromath"))] // Its square roots are per cents off.
//! assert!((sum - (told.score - told.baseline_score)).abs() < 1e-4);
//! assert_eq!(map[0], 0.0); // a feature that equals the baseline has no share
//! # Ok::<(), ff_core::error::Error>(())
//! ```
//!
//! # The baseline
//!
//! Black (zeros) for networks whose labels are not inputs. Where the label is an input, [`usual_baseline`] keeps
//! the sample's direction and makes its features as long as the label's slot: `c x`, `c = min(1/2, SLOT / |x|)`.
//! It belongs to one sample, so a [`BaselineTrace`] made before serves black alone.
//!
//! # The methods
//!
//! | method | what the map is | goes | complete |
//! |---|---|---|---|
//! | [`ExpectedDelta`] (the default) | the exact difference to the baseline, swept down, with units on to a degree | up and down once | yes |
//! | [`GoodnessDelta`] | the same, with units on or off | up and down once | yes |
//! | [`IntegratedFirstLayer`] | the first layer's integrated gradients, exactly | through one layer | with shares |
//! | [`Occlusion`] | the change of the margin when a feature is erased, or added | up, once a feature | no |
//! | [`QuadraticShare`] | the margin itself, as a sum over paths | up and down once | with shares |
//! | [`CellShapley`] | what cells add, averaged over orders | up, once a cell and walk | yes |
//! | [`Rise`] | mean margin with the feature less that without it | up, once a mask | no |
//! | [`Smooth`] | another method's mean and variance over noisy samples | as the other, once a draw | as the other |
//!
//! *Complete*: the map, with `label_share` and `bias_share` where the method gives them, adds up to
//! `score - baseline_score` of [`Explained`], but for rounding. The maps of [`Score::OneLayer`] add up
//! to that of [`Score::Goodness`] over the same layers.
//!
//! # Costs
//!
//! Each method's costs are multiply-adds, with F features, R labels in the margin (1, 2, or all of them; 1
//! for a readout and for one-pass rules), U_1 units in the first layer, `P = sum of U_l U_(l+1)` weights above it,
//! and `ink` the features that are not zero in sample or baseline: only their weight rows are read (all F on the
//! way up where most are not zero). A label's pass up costs `F U_1 + P`. Floats are the least scratch, with
//! `U = sum of U_l`, `L` layers and W the widest: for one row at a time. With more, rows go side by side and
//! share the weights that are loaded ([`Saliency::floats`]); [`Saliency::scratch_floats`] is for all labels of
//! an input side by side. All methods also take `U_1 + U + C` for a readout and for a one-pass rule's scores;
//! for one layer's, with that layer's units in place of U.
//!
//! # What a map promises
//!
//! Same question, same seed, same kernel: same bytes. A layer's map does not depend on layers above
//! it, to the bit. Labels that send the same have no contrast. No map holds NaN: overflow is an
//! error. With the feature `micromath` square roots are approximate, and completeness with them.

mod baseline;
mod cells;
mod class_head;
mod class_scores;
mod delta;
mod endpoints;
mod expected_delta;
mod gate;
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

pub use baseline::{BaselineTrace, beside_usual, usual_baseline};
pub use cells::Cells;
pub use class_head::ClassHead;
pub use expected_delta::ExpectedDelta;
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
    /// A slice of the wrong length, features that are NaN, infinite or too large to be squared, a label, layer or readout that the
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
