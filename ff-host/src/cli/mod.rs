//! The commands of `ff`: each has its arguments as a type and a `run` that carries them out.

pub mod baseline;
pub mod bench;
pub mod compare;
pub mod data;
pub mod eval;
pub mod evaluate_saliency;
pub mod explain;
pub mod export;
pub mod overrides;
pub mod recipe;
pub mod results;
mod resume;
mod session;
pub mod simulate;
pub mod source;
pub mod sweep;
pub mod table;
pub mod threads;
pub mod train;

pub use session::Interrupted;
