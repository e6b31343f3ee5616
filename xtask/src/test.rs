//! `cargo xtask test`: everything that must hold before a change is done.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    board::{BOARDS, Board, TARGETS},
    firmware, process, setup,
    toolchain::Toolchain,
};

/// Check everything: format, lints, documentation, all tests, the firmware in QEMU
///
/// Sets the machine up first, as `cargo xtask setup` does. All checks run even if one fails; each
/// prints its command, and a table at the end names those that failed.
#[derive(clap::Args)]
pub struct Options {}

/// Firmware to copy: what it shows, and its name.
const EXAMPLES: [(&str, &str); 12] = [
    ("rounds as every machine does", "parity"),
    ("explains", "explain"),
    ("learns by the N-way rule", "nway"),
    ("learns 97 % within 16 KB", "accurate"),
    ("learns new classes and keeps the old", "personalise"),
    ("notices a change and learns it", "drift"),
    ("tells odd samples from normal ones", "anomaly"),
    ("survives power cuts", "survive"),
    ("meets every deadline", "watchdog"),
    ("learns in an async task", "embassy"),
    ("takes no more than 1 KiB of stack", "stack"),
    ("cannot panic: it would not link", "no_panic"),
];

/// One check: a command and the exit code that it must end with.
struct Check {
    name: String,
    command: Command,
    expected: i32,
}

/// What became of a check.
struct Outcome {
    name: String,
    time: Duration,
    /// What went wrong and how to see it again.
    failure: Option<String>,
}

/// Runs all checks.
///
/// # Errors
/// When the machine cannot be set up or a check not be started. A check that fails is no error:
/// it shows in the table and the exit code.
pub fn run() -> Result<ExitCode> {
    println!("== set-up");
    let toolchain = setup::run()?;
    let outcomes = checks(toolchain).into_iter().map(Check::run).collect::<Result<Vec<_>>>()?;
    Ok(summarise(&outcomes))
}

fn checks(toolchain: Toolchain) -> Vec<Check> {
    let mut checks = host_checks();
    checks.extend(TARGETS.map(|target| core_build(toolchain, target)));
    checks.extend(firmware_checks());
    // Builds for every board, real ones too.
    checks.push(Check::new("sizes, as the README has them", cargo("xtask sizes --check")));
    for board in BOARDS {
        checks.push(board_lints(toolchain, board));
    }
    for board in BOARDS.iter().filter(|board| board.is_emulated()) {
        checks.push(emulator_check(board, "learns", "--bin learn", 0));
    }
    // The M7, the M33, and the M3 without floating-point registers; the first board is among the examples.
    for board in &BOARDS[1..4] {
        checks.push(emulator_check(board, "rounds as every machine does", "--example parity", 0));
    }
    checks.push(emulator_check(&BOARDS[0], "learns the same without assembler", "--portable", 0));
    checks.push(emulator_check(&BOARDS[3], "cannot panic: it would not link", "--example no_panic", 0));
    checks.push(emulator_check(&BOARDS[0], "takes little stack when debugged", "--example stack --debug", 0));
    for (purpose, example) in EXAMPLES {
        checks.push(emulator_check(&BOARDS[0], purpose, &format!("--example {example}"), 0));
    }
    checks.push(board_documentation(toolchain, &BOARDS[0]));
    checks.extend(failure_checks(&BOARDS[0]));
    checks
}

/// The host's workspace, and `ff-core` with each of its features. Cheap checks come first.
fn host_checks() -> Vec<Check> {
    let mut documentation = cargo("doc --workspace --no-deps");
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    vec![
        Check::new("format", cargo("fmt --all --check")),
        Check::new("lints", cargo("clippy --workspace --all-targets -- -D warnings")),
        Check::new("lints, ff-core with micromath", core_lints("--no-default-features --features micromath")),
        Check::new("lints, ff-core with defmt", core_lints("--features defmt")),
        Check::new("documentation", documentation),
        Check::new("tests", cargo("test --workspace")),
        Check::new("the report in a browser", cargo("xtask browser")),
        // In a folder of its own: other features would have the workspace's tests built anew.
        Check::new("tests, ff-core with micromath", core_tests("--no-default-features --features micromath")),
    ]
}

fn core_lints(features: &str) -> Command {
    cargo(&format!("clippy --package ff-core --all-targets {features} -- -D warnings"))
}

fn core_tests(features: &str) -> Command {
    cargo(&format!("test --package ff-core {features} --target-dir target/features"))
}

fn core_build(toolchain: Toolchain, target: &str) -> Check {
    let mut build = toolchain.tool("cargo");
    build.args(["build", "--package", "ff-core", "--release", "--target", target]);
    Check::new(format!("ff-core for {target}"), build)
}

/// What the firmware's workspace can be checked for on the host.
fn firmware_checks() -> Vec<Check> {
    let in_firmware = |words| {
        let mut command = cargo(words);
        command.current_dir(firmware::folder());
        command
    };
    vec![
        Check::new("firmware: format", in_firmware("fmt --check")),
        Check::new("firmware: tests", in_firmware("test --lib --target host-tuple --target-dir target")),
    ]
}

fn board_lints(toolchain: Toolchain, board: &Board) -> Check {
    let mut lints = firmware::cargo(toolchain, "clippy", board);
    lints.args(["--lib", "--bins", "--examples", "--", "-D", "warnings"]);
    Check::new(format!("{}: lints", board.name), lints)
}

fn board_documentation(toolchain: Toolchain, board: &Board) -> Check {
    let mut documentation = firmware::cargo(toolchain, "doc", board);
    documentation.args(["--lib", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    Check::new("firmware: documentation", documentation)
}

fn emulator_check(board: &Board, purpose: &str, words: &str, code: i32) -> Check {
    let command = cargo(&format!("xtask qemu --board {} {words}", board.name));
    Check::new(format!("{}: {purpose}", board.name), command).ending_with(code)
}

/// Programs that fail on purpose: no failure may look like success.
fn failure_checks(board: &Board) -> Vec<Check> {
    vec![
        emulator_check(board, "reports a panic", "--example panic", 101),
        emulator_check(board, "reports a fault", "--example hard_fault", 102),
        emulator_check(board, "stops at a stack overflow", "--example stack_overflow", 125),
        emulator_check(board, "does not wait for ever", "--example hang --time-limit 2", 124),
    ]
}

/// A command of the default tool chain.
fn cargo(words: &str) -> Command {
    let mut command = process::tool("cargo");
    command.args(words.split_whitespace());
    command
}

impl Check {
    fn new(name: impl Into<String>, command: Command) -> Self {
        Self { name: name.into(), command, expected: 0 }
    }

    fn ending_with(self, expected: i32) -> Self {
        Self { expected, ..self }
    }

    fn run(mut self) -> Result<Outcome> {
        let line = process::shell_line(&self.command);
        println!("\n== {}\n$ {line}", self.name);
        let start = Instant::now();
        let status = self.command.status().with_context(|| format!("cannot start `{line}`"))?;
        let passed = status.code() == Some(self.expected);
        let failure = (!passed).then(|| format!("{status} instead of {}: {line}", self.expected));
        Ok(Outcome { name: self.name, time: start.elapsed(), failure })
    }
}

/// Prints the table and gives the exit code.
fn summarise(outcomes: &[Outcome]) -> ExitCode {
    println!("\n== summary");
    for Outcome { name, time, failure } in outcomes {
        let word = if failure.is_none() { "passed" } else { "FAILED" };
        println!("{word} {:7.1} s  {name}", time.as_secs_f32());
        if let Some(reason) = failure {
            println!("                  {reason}");
        }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    println!("checks: {} passed, {failed} failed", outcomes.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
