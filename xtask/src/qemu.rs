//! `cargo xtask qemu`: builds firmware and runs it on an emulated board.

use std::{
    io,
    path::Path,
    process::{Command, ExitCode, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};

use crate::{
    board::{self, Board},
    firmware::{self, Profile, Program},
    golden::Golden,
    limits, mnist, process, report, setup, system,
};

const PROGRAM: &str = "qemu-system-arm";

/// Each instruction takes 2^8 ns of the board's time, more than two ticks of any board's clock: it
/// then counts instructions exactly.
const INSTRUCTION_CLOCK: &str = "shift=8,sleep=off";

/// The exit code of a program that was ended because its time was over, as `timeout` has it.
const OUT_OF_TIME: u8 = 124;

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
    let toolchain = setup::ensure()?;
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
    let (code, report) = emulate(options.board, &elf, Duration::from_secs(options.time_limit))?;
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

/// Installs QEMU if it is not there.
pub fn install() -> Result<()> {
    if version().is_ok() { Ok(()) } else { system::install(&[PROGRAM]) }
}

/// QEMU's name and version.
pub fn version() -> Result<String> {
    let text = process::output(Command::new(PROGRAM).arg("--version"))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Runs a program to its end: its exit code, and what it said.
fn emulate(board: &Board, elf: &Path, limit: Duration) -> Result<(Option<u8>, String)> {
    let table = report::table_of(elf)?;
    let mut qemu = Command::new(PROGRAM);
    qemu.args(["-machine", board.name, "-icount", INSTRUCTION_CLOCK]);
    qemu.args(["-display", "none", "-monitor", "none", "-serial", "none"]);
    qemu.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(elf);
    // Files that firmware asks for are named from the top of the checkout.
    qemu.current_dir(process::root());
    println!("$ {}", process::shell_line(&qemu));
    let mut child = qemu.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start QEMU")?;
    let frames = child.stdout.take().context("QEMU has no output")?;

    thread::scope(|scope| {
        let printing = scope.spawn(|| report::print(&table, frames, io::stdout()));
        let status = process::wait_within(&mut child, limit)?;
        let report = printing.join().map_err(|_| anyhow!("the decoder panicked"))??;
        Ok((exit_code(status, limit), report))
    })
}

fn exit_code(status: Option<ExitStatus>, limit: Duration) -> Option<u8> {
    match status.map(|status| status.code()) {
        Some(Some(code)) => Some(u8::try_from(code).unwrap_or(u8::MAX)),
        Some(None) => {
            eprintln!("error: QEMU was ended by a signal: the processor locked up");
            None
        }
        None => {
            eprintln!("error: the firmware did not end within {} s (see --time-limit)", limit.as_secs());
            Some(OUT_OF_TIME)
        }
    }
}
