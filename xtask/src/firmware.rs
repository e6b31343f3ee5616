//! Building the firmware, which has its own workspace, settings and target folder.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{board::Board, process, toolchain::Toolchain};

/// A program of `ff-embedded`.
#[derive(Clone, Debug)]
pub enum Program {
    /// One of `src/bin/`.
    Binary(String),
    /// One of `examples/`.
    Example(String),
}

/// `cargo` with a subcommand that works on the firmware for this board, as it would be flashed.
pub fn cargo(toolchain: Toolchain, subcommand: &str, board: &Board) -> Command {
    cargo_with(toolchain, subcommand, board, "asm")
}

/// The same with other features than what a board has anyway.
fn cargo_with(toolchain: Toolchain, subcommand: &str, board: &Board, features: &str) -> Command {
    let mut cargo = toolchain.tool("cargo");
    // Cargo reads the firmware's settings only when it starts in the firmware's folder.
    cargo.current_dir(folder()).args([subcommand, "--target-dir", "target"]);
    cargo.args(["--target", board.target, "--no-default-features", "--features"]);
    cargo.arg(format!("{},{features}", board.name));
    cargo
}

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As it would be flashed.
    Release,
    /// The same without assembler.
    Portable,
    /// For a debugger: hardly optimised, with checks of arithmetic.
    Debug,
}

/// Builds a program as it would be flashed, and says where it is.
pub fn build(toolchain: Toolchain, board: &Board, program: &Program) -> Result<PathBuf> {
    build_with(toolchain, board, program, Profile::Release)
}

/// Builds a program, and says where it is.
pub fn build_with(toolchain: Toolchain, board: &Board, program: &Program, profile: Profile) -> Result<PathBuf> {
    let (kind, path) = match program {
        Program::Binary(name) => (["--bin", name], name.into()),
        Program::Example(name) => (["--example", name], Path::new("examples").join(name)),
    };
    let (profile, results, features) = match profile {
        Profile::Release => ("release", "release", "asm"),
        Profile::Portable => ("release", "release", ""),
        Profile::Debug => ("dev", "debug", "asm"),
    };
    process::run(cargo_with(toolchain, "build", board, features).args(["--profile", profile]).args(kind))?;
    Ok(folder().join("target").join(board.target).join(results).join(path))
}

/// The firmware's workspace.
pub fn folder() -> PathBuf {
    process::root().join("ff-embedded")
}
