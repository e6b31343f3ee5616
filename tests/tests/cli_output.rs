//! A reader that has gone, a full disk, and the folder of a run: nothing that was learned is lost.
#![cfg(unix)]

mod cli_support;

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};

use cli_support::{SMALL, command, command_after, contents, ff, metrics, text, train};
use ff_host::run::Model;
use tempfile::TempDir;

/// Commands that do nothing but tell something.
const TELLING: [&str; 6] =
    ["recipe list", "recipe show fast", "data list", "data show --dataset digits8x8", "eval run", "eval run --json"];

/// Runs the program with a standard output (and error) that nobody reads.
fn unread(folder: &Path, words: &str, error_too: bool) -> Output {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let mut command = command(folder, words);
    if error_too {
        command.stderr(writer.try_clone().unwrap());
    } else {
        command.stderr(Stdio::piped());
    }
    command.stdout(writer).spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    for words in TELLING {
        let output = unread(folder.path(), words, false);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()), "{words}");
        assert_eq!(unread(folder.path(), words, true).status.code(), Some(0), "{words}");
    }
    assert_eq!(unread(folder.path(), "eval nowhere", true).status.code(), Some(1));
    assert_eq!(unread(folder.path(), "train --help", true).status.code(), Some(0));
}

#[test]
fn a_run_goes_on_when_its_reader_has_gone() {
    let folder = TempDir::new().unwrap();
    let output = unread(folder.path(), &format!("{SMALL} run"), false);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("going on, to be saved in run"), "{said}");
    assert_eq!(said.matches("going on").count(), 1, "told once: {said}");
    assert!(metrics(&folder.path().join("run")).test.is_some());
    assert_eq!(unread(folder.path(), &format!("{SMALL} two"), true).status.code(), Some(0));
    Model::load(&folder.path().join("two")).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn output_into_a_full_disk_is_an_error_after_the_work_is_done() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let run = format!("{SMALL} two");
    for words in TELLING.into_iter().chain([run.as_str()]) {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(folder.path(), words).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words}: {said}");
        assert!(said.contains("error: cannot write to standard output"), "{words}: {said}");
        assert!(!said.contains("panicked"), "{words}: {said}");
    }
    assert!(metrics(&folder.path().join("two")).test.is_some());
}

/// Runs the program where no file can grow beyond some kilobytes: what a full disk does, without one.
fn cramped(folder: &Path, words: &str) -> Output {
    // The signal that goes with the limit is ignored, as on a full disk there is none.
    command_after(r#"trap "" XFSZ; ulimit -f 8"#, folder, words).output().unwrap()
}

#[test]
fn a_full_disk_takes_nothing_that_was_there_and_the_results_are_told() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let before = contents(&folder.path().join("run"));
    let output = cramped(folder.path(), &format!("{SMALL} run --force --seed 2"));
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("error: cannot write run/model.safetensors"), "{said}");
    assert_eq!(said.matches("going on, and trying again").count(), 6, "once an epoch: {said}");
    assert!(text(&output.stdout).contains("of 359 wrong"), "the results were swallowed");
    assert!(contents(&folder.path().join("run")) == before, "the run that was there has changed");
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_any_work() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (out, text_wanted) in [("file", "file is a file"), ("file/run", "cannot make the folder file/run")] {
        let output = ff(folder.path(), &format!("{SMALL} {out}"));
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with("error: ") && said.contains(text_wanted), "{said}");
        assert!(!text(&output.stdout).contains("epoch"));
    }
    // The kernel's own read-only folder serves root, too, for whom permissions do not count.
    if cfg!(target_os = "linux") {
        let said = text(&ff(folder.path(), &format!("{SMALL} /proc/run")).stderr);
        assert!(said.starts_with("error: cannot make the folder /proc/run"), "{said}");
    }
}

/// A network for which there is no memory is refused in a line, before the system ends the program.
#[test]
#[cfg(target_os = "linux")]
fn too_large_a_network_is_an_error() {
    let folder = TempDir::new().unwrap();
    let words = "train --dataset digits8x8 --layers 16384,16384,16384 --epochs 1 --threads 1 --out run";
    let output = command_after("ulimit -v 1500000", folder.path(), words).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("no memory for so large a network") && said.contains("--layers"), "{said}");
    assert!(!folder.path().join("run").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_path_that_is_no_unicode_is_a_path() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = TempDir::new().unwrap();
    let out = OsStr::from_bytes(b"run-\xff");
    let mut command = command(folder.path(), SMALL);
    let output = command.arg(out).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    Model::load(&folder.path().join(out)).unwrap();
}
