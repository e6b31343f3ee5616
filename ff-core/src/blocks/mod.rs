//! The innermost loops, over whole blocks of values: what a kernel, a row of activities and the N-way
//! goodness spend their time in.
//!
//! There are two versions with the same bits. Rust (`portable.rs`) is the reference and what every
//! machine can run; `vfp.rs` says the same in assembler for Arm cores with floating-point registers
//! (Cortex-M4F, M7, M33), with the feature `asm`. A compiler loads and stores those registers one by one,
//! since it gives them out in no order; in order, eight take one instruction.

#[cfg_attr(
    all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"),
    expect(dead_code, reason = "of the reference only what takes a rest of a block is needed")
)]
mod portable;
#[cfg(not(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none")))]
pub(crate) use portable::*;

#[cfg(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
mod vfp;
#[cfg(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
pub(crate) use vfp::*;

/// Values of a row that are worked on without a branch in between: a Cortex-M's loop costs as much
/// as one value.
pub(crate) const BLOCK: usize = 8;

/// A block.
pub(crate) type Block = [f32; BLOCK];

/// Columns that one row of a product is worked on at a time: two blocks, which with their weights fill a
/// Cortex-M4F's registers.
pub(crate) const WIDE: usize = 2 * BLOCK;

/// So many columns.
pub(crate) type Wide = [f32; WIDE];
