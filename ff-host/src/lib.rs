//! The host side of Forward-Forward learning: trains, measures and explains networks with
//! ff-core's own training step.
//!
//! Data flows through the modules in this order: [`data`] finds and checks images, [`recipe`] says
//! what to do with them by which [`rule`], [`augment`] varies them, [`features`] turns them into
//! what a [`network`] takes, [`train`] and [`evaluate`] run ff-core on the [`kernel`], [`bench`](mod@bench)
//! says how fast that is, [`run`] keeps what came of it, [`firmware`] takes it to a device, [`simulate`] tells what
//! learning on one would give, [`predict`](mod@predict) answers for new samples, [`explain`] draws why, [`sweep`] makes many runs and one table of
//! them, and [`cli`] is the program around all that, which speaks by [`output`].

// These panic where nobody reads any more.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod output;

pub mod escape;

pub mod event;

pub mod progress;

pub mod files;

mod signals;

pub mod data;

pub mod recipe;

pub mod rule;

pub mod augment;

pub mod features;

pub mod network;

pub mod arrays;

pub mod kernel;

pub mod train;

pub mod dead_units;
pub mod evaluate;

pub mod metrics;

pub mod examine;

pub mod health;

pub mod predict;

pub mod temperature;

pub mod memory;

pub mod bench;

pub mod run;

pub mod firmware;

pub mod web;

pub mod simulate;

pub mod explain;

pub mod sweep;

pub mod cli;
