//! Completions, manual pages and `--quiet`.

mod cli_support;

use cli_support::{ff, text};
use tempfile::TempDir;

#[test]
fn shells_are_told_every_command() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let output = ff(folder.path(), &format!("completions {shell}"));
        let script = text(&output.stdout);
        assert!(output.status.success() && script.len() > 1000, "{shell}");
        assert!(!script.contains("ff-host"), "{shell} completes the program and not its crate");
        for command in ["train", "explain", "--quiet"] {
            assert!(script.contains(command.trim_start_matches('-')), "{shell} does not complete {command}");
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = TempDir::new().unwrap();
    let output = ff(folder.path(), "man pages");
    assert!(output.status.success(), "{}", text(&output.stderr));
    for name in ["ff.1", "ff-train.1", "ff-explain.1", "ff-export.1"] {
        let page = std::fs::read_to_string(folder.path().join("pages").join(name)).unwrap();
        assert!(page.contains(".SH SYNOPSIS") && page.contains("Examples"), "{name}: {page}");
    }
    std::fs::write(folder.path().join("file"), "").unwrap();
    let output = ff(folder.path(), "man file");
    assert!(!output.status.success() && text(&output.stderr).contains("file"));
}

/// Without a network and data, `ff train` says that it goes on with the digits: a remark, not a result.
#[test]
fn quiet_leaves_results_and_errors() {
    let folder = TempDir::new().unwrap();
    let words = "train --dataset digits8x8 --epochs 1 --layers 16";
    let loud = ff(folder.path(), &format!("{words} --out loud"));
    let quiet = ff(folder.path(), &format!("--quiet {words} --out quiet"));
    assert!(loud.status.success() && quiet.status.success());
    assert!(text(&loud.stderr).contains("next: ff explain loud"), "{}", text(&loud.stderr));
    assert_eq!(text(&quiet.stderr), "");
    assert!(text(&quiet.stdout).contains("wrong"), "results stay");
    let bad = ff(folder.path(), "--quiet eval nowhere");
    assert!(!bad.status.success() && text(&bad.stderr).contains("nowhere"), "errors stay");
}
