//! Commands that write into one folder at the same time: each succeeds or says why not, and nothing is lost.
#![cfg(unix)]

mod cli_support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use cli_support::{SMALL, command, contents, ff, lab_command, metrics, text, train};
use ff_host::run::Model;
use tempfile::TempDir;

/// What a command says that another one has kept out.
const KEPT_OUT: &str = "another process is at work in";

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(children: Vec<Child>) -> Vec<Output> {
    children.into_iter().map(|child| child.wait_with_output().unwrap()).collect()
}

/// That every command succeeded or was kept out, and how many succeeded.
#[track_caller]
fn succeeded(outputs: &[Output]) -> usize {
    let refused = outputs.iter().filter(|output| !output.status.success());
    for output in refused {
        assert!(text(&output.stderr).contains(KEPT_OUT), "{}", text(&output.stderr));
    }
    outputs.iter().filter(|output| output.status.success()).count()
}

#[test]
fn explanations_into_one_folder_do_not_hurt_each_other() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    for _ in 0..3 {
        let explain = || start(&mut command(folder.path(), "explain run --count 12 --npy --threads 1 --out told"));
        let outputs = end((0..3).map(|_| explain()).collect());
        assert!(succeeded(&outputs) >= 1);
        let names: Vec<_> = contents(&folder.path().join("told")).into_iter().map(|(name, _)| name).collect();
        assert!(names.iter().any(|name| name == "report.html") && !names.iter().any(|name| name.starts_with('.')));
    }
}

#[test]
fn nobody_takes_a_trainings_files_away() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "other", "");
    let run = folder.path().join("run");
    let words = SMALL.replace("--epochs 6", "--epochs 40");
    let mut training = start(&mut command(folder.path(), &format!("{words} run")));
    let mut tries = 0;
    while training.try_wait().unwrap().is_none() {
        if run.is_dir() {
            let output = ff(folder.path(), "explain other --count 1 --threads 1 --out run");
            if !output.status.success() {
                assert!(text(&output.stderr).contains(KEPT_OUT), "{}", text(&output.stderr));
                tries += 1;
            }
        }
    }
    let output = training.wait_with_output().unwrap();
    assert!(output.status.success() || text(&output.stderr).contains(KEPT_OUT), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("going on, and trying again"), "a save failed: {}", text(&output.stderr));
    assert!(tries > 0, "the training was over before anything else began");
    assert_eq!(metrics(&run).epochs, 40);
    Model::load(&run).unwrap();
}

/// Two trainings into one folder: the second is refused before and after the first one's end.
#[test]
fn no_run_is_written_over_unasked() {
    let folder = TempDir::new().unwrap();
    let train = |seed: u32| start(&mut command(folder.path(), &format!("{SMALL} run --seed {seed}")));
    let outputs = end((1..=4).map(train).collect());
    let won: Vec<_> = outputs.iter().filter(|output| output.status.success()).collect();
    assert_eq!(won.len(), 1, "{:?}", outputs.iter().map(|o| text(&o.stderr)).collect::<Vec<_>>());
    for output in outputs.iter().filter(|output| !output.status.success()) {
        let said = text(&output.stderr);
        assert!(said.contains(KEPT_OUT) || said.contains("holds a run already"), "{said}");
    }
    Model::load(&folder.path().join("run")).unwrap();
}

/// The same run by four commands: four results of one name.
fn four_runs(folder: &Path) -> Vec<String> {
    train(folder, "run", "");
    let text = fs::read_to_string(folder.join("run/metrics.json")).unwrap();
    let runs: Vec<_> = (0..4).map(|i| format!("run{i}")).collect();
    for (i, run) in runs.iter().enumerate() {
        fs::create_dir(folder.join(run)).unwrap();
        let other = text.replace("--layers 64,64", &format!("--layers 64,64 --decay 0.00{i}"));
        fs::write(folder.join(run).join("metrics.json"), other).unwrap();
    }
    runs
}

#[test]
fn results_that_are_kept_at_once_are_all_there() {
    let folder = TempDir::new().unwrap();
    let runs = four_runs(folder.path());
    for round in 0..5 {
        let kept = format!("kept{round}");
        let add = |run: &String| start(&mut lab_command(folder.path(), &format!("results --results {kept} add {run}")));
        let outputs = end(runs.iter().map(add).collect());
        assert_eq!(succeeded(&outputs), runs.len(), "nobody is refused, for each has but one file to write");
        let kept = contents(&folder.path().join(kept));
        assert_eq!(kept.len(), runs.len(), "{:?}", kept.iter().map(|(name, _)| name).collect::<Vec<_>>());
    }
}
