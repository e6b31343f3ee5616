//! Ctrl-C: what was learned is kept, and scripts can tell.
#![cfg(unix)]

mod cli_support;

use std::io::{BufRead, BufReader, Lines, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use cli_support::{command, command_after, ff, metrics, text};
use ff_host::run::Model;
use tempfile::TempDir;

/// A run that would go on for hours.
const ENDLESS: &str = "train --dataset digits8x8 --layers 64,64 --epochs 1000000 --threads 1 --out run";

/// The same at work, with its lines as they come.
struct Run {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    notes: Lines<BufReader<ChildStderr>>,
}

impl Run {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        let notes = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, output, notes }
    }

    /// What a terminal sends at Ctrl-C.
    fn press_ctrl_c(&self) {
        self.send("INT");
    }

    /// `kill` is a part of every shell.
    fn send(&self, signal: &str) {
        let line = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
    }

    /// The exit code (none where a signal ended it) and the rest of what it said.
    fn end(mut self) -> (Option<i32>, String) {
        let rest: Vec<String> = self.output.chain(self.notes).map(Result::unwrap).collect();
        (self.child.wait().unwrap().code(), rest.join("\n"))
    }
}

/// Reads on until a line that begins like this.
#[track_caller]
fn wait_for<R: Read>(lines: &mut Lines<BufReader<R>>, start: &str) {
    let found = lines.any(|line| line.unwrap().starts_with(start));
    assert!(found, "no line begins with {start:?}");
}

#[test]
fn ctrl_c_saves_a_model_that_can_be_used_and_says_where() {
    let folder = TempDir::new().unwrap();
    let mut run = Run::start(&mut command(folder.path(), ENDLESS));
    wait_for(&mut run.output, "epoch   3");
    run.press_ctrl_c();
    let (code, said) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("saved in run\ntest it with: ff eval run"), "{said}");
    assert!(!said.contains("of 359 wrong"), "the test images were read: {said}");

    let metrics = metrics(&folder.path().join("run"));
    assert!(metrics.interrupted);
    assert!(metrics.test.is_none());
    assert!(metrics.epochs >= 3 && metrics.epochs == metrics.history.len(), "{} epochs", metrics.epochs);
    let model = Model::load(&folder.path().join("run")).unwrap();
    assert_eq!(model.about.epochs, metrics.epochs);

    let output = ff(folder.path(), "eval run --json");
    let test: ff_host::run::TestMetrics = serde_json::from_slice(&output.stdout).unwrap();
    assert!(test.errors_readout.is_some_and(|errors| errors < 120), "a model that learned: {}", text(&output.stdout));
}

#[test]
fn a_system_that_ends_it_loses_nothing_either() {
    let folder = TempDir::new().unwrap();
    let mut run = Run::start(&mut command(folder.path(), ENDLESS));
    wait_for(&mut run.output, "epoch   2");
    let second = ff(folder.path(), "train --dataset digits8x8 --layers 8 --epochs 1 --out run --force");
    assert!(text(&second.stderr).contains("another process is at work in run"), "{}", text(&second.stderr));
    run.send("TERM");
    let (code, said) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(metrics(&folder.path().join("run")).interrupted);
}

/// As under `nohup`: what is ignored when the program begins stays ignored.
#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_is_ignored_stays_so() {
    let folder = TempDir::new().unwrap();
    let mut run = Run::start(&mut command_after(r#"trap "" HUP"#, folder.path(), ENDLESS));
    wait_for(&mut run.output, "epoch   2");
    run.send("HUP");
    wait_for(&mut run.output, "epoch  12");
    run.send("TERM");
    assert_eq!(run.end().0, Some(130));
}

/// By goodness every label of every image goes up: some seconds, and the test images count as unread.
#[test]
fn ctrl_c_in_the_test_leaves_it_undone() {
    let folder = TempDir::new().unwrap();
    let long = "train --dataset digits8x8 --rule classic --layers 3000,3000 --epochs 1 --batch-size 1438 --threads 1 --out run";
    let mut run = Run::start(&mut command(folder.path(), long));
    wait_for(&mut run.output, "epoch   1");
    run.press_ctrl_c();
    let (code, said) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(!said.contains("of 359 wrong"), "{said}");
    assert!(metrics(&folder.path().join("run")).test.is_none());
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let folder = TempDir::new().unwrap();
    // Its one batch an epoch takes seconds, and the first Ctrl-C would wait for it.
    let long = "train --dataset digits8x8 --layers 4096,4096 --batch-size 1438 --threads 1 --out run";
    let mut run = Run::start(&mut command(folder.path(), long));
    wait_for(&mut run.output, "recipe");
    run.press_ctrl_c();
    wait_for(&mut run.notes, "saving what was learned");
    run.press_ctrl_c();
    let (code, said) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(!said.contains("saved in"), "it waited for the batch: {said}");
    assert!(!folder.path().join("run/model.safetensors").exists());
}
