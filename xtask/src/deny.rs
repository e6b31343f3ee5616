//! `cargo xtask deny`: what dependencies may be.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::process;

/// The workspaces: each has a lock file of its own.
const MANIFESTS: [&str; 4] = ["Cargo.toml", "ff-embedded/Cargo.toml", "fuzz/Cargo.toml", "bindings/c/Cargo.toml"];

/// Check licences, sources and doubled versions of all dependencies with cargo-deny
///
/// Installs cargo-deny if it is not there, which compiles for minutes; `cargo xtask test` leaves it to CI
/// for that reason. The rules are in deny.toml.
#[derive(clap::Args)]
pub struct Options {}

/// Carries it out.
///
/// # Errors
/// When a dependency breaks a rule, or cargo-deny cannot be installed.
pub fn run() -> Result<ExitCode> {
    if !process::succeeds(Command::new("cargo").args(["deny", "--version"])) {
        process::run(process::tool("cargo").args(["install", "--locked", "cargo-deny"]))?;
    }
    for manifest in MANIFESTS {
        let mut deny = process::tool("cargo");
        deny.args(["deny", "--manifest-path", manifest, "check", "--config", "deny.toml"]);
        deny.args(["licenses", "bans", "sources"]).current_dir(process::root());
        println!("$ {}", process::shell_line(&deny));
        process::run(&mut deny)?;
    }
    Ok(ExitCode::SUCCESS)
}
