//! The workspaces of the firmware and of the library for C, as far as they run on the host or not at all; and
//! programs in C.

use std::process::Command;

use super::{Check, cargo};
use crate::{
    bindings,
    board::{BOARDS, Board},
    firmware, setup,
};

pub fn checks() -> Vec<Check> {
    let mut checks = vec![
        Check::new("firmware: format", in_firmware("fmt --check")),
        Check::new("firmware: tests", in_firmware("test --lib --target host-tuple --target-dir target")),
        // Builds for every board, real ones too.
        Check::new("firmware: sizes, as they are told", cargo("xtask sizes --check")),
        documentation(&BOARDS[0]),
        Check::new("C: format", in_bindings("fmt --check")),
        Check::new("C: lints", in_bindings("clippy --lib -- -D warnings")),
        Check::new("C: the header that is kept", in_bindings("test --test header")),
        // Installs two C compilers and both emulators where they are not there.
        Check::new("C: examples in QEMU, and a header for C++", cargo("xtask bindings")),
    ];
    checks.extend(BOARDS.iter().map(lints));
    checks
}

fn in_firmware(words: &str) -> Command {
    let mut command = cargo(words);
    command.current_dir(firmware::folder());
    command
}

fn in_bindings(words: &str) -> Command {
    let mut command = cargo(words);
    command.current_dir(bindings::folder());
    command
}

fn lints(board: &'static Board) -> Check {
    Check::prepared(format!("{}: lints", board.name), || {
        let mut lints = firmware::cargo(setup::once()?, "clippy", board);
        lints.args(["--lib", "--bins", "--examples", "--", "-D", "warnings"]);
        Ok(lints)
    })
}

fn documentation(board: &'static Board) -> Check {
    Check::prepared("firmware: documentation", || {
        let mut documentation = firmware::cargo(setup::once()?, "doc", board);
        documentation.args(["--lib", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
        Ok(documentation)
    })
}
