//! `ff-lab evaluate-saliency` on real digits: what looks at the network beats what does not.

mod cli_support;

use std::path::Path;

use cli_support::{ff, lab, text};
use serde_json::json;
use tempfile::TempDir;

fn evaluation(folder: &Path, train: &str, more: &str) -> serde_json::Value {
    let trained = ff(
        folder,
        &format!("train --dataset digits8x8 --recipe digits8x8 --layers 60,60 --batch 20 --out run {train}"),
    );
    assert!(trained.status.success(), "{}", text(&trained.stderr));
    let told = lab(folder, &format!("evaluate-saliency run --images 30 {more} --out found.json --json"));
    assert!(told.status.success(), "{}", text(&told.stderr));
    let kept = std::fs::read(folder.join("run/evaluation.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept, serde_json::from_slice::<serde_json::Value>(&told.stdout).unwrap());
    kept
}

/// What was found becomes a file and a table, and a table that was changed by hand is noticed.
fn results_are_kept(folder: &Path) {
    let done = |words: &str| {
        let output = lab(folder, words);
        assert!(output.status.success(), "{words}: {}", text(&output.stderr));
    };
    done("results add found.json");
    let kept = std::fs::read(folder.join("results/saliency/digits8x8-digits8x8-2x60.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!((&kept["curves"], &kept["groups"][0]["training_seeds"]), (&serde_json::Value::Null, &json!([1])));
    assert!(!kept["command"].as_str().unwrap().contains("--out"), "{}", kept["command"]);
    let tables = ["networks", "srg", "infidelity", "sensitivity", "mean-image", "passes"];
    let marks = tables.map(|table| format!("<!-- results: saliency {table} -->\n<!-- end of results -->\n"));
    let readme = folder.join("README.md");
    std::fs::write(&readme, marks.concat()).unwrap();
    done("results write");
    done("results check");
    let written = std::fs::read_to_string(&readme).unwrap();
    assert_eq!(written.matches("| expected delta  ").count(), 5, "{written}");
    std::fs::write(&readme, written.replacen("0.", "0.1", 1)).unwrap();
    assert!(!lab(folder, "results check").status.success());
}

fn srg(found: &serde_json::Value, method: &str) -> f64 {
    let lines = found["groups"][0]["lines"].as_array().unwrap();
    lines.iter().find(|line| line["method"] == method).unwrap()["mean"]["srg"].as_f64().unwrap()
}

#[test]
fn expected_delta_beats_ink_in_any_order_which_beats_any_order() {
    let n_way = "--rule n-way --rate 0.1 --readout-rate 0.1 --decay 0 --readout-decay 0 --epochs 12";
    // Max-sensitivity takes each map twenty times, which contrastive rules pay for label by label.
    for (train, more) in [("--epochs 20", "--sensitivity 0"), (n_way, "--sensitivity 10")] {
        let folder = TempDir::new().unwrap();
        let found = evaluation(folder.path(), train, more);
        assert_eq!(found["images"], 30);
        let [delta, ink, random] =
            ["expected delta, mean of others", "ink-random", "random"].map(|method| srg(&found, method));
        assert!(delta > ink + 0.1 && ink > random + 0.05, "{train}: {delta} {ink} {random}");
        if more != "--sensitivity 0" {
            results_are_kept(folder.path());
        }
    }
}

#[test]
fn maps_find_a_patch_that_alone_tells_the_label() {
    let folder = TempDir::new().unwrap();
    let told = lab(folder.path(), "evaluate-saliency --planted digits8x8 --recipes n-way,fast --images 50 --json");
    assert!(told.status.success(), "{}", text(&told.stderr));
    let found: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    for network in found.as_array().unwrap() {
        assert_eq!((&network["right"], &network["area"]), (&json!(50), &json!(4.0 / 64.0)));
        let shares = network["shares"].as_array().unwrap();
        assert!(shares.len() >= 7);
        for share in shares {
            let value = share["share"].as_f64().unwrap();
            assert_eq!(share["passes"], json!(value >= 0.8), "{share}");
            assert!(value > 0.25, "four times the patch's area is the least that any map has: {share}");
        }
        let delta = shares.iter().find(|share| share["method"] == "expected delta").unwrap();
        assert_eq!(delta["passes"], json!(true), "{}: {delta}", network["recipe"]);
    }
}

#[test]
fn a_patch_that_would_not_stay_is_refused() {
    let folder = TempDir::new().unwrap();
    for (words, reason) in [
        ("--planted digits8x8 --recipes mcu-196", "the patch would not stay"),
        ("--planted nowhere", "nowhere"),
        ("run --planted digits8x8", "cannot be used with"),
        ("", "required"),
    ] {
        let told = lab(folder.path(), &format!("evaluate-saliency {words}"));
        assert!(!told.status.success() && text(&told.stderr).contains(reason), "{words}: {}", text(&told.stderr));
    }
}

#[test]
fn sanity_compares_ranks_structure_and_labels() {
    let folder = TempDir::new().unwrap();
    let trained = ff(
        folder.path(),
        "train --dataset digits8x8 --recipe digits8x8 --layers 30,30 --batch 20 --epochs 10 --out run",
    );
    assert!(trained.status.success(), "{}", text(&trained.stderr));
    let told = lab(folder.path(), "evaluate-saliency run --sanity --images 20 --json");
    assert!(told.status.success(), "{}", text(&told.stderr));
    let found: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(found["lower_maps_keep_their_bits"], json!(true));
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    for check in found["checks"].as_array().unwrap() {
        let (ranks, structure) = (check["correlation"].as_array().unwrap(), check["ssim"].as_array().unwrap());
        assert_eq!(ranks.len(), structure.len());
        assert_eq!(check["passes"], json!(number(ranks.last().unwrap()).abs() < 0.3));
        assert!(structure.iter().all(|s| (-1.0..=1.0).contains(&number(s))), "{check}");
    }
    for overlap in found["overlaps"].as_array().unwrap() {
        assert!(number(&overlap["correlation"]) < 0.999, "the label does not matter: {overlap}");
    }
}

#[test]
fn a_file_that_is_no_run_folder_is_named() {
    let folder = TempDir::new().unwrap();
    let told = lab(folder.path(), "evaluate-saliency nowhere");
    assert!(!told.status.success() && text(&told.stderr).contains("nowhere is no run folder"));
}

/// What cannot be kept, or not be found, is refused before hours are spent on it.
#[test]
fn bad_places_and_names_are_refused_at_once() {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("place")).unwrap();
    for (words, needle) in [
        ("--planted digits8x8 --recipes n-way --images 50 --out place", "place is a folder"),
        ("--planted digits8x8 --recipes n-way,nope --images 50", "no recipe named \"nope\""),
        ("--planted digits8x8 --targets mean", "--targets"),
    ] {
        let output = lab(folder.path(), &format!("evaluate-saliency {words}"));
        let said = text(&output.stderr);
        assert!(!output.status.success() && output.stdout.is_empty() && said.contains(needle), "`{words}`: {said}");
    }
}
