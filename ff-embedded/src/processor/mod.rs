//! What the firmware needs from a processor: how a program starts, what counts its time, and where its stack
//! is. One file for each kind of processor, and all offer the same.

#[cfg(target_arch = "arm")]
#[path = "cortex_m.rs"]
mod chosen;
#[cfg(target_arch = "riscv32")]
#[path = "risc_v.rs"]
mod chosen;

pub use chosen::{Counter, PAINT, delay, entry, idle, singleton, stack_pointer, undefined};
