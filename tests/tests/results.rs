//! The tables of results in README and book are made from the kept runs, and nothing else.

mod cli_support;

use std::path::Path;

use cli_support::{lab, lab_command, text, train};
use tempfile::TempDir;

#[test]
fn the_pages_have_the_kept_results() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = lab_command(root, "results check").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// Runs that differ in an option alone have files of their own; the same run again has its old one.
#[test]
fn no_kept_result_is_written_over_by_another() {
    let folder = TempDir::new().unwrap();
    let add = |run: &str| lab(folder.path(), &format!("results --results kept add {run}"));
    for (run, more) in [("a", ""), ("b", "--rate 0.02"), ("c", "--rate 0.02")] {
        train(folder.path(), run, more);
        assert!(add(run).status.success());
    }
    let kept = cli_support::contents(&folder.path().join("kept"));
    let names: Vec<_> = kept.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["digits8x8-digits8x8-6-seed1-2.json", "digits8x8-digits8x8-6-seed1.json"]);
    let half = std::fs::read_to_string(folder.path().join("a/metrics.json")).unwrap();
    std::fs::write(folder.path().join("a/metrics.json"), half.replace("\"epochs\": 6", "\"epochs\": 5")).unwrap();
    let refused = add("a");
    assert!(text(&refused.stderr).contains("after 5 of 6 epochs"), "{}", text(&refused.stderr));
}
