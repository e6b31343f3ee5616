//! What judges Forward-Forward learning, beside the tool that does it: nothing in ff-host needs this crate.
//!
//! [`baseline`] trains an MLP of a recipe's widths by backpropagation, to compare with; [`saliency_eval`]
//! measures whether maps tell the truth; [`results`] keeps what runs found and writes the tables of texts from
//! it. [`cli`] is the program `ff-lab` around all that, which speaks by [`ff_host::output`].

// These panic where nobody reads any more.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod baseline;

pub mod saliency_eval;

pub mod results;

pub mod cli;
