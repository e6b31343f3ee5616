//! The core as the web page runs it: one network of any widths in fixed memory, behind plain functions.
//!
//! From the network to the page:
//!
//! 1. [`network`]: parameters whose widths are known when a model is loaded.
//! 2. [`rule`]: how it learns, and how it is read, as a model file says.
//! 3. [`vector`]: the kernel that multiplies four values at a time, with the portable kernel's bits.
//! 4. [`page`]: what the page asks: answers, maps, activities, steps, forgetting, a new class.
//! 5. [`device`]: the firmware's own program, run beside the page's network.
//! 6. [`exports`]: the functions that the worker calls.
//!
//! The module takes no function from outside and allocates nothing: its memory is what it is loaded with.

#![cfg_attr(target_arch = "wasm32", no_std)]

pub mod device;
pub mod exports;
pub mod network;
pub mod page;
pub mod rule;
pub mod vector;

/// What ends the module where the core would panic: the worker sees an exception and says so.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
