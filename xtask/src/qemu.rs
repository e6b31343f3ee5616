//! `cargo xtask qemu`: builds firmware and runs it on an emulated board.

use std::{process::ExitCode, time::Duration};

use anyhow::{Result, bail};

use crate::{
    board::{self, Board, Runs},
    emulator,
    firmware::{self, Profile, Program},
    golden::Golden,
    limits, mnist, setup,
};

/// The exit code of a QEMU that ended without one, by a signal, as it does when a processor locks up.
const LOCKED_UP: u8 = 125;

/// Build firmware and run it on an emulated board
///
/// Prints the firmware's report as it comes, and ends with the firmware's own exit code: 0 if it
/// did its work, 1 if the result is not good enough, 101 after a panic, 102 after a fault.
/// 124 means that the time limit was reached, 125 that the processor locked up.
#[derive(clap::Args)]
pub struct Options {
    /// The board
    #[arg(long, default_value = board::DEFAULT, value_parser = board::emulated())]
    board: &'static Board,

    /// A program of ff-embedded/src/bin
    #[arg(long, value_name = "NAME", default_value = "learn")]
    bin: String,

    /// A program of ff-embedded/examples, instead of a binary
    #[arg(long, value_name = "NAME", conflicts_with = "bin")]
    example: Option<String>,

    /// Build for debugging, with checks of arithmetic: slow, and held against no report
    #[arg(long, conflicts_with = "bless")]
    debug: bool,

    /// Build without assembler: what it learns is held against the report, what it takes is not
    #[arg(long, conflicts_with_all = ["bless", "debug"])]
    portable: bool,

    /// Keep the report as the one that later runs are held against
    #[arg(long)]
    bless: bool,

    /// End the program after this time
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    time_limit: u64,
}

/// Builds and runs what the options say.
///
/// # Errors
/// When the machine cannot be set up, or the firmware not be built, or QEMU not be started.
pub fn run(options: &Options) -> Result<ExitCode> {
    let Runs::Qemu { machine, .. } = options.board.runs else { bail!("{} is no emulated board", options.board.name) };
    let toolchain = setup::toolchain()?;
    machine.emulator.install()?;
    let program = options.example.clone().map_or_else(|| Program::Binary(options.bin.clone()), Program::Example);
    let profile = match options {
        Options { debug: true, .. } => Profile::Debug,
        Options { portable: true, .. } => Profile::Portable,
        _ => Profile::Release,
    };
    let elf = firmware::build_with(toolchain, options.board, &program, profile)?;
    if options.example.as_deref().is_some_and(|example| mnist::PROGRAMS.contains(&example)) {
        mnist::prepare()?;
    }
    let (code, report) = emulator::run(machine, &elf, Duration::from_secs(options.time_limit))?;
    let name = options.example.as_ref().unwrap_or(&options.bin);
    // Binaries must have a kept report; examples may.
    let kept = options.bless || options.example.is_none() || Golden::is_kept(name, options.board);
    if code == Some(0) && kept && !options.debug {
        let golden = match options {
            Options { bless: true, .. } => Golden::Bless,
            Options { portable: true, .. } => Golden::CompareLearned,
            _ => Golden::Compare,
        };
        golden.settle(name, options.board, &report)?;
        if !options.portable {
            limits::check(name, options.board, &report)?;
        }
    }
    Ok(code.map_or(ExitCode::from(LOCKED_UP), ExitCode::from))
}
