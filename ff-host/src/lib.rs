//! The host side of Forward-Forward learning: trains, measures and explains networks with
//! ff-core's own training step.
//!
//! Data flows through the modules in this order: [`data`] finds and checks images, [`recipe`] says
//! what to do with them, [`features`] turns them into what a [`network`] takes, [`train`] and
//! [`evaluate`] run ff-core on the [`kernel`], [`run`] keeps what came of it, `explain` draws why, and [`cli`] is the
//! program around all that.

pub mod data;

pub mod recipe;

pub mod features;

pub mod network;

pub mod kernel;

pub mod train;

pub mod evaluate;

pub mod run;

mod explain;

pub mod cli;
