//! The commands of `ff`: each has its arguments as a type and a `run` that carries them out.

pub mod bench;
pub mod cv;
pub mod data;
pub mod eval;
mod exit;
pub mod explain;
pub mod export;
pub mod next;
pub mod predict;
pub mod recipe;
mod resume;
pub mod session;
pub mod shell;
pub mod simulate;
pub mod source;
pub mod sweep;
pub mod table;
pub mod threads;
pub mod train;

pub use crate::signals::take_limits_as_errors;
pub use exit::exit_code;
pub use session::{Interrupted, Worthless};
