//! What a program that learns names, in one `use`.
//!
//! ```
//! use ff_core::prelude::*;
//! ```

pub use crate::classic::{Classic, Unsupervised};
pub use crate::classify::ScoredLayers;
pub use crate::error::Error;
pub use crate::goodness::{Logistic, MeanSquare, Minimised, SymBa};
pub use crate::kernel::Portable;
pub use crate::label::Negatives;
pub use crate::layer::Layer;
pub use crate::learner::{Frozen, Report};
pub use crate::memory::Memory;
pub use crate::network::{Dense2, Dense3, FeaturesOnly, Network, NoReadout, Readout};
pub use crate::onepass::{LabelGroups, LocalCrossEntropy, NWay, OnePass};
pub use crate::optimiser::{Adam, Moments, Momentum, Sgd, Stateless, StepSize};
pub use crate::random::Rng;
pub use crate::saliency::{Against, ExpectedDelta, Explained, GoodnessDelta, Target};
pub use crate::store::{Storage, Store};
pub use crate::trainer::Trainer;
