//! The commands of `ff-lab`: each has its arguments as a type and a `run` that carries them out.

pub mod baseline;
pub mod compare;
pub mod evaluate_saliency;
pub mod results;
pub mod sweep;

/// The program's name in command lines that are kept.
pub(crate) const PROGRAM: &str = "ff-lab";
