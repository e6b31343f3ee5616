//! The program `ff`, run as a user runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The program, built once with the profile of these tests.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let status = Command::new(env!("CARGO")).args(["build", "--workspace", "--bin", "ff"]).status();
        assert!(status.is_ok_and(|status| status.success()), "ff does not build");
        // This test is target/<profile>/deps/cli_train-...; the program lies one folder up.
        let test = std::env::current_exe().unwrap();
        test.parent().and_then(Path::parent).unwrap().join("ff")
    })
}

fn ff(folder: &Path, words: &str) -> Output {
    Command::new(program()).args(words.split_whitespace()).current_dir(folder).output().unwrap()
}

const SMALL: &str = "train --dataset digits8x8 --epochs 6 --layers 64,64 --threads 1 --out";

fn train(folder: &Path, out: &str, more: &str) -> serde_json::Value {
    let output = ff(folder, &format!("{SMALL} {out} {more}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&std::fs::read(folder.join(out).join("metrics.json")).unwrap()).unwrap()
}

#[track_caller]
fn assert_refused(folder: &Path, words: &str, needles: &[&str]) {
    let output = ff(folder, words);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "`{words}` was accepted");
    assert!(!text.contains("panicked"), "`{words}` panicked: {text}");
    for needle in needles {
        assert!(text.contains(needle), "`{words}`: {needle:?} is not in: {text}");
    }
}

#[test]
fn a_run_learns_and_says_so() {
    let folder = TempDir::new().unwrap();
    let metrics = train(folder.path(), "run", "--validation 100");
    assert_eq!(metrics["dataset"], "digits8x8");
    assert_eq!(metrics["recipe"], "digits8x8");
    assert_eq!(metrics["rule"], "classic");
    assert_eq!(metrics["layers"], serde_json::json!([64, 64]));
    assert_eq!(metrics["epochs"], 6);
    assert_eq!(metrics["history"].as_array().unwrap().len(), 6);
    assert_eq!(metrics["test"]["images"], 359);
    let errors = metrics["test"]["errors_readout"].as_u64().unwrap();
    assert!(errors < 72, "{errors} of 359 wrong: hardly anything was learned");
    let output = ff(folder.path(), "eval run --json");
    let again: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(again, metrics["test"]);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "one", "--seed 3");
    train(folder.path(), "two", "--seed 3");
    train(folder.path(), "other", "--seed 4");
    let model = |run: &str| std::fs::read(folder.path().join(run).join("model.safetensors")).unwrap();
    assert!(model("one") == model("two"), "the same seed gave two models");
    assert!(model("one") != model("other"), "two seeds gave the same model");
}

#[test]
fn without_a_readout_its_errors_are_null() {
    let folder = TempDir::new().unwrap();
    let metrics = train(folder.path(), "run", "--readout none --negatives uniform");
    assert!(metrics["test"]["errors_readout"].is_null());
    assert!(metrics["test"]["errors_goodness"].is_u64());
}

#[test]
fn bad_options_are_named() {
    let folder = TempDir::new().unwrap();
    let bad = |words: &str, needles: &[&str]| {
        assert_refused(folder.path(), &format!("train --dataset digits8x8 {words}"), needles);
    };
    bad("--epochs 0", &["epochs"]);
    bad("--layers 0,10", &["layers"]);
    bad("--layers ten", &["ten"]);
    bad("--rate nan", &["rate"]);
    bad("--recipe nothing", &["nothing", "classic"]);
    bad("--validation 5000", &["--validation"]);
    bad("--threads 0", &["1 to 1024"]);
    assert_refused(folder.path(), "train --dataset nothing", &["nothing", "digits8x8"]);
}

#[test]
fn a_run_is_not_overwritten_unasked() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    assert_refused(folder.path(), &format!("{SMALL} run"), &["run", "--force"]);
    train(folder.path(), "run", "--force");
    std::fs::write(folder.path().join("file"), "").unwrap();
    assert_refused(folder.path(), &format!("{SMALL} file"), &["file is a file"]);
}

#[test]
fn a_damaged_model_is_refused() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let path = folder.path().join("run/model.safetensors");
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 7, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert_refused(folder.path(), "eval run", &["model.safetensors is no usable model"]);
    }
    let mut poisoned = whole.clone();
    let end = poisoned.len();
    poisoned[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&path, poisoned).unwrap();
    assert_refused(folder.path(), "eval run", &["NaN"]);
    assert_refused(folder.path(), "eval nowhere", &["nowhere"]);
}
