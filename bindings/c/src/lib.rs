//! The core for programs in C and C++: `include/ff.h` is what they see.
//!
//! Shapes are values, and all memory is the caller's: a [`Network`](api::Network), as many floats as
//! [`ff_floats`](api::ff_floats) says, and nothing else. No allocator, no global that changes, no panic. From C
//! inwards:
//!
//! | file | what it does |
//! |---|---|
//! | [`api`] | the functions that C calls: checks every pointer, and is the one file with `unsafe` |
//! | [`status`] | what they return |
//! | [`config`] | what C chooses: a rule, widths, rates |
//! | [`rules`] | every rule as a table of functions, so that a program links those that it names |
//! | [`engine`] | a network that has begun |

#![cfg_attr(target_os = "none", no_std)]

pub mod api;
pub mod config;
pub mod engine;
pub mod rules;
pub mod status;
