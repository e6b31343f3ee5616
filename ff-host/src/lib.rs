//! The host side.

pub mod cli;

pub mod data;

pub mod kernel;

pub mod network;

pub mod recipe;

pub mod features;

pub mod train;

pub mod evaluate;
