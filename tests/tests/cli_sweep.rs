//! Sweeps: a grid of runs that goes on where it was killed.
#![cfg(unix)]

mod cli_support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use cli_support::{command, contents, ff, text};
use tempfile::TempDir;

const SWEEP: &str = "sweep --dataset digits8x8 --recipe digits8x8 --seeds 1..3 --validation 300 \
    --set layers=40 --set epochs=4 --out swept";

#[test]
fn a_killed_sweep_goes_on_and_leaves_finished_runs_alone() {
    let folder = TempDir::new().unwrap();
    let mut sweep = command(folder.path(), SWEEP).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // The second run has begun, so the first one is finished.
    let lines = BufReader::new(sweep.stdout.take().unwrap()).lines();
    let second = lines.map_while(Result::ok).find(|line| line.contains("run 2 of"));
    assert!(second.is_some(), "the sweep never came to its second run");
    sweep.kill().unwrap();
    sweep.wait().unwrap();
    let runs = || {
        let mut runs: Vec<_> =
            std::fs::read_dir(folder.path().join("swept")).unwrap().map(|e| e.unwrap().path()).collect();
        runs.retain(|path| path.join("metrics.json").is_file());
        runs.sort();
        runs
    };
    let first = runs().first().expect("the first run is finished").clone();
    let before = contents(&first);
    let third = folder.path().join("swept/digits8x8_digits8x8_layers=40_epochs=4_seed=3");
    std::fs::create_dir_all(&third).unwrap();
    std::fs::write(third.join(".tmp-ff-half"), "half a model").unwrap();
    let output = ff(folder.path(), SWEEP);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(runs().len(), 3);
    assert!(contents(&first) == before, "a finished run was trained again");
    let names: Vec<_> = contents(&third).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["best.safetensors", "metrics.json", "model.safetensors", "recipe.toml", "state.safetensors"],
        "half a file was left"
    );
    let table: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("swept/table.json")).unwrap()).unwrap();
    assert!(!table.to_string().is_empty() && folder.path().join("swept/table.md").is_file());

    // Runs of other images are not this sweep's, whatever the images are called.
    let path = first.join("metrics.json");
    let metrics = std::fs::read_to_string(&path).unwrap();
    let other = metrics.replacen("\"data_checksum\": ", "\"data_checksum\": 1", 1);
    std::fs::write(&path, other).unwrap();
    let output = ff(folder.path(), SWEEP);
    let said = text(&output.stderr);
    assert!(!output.status.success() && said.contains("another data set of this name"), "{said}");
}

#[test]
fn a_name_too_long_for_a_folder_is_refused_before_anything_runs() {
    let folder = TempDir::new().unwrap();
    let layers = ["40"; 100].join(",");
    let output = ff(folder.path(), &format!("sweep --dataset digits8x8 --set layers={layers} --out swept"));
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!folder.path().join("swept").exists(), "{said}");
}
