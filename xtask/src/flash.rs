//! `cargo xtask flash`: puts firmware on a real board.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::{
    board::{self, Board, Runs},
    firmware::{self, Program},
    process, setup,
};

/// Build firmware for a real board and run it there with probe-rs
///
/// Needs probe-rs (<https://probe.rs>), which prints the firmware's report. This project has not
/// tried any of these boards: memory maps and chip names come from data sheets.
#[derive(clap::Args)]
pub struct Options {
    /// The board
    #[arg(long, value_parser = board::real())]
    board: &'static Board,

    /// A program of ff-embedded/src/bin
    #[arg(long, value_name = "NAME", default_value = "learn")]
    bin: String,

    /// Build only, and print the command that would run it
    #[arg(long)]
    dry_run: bool,
}

/// Builds, flashes and runs what the options say.
///
/// # Errors
/// When the firmware cannot be built, or probe-rs not be started.
pub fn run(options: &Options) -> Result<ExitCode> {
    let Runs::Hardware { chip } = options.board.runs else { bail!("{} runs in QEMU", options.board.name) };
    let toolchain = setup::toolchain()?;
    let elf = firmware::build(toolchain, options.board, &Program::Binary(options.bin.clone()))?;
    let mut probe = Command::new("probe-rs");
    probe.args(["run", "--chip", chip]).arg(elf);
    println!("$ {}", process::shell_line(&probe));
    if options.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    let status = probe.status().context("cannot start probe-rs; install it from https://probe.rs")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
