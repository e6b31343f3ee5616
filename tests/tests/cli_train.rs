//! The program `ff`, run as a user runs it.

mod cli_support;

use std::path::Path;

use cli_support::{ff, text};
use tempfile::TempDir;

/// A small run that must end well; its metrics as any program reads them.
fn train(folder: &Path, out: &str, more: &str) -> serde_json::Value {
    cli_support::train(folder, out, more);
    serde_json::from_slice(&std::fs::read(folder.join(out).join("metrics.json")).unwrap()).unwrap()
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
    let told = text(&ff(folder.path(), "eval run").stdout);
    assert!(told.contains("dead units: ") && told.contains(" (silent for 359 images)"), "{told}");
    let output = ff(folder.path(), "eval run --json");
    let again: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(again, metrics["test"]);
}

#[test]
fn some_classes_are_learned_and_a_place_is_kept_for_the_others() {
    let folder = TempDir::new().unwrap();
    let metrics = train(folder.path(), "run", "--classes 0-6,7 --validation 100");
    assert_eq!(metrics["learned_classes"], "0-7");
    // Of 1,443 digits from 0 to 7, 270 are held out for the test and 100 for validation.
    assert_eq!((&metrics["train_images"], &metrics["test"]["images"]), (&1073.into(), &270.into()));
    let confusion = metrics["test"]["confusion_goodness"].as_array().unwrap();
    let seen = |row: usize| confusion[row].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>();
    assert_eq!(confusion.len(), 10);
    assert!(seen(7) > 0 && seen(8) == 0 && seen(9) == 0, "{confusion:?}");
    // The run remembers them.
    let again: serde_json::Value = serde_json::from_slice(&ff(folder.path(), "eval run --json").stdout).unwrap();
    assert_eq!(again, metrics["test"]);
    assert!(ff(folder.path(), "export run --firmware --out src").status.success());
    let told = std::fs::read_to_string(folder.path().join("src/model.rs")).unwrap();
    assert!(told.contains("Learned from digits8x8, classes 0-7 alone, by"), "{told}");
    // Without the option nothing is said of classes.
    assert!(train(folder.path(), "all", "").get("learned_classes").is_none());
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
fn several_models_are_one_committee() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "one", "--seed 1");
    train(folder.path(), "two", "--seed 2");
    let eval = |runs: &str| -> serde_json::Value {
        serde_json::from_slice(&ff(folder.path(), &format!("eval {runs} --json")).stdout).unwrap()
    };
    let (one, two, both) = (eval("one"), eval("two"), eval("one two"));
    // Twice the same scores have the same order, though not the same probabilities.
    for way in ["goodness", "readout"] {
        let confusion = format!("confusion_{way}");
        assert_eq!(eval("one one")[&confusion], one[&confusion]);
    }
    assert_eq!(eval("two one"), both);
    assert!(both != one && both != two, "one of the two was not asked: {both}");
    let errors = |found: &serde_json::Value| found["errors_goodness"].as_u64().unwrap();
    assert!(errors(&both) <= errors(&one).max(errors(&two)), "{both}");
    train(folder.path(), "other", "--rule n-way");
    let refused = ff(folder.path(), "eval one other");
    assert!(text(&refused.stderr).contains("by another rule"), "{}", text(&refused.stderr));
}

#[test]
fn eval_says_what_training_said_whatever_was_done_to_pixels() {
    let folder = TempDir::new().unwrap();
    let trained = train(folder.path(), "run", "--gamma 0.5 --centre true --standardise true --flip-tta true");
    let eval = ff(folder.path(), "eval run --json");
    let tested: serde_json::Value = serde_json::from_slice(&eval.stdout).unwrap();
    assert_eq!(tested, trained["test"]);
    let said = text(&ff(folder.path(), "explain run --count 1").stdout);
    assert!(said.contains("report.html"), "{said}");
    let page = std::fs::read_to_string(folder.path().join("run/explain/report.html")).unwrap();
    for words in ["testing adds the mirrored image", "the mean training image: read that"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn without_a_readout_its_errors_are_null() {
    let folder = TempDir::new().unwrap();
    let metrics = train(folder.path(), "run", "--readout none --negatives uniform");
    assert!(metrics["test"]["errors_readout"].is_null());
    assert!(metrics["test"]["errors_goodness"].is_u64());
}

#[test]
fn a_run_is_replaced_only_when_told_to() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let refused = ff(folder.path(), &format!("{} run", cli_support::SMALL));
    assert!(text(&refused.stderr).contains("--force"));
    assert_eq!(train(folder.path(), "run", "--force --seed 2")["seed"], 2);
}

#[test]
fn a_model_alone_is_not_written_over() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    std::fs::remove_file(folder.path().join("run/metrics.json")).unwrap();
    let refused = ff(folder.path(), &format!("{} run", cli_support::SMALL));
    assert!(text(&refused.stderr).contains("--force"));
}

/// Whether its data set is named or not, a model is asked about images that it has not learned.
#[test]
fn the_own_data_set_by_its_name_is_divided_as_it_was() {
    let folder = TempDir::new().unwrap();
    let metrics = train(folder.path(), "run", "--split writer-shift");
    let output = ff(folder.path(), "eval run --dataset digits8x8 --json");
    let again: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(again, metrics["test"]);
}

#[test]
fn options_that_do_nothing_are_named() {
    let folder = TempDir::new().unwrap();
    let said = |words: &str| {
        let output = ff(folder.path(), &format!("train --dataset digits8x8 --epochs 1 --out run --force {words}"));
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let told = said("--layers 16 --rule n-way --threshold 2 --overlay first-pixels --learning-rate 0.01");
    for (option, is_told) in [("--threshold", true), ("--overlay", true), ("--learning-rate", false), ("--peer", false)]
    {
        assert_eq!(told.contains(&format!("{option} changes nothing under the rule n-way")), is_told, "{told}");
    }
    assert!(!said("--layers 16 --threshold 2").contains("changes nothing"));
    assert!(said("--layers 16 --rule symba --threshold 2").contains("--threshold changes nothing"));
    assert!(
        said("--layers 16 --rule groups --readout-learning-rate 2").contains("--readout-learning-rate changes nothing")
    );
    assert!(!said("--layers 16 --rule local-cross-entropy --readout-learning-rate 0.01").contains("changes nothing"));
    assert!(said("--rule groups --layers 64,4").contains("4 units has none for 6 of the 10 classes"));
}

/// What was measured of the model before says nothing about the one that took its place.
#[test]
fn a_replaced_run_takes_nothing_over() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let run = folder.path().join("run");
    std::fs::write(run.join("evaluation.json"), "{}").unwrap();
    let old = std::fs::read(run.join("metrics.json")).unwrap();
    train(folder.path(), "run", "--force --seed 2");
    assert!(!run.join("evaluation.json").exists());
    std::fs::write(run.join("metrics.json"), old).unwrap();
    assert!(ff(folder.path(), "export run --firmware --out src --name net").status.success());
    let source = std::fs::read_to_string(folder.path().join("src/net.rs")).unwrap();
    assert!(!source.contains("wrong by"), "the metrics of seed 1 were told of seed 2: {source}");
}

#[test]
fn a_run_that_diverged_leaves_no_folder() {
    let folder = TempDir::new().unwrap();
    let words =
        "train --dataset digits8x8 --epochs 6 --layers 16 --rule symba --learning-rate 100 --momentum 0 --out run";
    let output = ff(folder.path(), words);
    assert!(text(&output.stderr).contains("diverged"), "{}", text(&output.stderr));
    assert!(!folder.path().join("run").exists());
}

#[test]
fn programs_are_told_in_json_lines_what_happens() {
    let folder = TempDir::new().unwrap();
    let told = ff(folder.path(), "train --dataset digits8x8 --layers 16 --epochs 2 --validation 100 --out run --json");
    assert!(told.status.success(), "{}", text(&told.stderr));
    let events: Vec<serde_json::Value> =
        text(&told.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    let names: Vec<_> = names.into_iter().filter(|&name| name != "progress").collect();
    assert_eq!(names, ["start", "epoch", "epoch", "test", "saved"]);
    // What is told is what the run's metrics hold.
    let metrics: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("run/metrics.json")).unwrap()).unwrap();
    let saved = serde_json::json!({ "run": "run", "interrupted": false });
    assert_eq!(named(&events, "epoch"), *metrics["history"].as_array().unwrap());
    assert_eq!(named(&events, "test"), [metrics["test"].clone()]);
    assert_eq!(named(&events, "saved"), [saved]);
    // Going on tells what was measured before.
    let told = ff(folder.path(), "train --resume run --epochs 3 --json");
    let start: serde_json::Value = serde_json::from_str(text(&told.stdout).lines().next().unwrap()).unwrap();
    assert_eq!((start["event"].as_str(), start["history"].as_array().unwrap().len()), (Some("start"), 2));
}

/// The events of this name, without it.
fn named(events: &[serde_json::Value], name: &str) -> Vec<serde_json::Value> {
    let mut named: Vec<_> = events.iter().filter(|event| event["event"] == name).cloned().collect();
    named.iter_mut().for_each(|event| drop(event.as_object_mut().unwrap().remove("event")));
    named
}
