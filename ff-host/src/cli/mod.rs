//! The commands of `ff`: each has its arguments as a type and a `run` that carries them out.

pub mod bench;
pub mod data;
pub mod eval;
pub mod evaluate_saliency;
pub mod overrides;
pub mod recipe;
mod session;
pub mod source;
pub mod table;
pub mod train;

pub use session::Interrupted;
