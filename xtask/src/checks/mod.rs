//! The checks of `cargo xtask test`: which there are, and in which order.
//!
//! A check is a name and a command. To add one, write a line into the file of its subject, or give a new
//! subject a file of its own here and a row in [`all`].
//!
//! | file | subject |
//! |---|---|
//! | [`host`] | format, lints, documentation and tests of the host's workspace |
//! | [`core`] | `ff-core` with each of its features, for every target, and as a package |
//! | [`firmware`] | the workspaces of the firmware and of the library for C: tests, lints, sizes, programs in C |
//! | [`emulator`] | what firmware does in QEMU, failures among it |
//! | [`fast`] | a few of the above for a short cycle |
//!
//! What a check needs beyond the default tool chain (a cross compiler, an emulator, a package of the system)
//! is set up by the check itself, in the closure that makes its command ([`Check::prepared`]). So `--fast`
//! and `--only` install nothing that their checks do not use.

mod check;
mod core;
mod emulator;
pub mod fast;
mod firmware;
mod host;

use std::process::Command;

pub use self::check::{Check, Outcome};
use crate::process;

/// Every check, cheap ones first.
pub fn all() -> Vec<Check> {
    [host::checks(), core::checks(), firmware::checks(), emulator::checks()].into_iter().flatten().collect()
}

/// A command of the default tool chain, its words divided by spaces.
fn cargo(words: &str) -> Command {
    let mut command = process::tool("cargo");
    command.args(words.split_whitespace()).current_dir(process::root());
    command
}
