//! `ff evaluate-saliency` on real digits: what looks at the network beats what does not.

mod cli_support;

use cli_support::{ff, text};
use tempfile::TempDir;

fn evaluation(train: &str) -> serde_json::Value {
    let folder = TempDir::new().unwrap();
    let trained = ff(
        folder.path(),
        &format!("train --dataset digits8x8 --recipe digits8x8 --layers 60,60 --batch 20 --out run {train}"),
    );
    assert!(trained.status.success(), "{}", text(&trained.stderr));
    let told = ff(folder.path(), "evaluate-saliency run --images 100 --json");
    assert!(told.status.success(), "{}", text(&told.stderr));
    let kept = std::fs::read(folder.path().join("run/evaluation.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept, serde_json::from_slice::<serde_json::Value>(&told.stdout).unwrap());
    kept
}

fn srg(found: &serde_json::Value, method: &str) -> f64 {
    let lines = found["groups"][0]["lines"].as_array().unwrap();
    lines.iter().find(|line| line["method"] == method).unwrap()["srg"].as_f64().unwrap()
}

#[test]
fn goodness_delta_beats_ink_in_any_order_which_beats_any_order() {
    for train in ["--epochs 20", "--rule n-way --rate 0.1 --readout-rate 0.1 --decay 0 --readout-decay 0 --epochs 12"] {
        let found = evaluation(train);
        assert_eq!(found["images"], 100);
        let [delta, ink, random] =
            ["goodness-delta, mean of others", "ink-random", "random"].map(|method| srg(&found, method));
        assert!(delta > ink + 0.1 && ink > random + 0.05, "{train}: {delta} {ink} {random}");
    }
}

#[test]
fn a_file_that_is_no_run_folder_is_named() {
    let folder = TempDir::new().unwrap();
    let told = ff(folder.path(), "evaluate-saliency nowhere");
    assert!(!told.status.success() && text(&told.stderr).contains("nowhere is no run folder"));
}
