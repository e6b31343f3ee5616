//! The firmware's library: what it does, and what it needs from a board.
//!
//! From the data to the hardware:
//!
//! 1. [`digits`]: the handwritten digits that the firmware learns from, in flash.
//! 2. [`nets`]: what a program chooses, and its memory; the networks for boards with much and with little RAM.
//! 3. [`app`]: what it does with them, by the core's trainer.
//!    [`learns`]: what its programs ask of any network that learns.
//! 4. [`explain`]: why it answered what it did. [`nway`]: the same with another rule.
//!    [`sliced`]: a step in slices, beside other work. [`survive`]: [`power`] cuts. [`mnist`]: images that
//!    stream from elsewhere.
//! 5. [`board`]: what a board must offer, and one file for each board; `processor` likewise.
//! 6. `stack`, `runtime` and `retained`: how much stack was used; how a panic or a fault ends the
//!    program; memory that outlives a reset.
//!
//! Binaries under `src/bin/` and examples only put these together. All but the last also build for
//! the host, so that a test can run what the device runs; those exist on bare metal alone, with
//! `costs`, which says what a step takes.
//!
//! Unsafe code is denied but for seven files, each of which says why: `stack`, `retained`, the two of
//! `processor`, the MPS2 boards' `board/cmsdk.rs`, an STM32's `board/stm32_usart.rs` and the Pico 2's own file.

#![no_std]

#[cfg(test)]
extern crate std;

pub mod accurate;
pub mod anomaly;
pub mod app;
pub mod board;
#[cfg(target_os = "none")]
pub mod costs;
pub mod digits;
#[path = "../assets/digits07.rs"]
pub mod digits07;
pub mod drift;
pub mod explain;
pub mod learns;
pub mod mnist;
pub mod nets;
pub mod nway;
pub mod parity;
pub mod personalise;
pub mod power;
#[cfg(target_os = "none")]
pub mod processor;
#[cfg(target_os = "none")]
pub mod retained;
#[cfg(target_os = "none")]
pub mod runtime;
pub mod sliced;
#[cfg(target_os = "none")]
pub mod stack;
pub mod survive;
