//! `ff predict`: classes and probabilities of samples that nobody has labelled.

mod cli_support;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;

use cli_support::{command, ff, text};
use ff_core::random::Rng;
use tempfile::TempDir;

/// A table of two columns and two classes that lie apart, with so many lines.
fn table(lines: usize, seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut text = "length,weight,kind\n".to_owned();
    for line in 0..lines {
        let (centre, kind) = if line % 2 == 0 { (0.0, "cat") } else { (6.0, "dog, large") };
        writeln!(text, "{},{},\"{kind}\"", centre + rng.normal(), 100.0 - 10.0 * (centre + rng.normal())).unwrap();
    }
    text
}

/// A run on such a table.
fn trained(folder: &Path) {
    fs::write(folder.join("own.csv"), table(300, 1)).unwrap();
    let output =
        ff(folder, "train own.csv --label kind --layers 32,32 --validation 0.2 --epochs 30 --threads 1 --out run");
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[track_caller]
fn predicted(folder: &Path, words: &str) -> String {
    let output = ff(folder, &format!("predict run {words}"));
    assert!(output.status.success(), "{words}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn columns_are_found_by_name_and_labels_are_not_needed() {
    let folder = TempDir::new().unwrap();
    trained(folder.path());
    let new = "note,weight,length\nx,99,0.2\ny,41,6.1\n";
    fs::write(folder.path().join("new.csv"), new).unwrap();
    let said = predicted(folder.path(), "new.csv");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "sample,prediction,probability,p_cat,\"p_dog, large\"");
    assert!(lines[1].starts_with("0,cat,") && lines[2].starts_with("1,\"dog, large\","), "{said}");
    let probabilities: Vec<f64> = lines[1].split(',').skip(3).map(|p| p.parse().unwrap()).collect();
    assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-6 && probabilities[0] > 0.9, "{said}");
    // From standard input it is the same, and as JSON each line stands alone.
    let mut from_input = command(folder.path(), "predict run -");
    let from_input = from_input.stdin(File::open(folder.path().join("new.csv")).unwrap()).output().unwrap();
    assert_eq!(text(&from_input.stdout), said);
    let json = predicted(folder.path(), "new.csv --format jsonl");
    let second: serde_json::Value = serde_json::from_str(json.lines().nth(1).unwrap()).unwrap();
    assert_eq!((&second["sample"], &second["prediction"]), (&1.into(), &"dog, large".into()));
    assert!(second["probabilities"]["dog, large"].as_f64().unwrap() > 0.9, "{json}");
    // With the labels it is what `ff eval` counts.
    fs::write(folder.path().join("more.csv"), table(100, 2)).unwrap();
    let told = predicted(folder.path(), "more.csv");
    let right = told.lines().skip(1).enumerate();
    let right = right.filter(|(n, line)| line.contains(if n % 2 == 0 { ",cat," } else { ",\"dog, large\"," })).count();
    let eval = ff(folder.path(), "eval run more.csv --json");
    let eval: serde_json::Value = serde_json::from_slice(&eval.stdout).unwrap();
    assert_eq!(eval["errors_readout"], 100 - right);
}

#[test]
fn goodness_comes_along_when_asked_for() {
    let folder = TempDir::new().unwrap();
    let words = "train --dataset digits8x8 --layers 64 --rule n-way --epochs 8 --threads 1 --validation 200 --out run";
    assert!(ff(folder.path(), words).status.success());
    let told = predicted(folder.path(), "digits8x8 --goodness");
    let goodness = |text: &str| -> Vec<f32> {
        text.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect()
    };
    assert!(told.lines().next().unwrap().ends_with(",p_9,goodness"), "{told}");
    let digits = goodness(&told);
    assert_eq!(digits.len(), 359);
    let archive = ff(folder.path(), "predict run digits8x8 --format npz --goodness --out found.npz");
    assert!(archive.status.success(), "{}", text(&archive.stderr));
    let bytes = fs::read(folder.path().join("found.npz")).unwrap();
    let holds = |what: &str| bytes.windows(what.len()).any(|window| window == what.as_bytes());
    assert!(bytes.starts_with(b"PK") && holds("'shape': (359, 10, )") && holds("goodness.npy"));
}

#[test]
fn whether_probabilities_are_calibrated_is_said() {
    let folder = TempDir::new().unwrap();
    for (validation, is_told) in [("0", true), ("200", false)] {
        let words = "train --dataset digits8x8 --layers 32 --epochs 3 --threads 1 --force --out run --validation";
        assert!(ff(folder.path(), &format!("{words} {validation}")).status.success());
        let output = ff(folder.path(), "predict run digits8x8");
        assert_eq!(text(&output.stderr).contains("probabilities are not calibrated (temperature 1)"), is_told);
        let eval = text(&ff(folder.path(), "eval run").stdout);
        assert_eq!(eval.contains(", not fitted)"), is_told, "{eval}");
        assert!(eval.contains("balanced accuracy") && eval.contains("class        samples  precision"), "{eval}");
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let folder = TempDir::new().unwrap();
    trained(folder.path());
    let said = |file: &str, content: &str, more: &str| {
        fs::write(folder.path().join(file), content).unwrap();
        let output = ff(folder.path(), &format!("predict run {file} {more}"));
        assert_eq!(output.status.code(), Some(1), "{file}");
        text(&output.stderr)
    };
    let missing = said("one.csv", "length,height,width\n1,2,3\n", "");
    assert!(missing.contains("has no column \"weight\", which the model takes"), "{missing}");
    let hole = said("hole.csv", "length,weight\n1,\n", "");
    assert!(hole.contains("line 2") && hole.contains("the value is missing"), "{hole}");
    let npz = said("new.csv", "length,weight\n1,2\n", "--format npz");
    assert!(npz.contains("name a file by --out"), "{npz}");
}
