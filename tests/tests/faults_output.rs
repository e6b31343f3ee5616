//! Texts from files: what shows them cannot be made to do anything else.

mod cli_support;

use std::fs;

use cli_support::{assert_refused, ff, lab, text, train, with_header};
use tempfile::TempDir;

/// Clears a screen, in the two ways that terminals know.
const CLEARS: &str = "\u{1b}[2J\u{9b}2J";

#[track_caller]
fn assert_harmless(said: &str) {
    let harmful = |c: char| c.is_control() && !"\n\t".contains(c) || "\u{202e}\u{2066}".contains(c);
    assert!(!said.contains(harmful), "{said:?}");
}

#[test]
fn nothing_in_a_file_speaks_to_the_terminal() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let path = folder.path().join("run/model.safetensors");
    let whole = fs::read(&path).unwrap();
    let json = r"\u001b[2J\u009b2J\u202e";
    let record = with_header(&whole, |header| header.replacen("digits8x8", r"\\u001b[2J\\u009b2J", 1));
    let tensor = with_header(&whole, |header| header.replacen("layer1.weights", json, 1));
    let dtype = with_header(&whole, |header| header.replacen("F32", &format!("{json}F32"), 1));
    for model in [record, tensor, dtype] {
        fs::write(&path, model).unwrap();
        let output = ff(folder.path(), "eval run");
        assert_refused(&output, "");
        assert_harmless(&text(&output.stderr));
    }
    let recipe = text(&ff(folder.path(), "recipe show digits8x8").stdout);
    let bad = recipe.replace("epochs =", &format!("# {CLEARS}\nepochs = \"{CLEARS}\" #"));
    fs::write(folder.path().join("bad.toml"), bad).unwrap();
    let output = ff(folder.path(), "train --dataset digits8x8 --recipe bad.toml");
    assert_refused(&output, "bad.toml has");
    assert_harmless(&text(&output.stderr));
}

#[test]
fn a_command_that_holds_markup_is_one_cell_of_a_table() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let path = folder.path().join("run/metrics.json");
    let metrics = fs::read_to_string(&path).unwrap();
    let markup = "ff train `x` | y\\n\\n<!-- end of results -->\\n<script>alert(1)</script> \\\\| z";
    let command = metrics.lines().find(|line| line.contains("\"command\"")).unwrap();
    fs::write(&path, metrics.replace(command, &format!("  \"command\": \"{markup}\","))).unwrap();
    let readme = folder.path().join("README.md");
    fs::write(&readme, "a\n<!-- results: runs -->\n<!-- end of results -->\nb\n").unwrap();
    let ok = |words: &str| {
        let output = lab(folder.path(), words);
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    ok("results add run");
    ok("results write");
    let once = fs::read_to_string(&readme).unwrap();
    ok("results write");
    assert_eq!(fs::read_to_string(&readme).unwrap(), once, "written twice is not written once");
    ok("results check");
    assert!(once.ends_with("\n<!-- end of results -->\nb\n"), "{once}");
    let lines: Vec<_> = once.lines().collect();
    assert_eq!(lines.len(), 7, "{once}");
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    assert_eq!(columns(lines[4]), columns(lines[2]), "{once}");
    // Within a span of code, whose marks are longer than any in it, nothing is markup.
    assert!(lines[4].starts_with("| ``ff train"), "{once}");
}
