//! Forward-Forward learning for machines that could never train before: no `std`, no allocator,
//! no `unsafe` unless you ask for assembler, every buffer of a size known when the firmware is linked.
//!
//! # The idea
//!
//! Backpropagation needs a tape of everything that the forward pass computed. The
//! [Forward-Forward algorithm](https://arxiv.org/abs/2212.13345) (Hinton, 2022) needs none: every
//! layer learns by itself, from its own inputs and outputs, in two forward passes. *Positive* data
//! (a sample with its true label) should give the layer a high *goodness* — the sum of the squares
//! of its activities — and *negative* data (the same sample with a wrong label) a low one. No
//! gradient ever crosses a layer.
//!
//! # The path of a sample
//!
//! The modules are listed in the order in which data meets them:
//!
//! | module | what it answers |
//! |---|---|
//! | [`sample`] | what is a batch, and when is it refused? |
//! | [`label`] | where does the label enter, and which wrong label is drawn? |
//! | [`hybrid`] | what is negative where there are no labels? |
//! | [`layer`], [`network`], [`laid`] | who owns the weights, and how are shapes erased? |
//! | [`kernel`] | who multiplies matrices? (the one seam for speed) |
//! | [`activity`] | bias, ReLU, dropout, sum of squares, length normalisation |
//! | [`goodness`] | which objective does a layer climb? |
//! | [`peer`] | how are units kept from dying or hogging? |
//! | [`optimiser`] | how does a direction become a change of weights? |
//! | [`learner`] | what does a training step work on, and what does it report? |
//! | [`classic`] | the classic step: one positive and one negative pass |
//! | [`onepass`] | steps that score every class at once |
//! | [`classify`] | which label does the network see? |
//! | [`saliency`] | which parts of the sample made the network see it? |
//! | [`rule`] | what can be asked of every rule? |
//! | [`memory`], [`trainer`] | who owns it all, and what does a program call? |
//! | [`snapshot`] | how does what was learned become bytes, and come back? |
//! | [`store`] | how does a snapshot survive a power cut? |
//! | [`stream`] | how does learning go on as data keep coming? (replay, drift, anomalies, rollback) |
//! | [`random`], [`math`], [`checksum`], [`error`] | small helpers |
//! | [`prelude`] | all that a program names, in one `use` |
//!
//! # Learning XOR, in full
//!
//! ```
//! use ff_core::prelude::*;
//!
//! type Net = Network<Dense2<4, 16, 8>, 2>; // two label slots and two features, then 16 and 8 units
//! const RULE: Classic = Classic { lr_scale: 10.0, ..Classic::SMALL };
//! type Mem = Memory<Net, { RULE.floats::<Net>(4) }>;
//!
//! let mut memory = Mem::ZEROED; // firmware makes this a `static`: all zeros, so it lands in .bss
//! let mut trainer = Trainer::new(RULE, &mut memory, 1);
//! let (samples, labels) = ([0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], [0, 1, 1, 0]);
//! for _ in 0..2000 {
//!     trainer.step(&samples, &labels)?;
//! }
//! for (sample, label) in samples.chunks(2).zip(labels) {
//!     assert_eq!(trainer.classify(sample)?, label);
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! [`trainer::Trainer`] also learns in slices, scores, explains, saves and loads. The level below it is
//! public: a [`learner::Learner`] borrows the parts, and a rule's own `step` works on them.
//!
//! # Features
//!
//! * `libm` (default): `exp` and `sqrt` from `libm`, with the same bits on every machine.
//! * `micromath`: approximations instead; smaller, and faster without an FPU. Wins over `libm`
//!   where both are on.
//! * `bytemuck`: uses a snapshot in memory-mapped flash as a network, without a copy.
//! * `alloc`: makes a network or memory of any size on the heap (`memory::Owner::boxed`), where it never
//!   passes the stack.
//! * `rand_core`: the generator as one of `rand_core`.
//! * `embedded-storage`: an adapter for flash drivers, for [`store`].
//! * `asm`: the innermost loops in assembler on Arm cores with floating-point registers (Cortex-M4F, M7,
//!   M33; nothing anywhere else). The same bits in an eighth to a third fewer instructions. Without
//!   it the crate forbids `unsafe`.
//! * `defmt`: derives `defmt::Format` on settings, reports and errors. The core itself never logs.

#![no_std]
#![cfg_attr(not(feature = "asm"), forbid(unsafe_code))]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod sample;

pub mod label;

pub mod hybrid;

pub mod layer;

pub mod network;

pub mod laid;

pub mod kernel;

pub mod activity;

pub mod goodness;

pub mod peer;

pub mod optimiser;

pub mod learner;

mod neutral;

pub mod classic;

pub mod onepass;

pub mod classify;

pub mod saliency;

pub mod rule;

pub mod memory;

pub mod trainer;

pub mod snapshot;

pub mod store;

pub mod stream;

pub mod random;

pub mod math;

pub mod checksum;

mod active;

mod blocks;

mod pieces;

mod progress;

pub mod error;

pub mod prelude;

/// The program in the README is tested too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
