//! Runs the programs `ff` and `ff-lab` as a user runs them.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ff_host::run::Metrics;

/// How the variables begin that cargo sets for a test and not for a build.
const OWN: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// The program `ff`, built once with the profile of these tests.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("ff"))
}

/// The program `ff-lab`, likewise.
fn lab_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("ff-lab"))
}

fn built(name: &str) -> PathBuf {
    // A test beside the program has it built with the features of these tests, from what they
    // were built from; alone it would be built anew, with half of its dependencies.
    let words = ["build", "--workspace", "--bin", name, "--test", "cli_help"];
    let mut build = Command::new(env!("CARGO"));
    // What cargo tells a test of its package is news to some build scripts, which then run again.
    let told = std::env::vars_os().map(|(name, _)| name);
    let told = told.filter(|name| name.to_str().is_some_and(|name| OWN.iter().any(|own| name.starts_with(own))));
    told.for_each(|name| {
        build.env_remove(name);
    });
    let status = build.args(words).status();
    assert!(status.is_ok_and(|status| status.success()), "{name} does not build");
    // A test is target/<profile>/deps/<name>-...; the program lies one folder up.
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(Path::parent).unwrap().join(name)
}

/// The program `ff` with words from a command line, to be run in a folder where it finds no data but
/// what the words name.
pub fn command(folder: &Path, words: &str) -> Command {
    command_of(program(), folder, words)
}

/// `ff-lab` likewise.
pub fn lab_command(folder: &Path, words: &str) -> Command {
    command_of(lab_program(), folder, words)
}

fn command_of(program: &Path, folder: &Path, words: &str) -> Command {
    let mut command = Command::new(program);
    command.args(words.split_whitespace()).current_dir(folder);
    command.env_remove("FF_DATA_DIR").env_remove("FF_MIRROR");
    // Its cache folder is a temporary one, and nothing is downloaded from afar.
    command.env("HOME", folder).env("XDG_CACHE_HOME", folder.join("cache"));
    command
}

/// The same, in a shell that first runs a line of its own: limits, or signals to ignore.
pub fn command_after(line: &str, folder: &Path, words: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!(r#"{line}; exec "$0" "$@""#)]).arg(program()).args(words.split_whitespace());
    shell.current_dir(folder);
    shell
}

pub fn ff(folder: &Path, words: &str) -> Output {
    command(folder, words).output().unwrap()
}

pub fn lab(folder: &Path, words: &str) -> Output {
    lab_command(folder, words).output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8")
}

/// A run that takes about a second; `--out` and the folder come next.
pub const SMALL: &str = "train --dataset digits8x8 --epochs 6 --layers 64,64 --threads 1 --out";

pub fn metrics(run: &Path) -> Metrics {
    serde_json::from_slice(&fs::read(run.join("metrics.json")).unwrap()).unwrap()
}

/// A small run that must end well.
#[track_caller]
pub fn train(folder: &Path, out: &str, more: &str) {
    let output = ff(folder, &format!("{SMALL} {out} {more}"));
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Every file of a folder with its bytes, by name.
pub fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect();
    files.sort();
    files
}

/// Runs a command that must end by itself within some seconds, however busy the machine is.
#[track_caller]
pub fn within(seconds: u64, command: &mut Command) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(seconds) {
            child.kill().unwrap();
            panic!("still at work after {seconds} s: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// That a command was refused: an error in words, and neither a panic nor a signal.
#[track_caller]
pub fn assert_refused(output: &Output, needle: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: ") && said.contains(needle), "{needle:?} is not in: {said}");
}

/// What is left of a model file with another header.
pub fn with_header(model: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let length = u64::from_le_bytes(model[..8].try_into().unwrap()) as usize;
    let header = change(std::str::from_utf8(&model[8..8 + length]).unwrap());
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &model[8 + length..]].concat()
}
