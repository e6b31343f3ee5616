//! Runs that were stopped or killed go on as if nothing had happened.
#![cfg(unix)]

mod cli_support;

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cli_support::{command, ff, metrics, text};
use ff_core::random::Rng;
use tempfile::TempDir;

/// A run with everything that a state must hold: moments, running means, an average of weights, masks, jitter
/// and a part of the data held out.
const WHOLE: &str = "train --dataset digits8x8 --layers 64,64 --epochs 12 --threads 1 --dropout 0.1 --jitter 1 \
                     --average 0.5 --validation 200";

/// How many times the run is killed; more of them for a longer look.
fn kills() -> usize {
    std::env::var("FF_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5)
}

fn start(folder: &Path, words: &str) -> Child {
    command(folder, words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[track_caller]
fn well(folder: &Path, words: &str) -> Duration {
    let start = Instant::now();
    let output = ff(folder, words);
    assert!(output.status.success(), "{words}: {}", text(&output.stderr));
    start.elapsed()
}

/// Two runs learned the same: the bytes of their models, and what was measured on the way.
#[track_caller]
fn assert_same(folder: &Path, one: &str, other: &str) {
    let file = |run: &str, name: &str| fs::read(folder.join(run).join(name)).ok();
    for name in ["model.safetensors", "best.safetensors"] {
        assert!(file(one, name) == file(other, name), "{name} of {one} and {other} differ");
    }
    let [one, other] = [one, other].map(|run| metrics(&folder.join(run)));
    let measured = |metrics: &ff_host::run::Metrics| {
        let history = metrics.history.iter().cloned();
        history.map(|epoch| ff_host::run::EpochMetrics { seconds: 0.0, ..epoch }).collect::<Vec<_>>()
    };
    assert_eq!(measured(&one), measured(&other));
    assert_eq!((one.test, one.best, one.epochs), (other.test, other.best, other.epochs));
}

#[test]
fn killed_at_any_moment_a_run_goes_on_to_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let long = well(folder.path(), &format!("{WHOLE} --out whole"));
    let mut rng = Rng::new(7);
    let mut words = format!("{WHOLE} --out cut");
    for _ in 0..kills() {
        let mut run = start(folder.path(), &words);
        // Most of the kills come before the end, and some within the first epoch.
        sleep(long.mul_f32(0.5 * rng.unit()));
        run.kill().unwrap();
        run.wait().unwrap();
        if folder.path().join("cut/state.safetensors").exists() {
            words = "train --resume cut".to_owned();
        } else if folder.path().join("cut").exists() {
            words = format!("{WHOLE} --out cut --force");
        }
    }
    let last = ff(folder.path(), &words);
    let said = text(&last.stderr);
    assert!(last.status.success() || said.contains("has come to its end after 12 epochs"), "{words}: {said}");
    assert_same(folder.path(), "whole", "cut");
}

#[test]
fn ctrl_c_within_an_epoch_loses_nothing() {
    let folder = TempDir::new().unwrap();
    // One epoch of seconds, in many batches.
    let words = "train --dataset digits8x8 --layers 1000,1000 --epochs 2 --batch 1 --threads 1 --average 0.9 --out";
    well(folder.path(), &format!("{words} whole"));
    let run = start(folder.path(), &format!("{words} cut"));
    sleep(Duration::from_millis(700));
    let stop = format!("kill -INT {}", run.id());
    assert!(std::process::Command::new("sh").args(["-c", &stop]).status().unwrap().success());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let stopped = metrics(&folder.path().join("cut"));
    assert!(stopped.interrupted && stopped.epochs < 2, "it was too fast: {} epochs", stopped.epochs);
    well(folder.path(), "train --resume cut");
    assert_same(folder.path(), "whole", "cut");
}

#[test]
fn more_epochs_are_those_of_a_longer_run() {
    let folder = TempDir::new().unwrap();
    let words = |epochs: usize, out: &str| {
        let settings = "--rule n-way --optimiser adam --schedule constant --average 0 --plain 0 --rate 0.003";
        format!("train --dataset digits8x8 --layers 32,32 --threads 1 {settings} --epochs {epochs} --out {out}")
    };
    well(folder.path(), &words(6, "long"));
    well(folder.path(), &words(3, "short"));
    let ended = ff(folder.path(), "train --resume short");
    assert!(text(&ended.stderr).contains("come to its end after 3 epochs; train for longer with --epochs N"));
    let longer = ff(folder.path(), "train --resume short --epochs 6");
    assert!(longer.status.success(), "{}", text(&longer.stderr));
    let said = text(&longer.stderr);
    assert!(said.starts_with("going on after epoch 3\n") && !said.contains("note:"), "{said}");
    assert_same(folder.path(), "long", "short");
}

/// Where the recipe counts in parts of the training, another number of epochs moves these.
#[test]
fn a_schedule_is_laid_anew_over_more_epochs_and_that_is_said() {
    let folder = TempDir::new().unwrap();
    well(
        folder.path(),
        "train --dataset digits8x8 --layers 16 --epochs 4 --threads 1 --schedule half-linear --out run",
    );
    let longer = ff(folder.path(), "train --resume run --epochs 8");
    let said = text(&longer.stderr);
    assert!(said.contains("now has 8 epochs instead of 4") && said.contains("go on with 1.00"), "{said}");
    assert_eq!(metrics(&folder.path().join("run")).history.last().unwrap().lr_scale, 0.0);
}

#[test]
fn what_cannot_go_on_is_told() {
    let folder = TempDir::new().unwrap();
    well(folder.path(), "train --dataset digits8x8 --layers 16 --epochs 2 --threads 1 --out run");
    let said = |words: &str| {
        let output = ff(folder.path(), words);
        assert!(!output.status.success(), "{words} went on");
        text(&output.stderr)
    };
    assert!(said("train --resume none").contains("none is no run folder"));
    assert!(
        said("train --resume run --epochs 4 --rate 1").contains("--learning-rate cannot change while a run goes on")
    );
    assert!(said("train --resume run --epochs 1").contains("--epochs 1 is too few"));
    assert!(said("train --resume run --seed 2").contains("cannot be used with"));
    assert!(said("train --dataset digits8x8 --keep best").contains("--keep best needs validation images"));
    let state = folder.path().join("run/state.safetensors");
    let mut bytes = fs::read(&state).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&state, bytes).unwrap();
    assert!(said("train --resume run --epochs 4").contains("run/state.safetensors is no usable"));
    fs::remove_file(&state).unwrap();
    assert!(said("train --resume run").contains("has no state.safetensors to go on from"));
}

#[test]
fn the_best_epoch_is_kept_and_patience_ends_a_run() {
    let folder = TempDir::new().unwrap();
    let words = "train --dataset digits8x8 --layers 64,64 --epochs 40 --threads 1 --validation 300 --out";
    well(folder.path(), &format!("{words} last"));
    let last = metrics(&folder.path().join("last"));
    let errors = |epoch: usize| last.history[epoch - 1].errors().unwrap();
    let best = last.best.unwrap();
    assert_eq!((best.errors, last.history.len()), (errors(best.epoch), 40));
    assert!((1..best.epoch).all(|epoch| errors(epoch) > best.errors), "an earlier epoch was as good");
    assert!((1..=40).all(|epoch| errors(epoch) >= best.errors), "a later epoch was better");

    well(folder.path(), &format!("{words} best --keep best --patience 3"));
    let kept = metrics(&folder.path().join("best"));
    let patient = (1..=40).find(|&epoch| first_best(&last, epoch) + 3 <= epoch).unwrap_or(40);
    assert_eq!(kept.epochs, patient);
    let model = |run: &str, name: &str| fs::read(folder.path().join(run).join(name)).unwrap();
    assert_eq!(kept.kept_epoch(), kept.best.unwrap().epoch);
    assert!(!folder.path().join("best/best.safetensors").exists());
    if kept.best == last.best {
        assert!(model("best", "model.safetensors") == model("last", "best.safetensors"));
    }
    let again: serde_json::Value = serde_json::from_slice(&ff(folder.path(), "eval best --json").stdout).unwrap();
    assert!(again == serde_json::to_value(kept.test).unwrap(), "the model that was tested is another");
    let ended = text(&ff(folder.path(), "train --resume best").stderr);
    assert!(ended.contains("train for longer with --patience N"), "{ended}");
}

/// The first epoch with the fewest errors of the first few.
fn first_best(metrics: &ff_host::run::Metrics, epochs: usize) -> usize {
    let errors = metrics.history.iter().take(epochs).map(|epoch| (epoch.errors().unwrap(), epoch.epoch));
    errors.min().map_or(0, |(_, epoch)| epoch)
}
