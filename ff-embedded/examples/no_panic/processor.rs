//! How the program starts, and memory for one value. The library has both, but a panic handler too.

#[cfg(target_arch = "arm")]
pub use cortex_m::singleton;
#[cfg(target_arch = "arm")]
pub use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
pub use riscv::singleton;
#[cfg(target_arch = "riscv32")]
pub use riscv_rt::entry;

/// Nothing to do before the program: its stack is not measured.
#[cfg(target_arch = "riscv32")]
#[riscv_rt::post_init]
fn nothing() {}
