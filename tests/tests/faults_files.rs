//! Files that lead elsewhere, have no end, or were left behind: nothing is followed, awaited or kept.
#![cfg(unix)]

mod cli_support;
mod data_support;

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cli_support::{
    assert_refused, command, command_after, contents, ff, lab, lab_command, text, train, with_header, within,
};
use data_support::DIGITS;
use tempfile::TempDir;

const SWEEP: &str = "sweep --dataset digits8x8 --set layers=8 --set epochs=1 --threads 1";

/// What a process leaves that is killed while it writes.
const LEFT: &str = ".tmp-ff-1-left";

#[test]
fn what_dead_processes_left_is_removed_and_what_is_at_work_stays() {
    let folder = TempDir::new().unwrap();
    let words = format!("{SWEEP} --out swept");
    assert!(ff(folder.path(), &words).status.success());
    let cell = folder.path().join("swept/digits8x8_digits8x8_layers=8_epochs=1_seed=1");
    let cache = folder.path().join("cache/forward-forward/mnist");
    fs::create_dir_all(&cache).unwrap();
    let folders = [folder.path().join("swept"), cell, cache.clone()];
    let (left, held): (Vec<_>, Vec<_>) = folders.iter().map(|f| (f.join(LEFT), f.join(".tmp-ff-2-held"))).unzip();
    left.iter().for_each(|path| fs::write(path, "half").unwrap());
    let locks: Vec<_> = held.iter().map(|path| File::create(path).unwrap()).collect();
    locks.iter().for_each(|lock| lock.lock().unwrap());
    assert!(ff(folder.path(), &words).status.success());
    // Nobody listens at that port, so nothing is fetched.
    within(60, &mut command(folder.path(), "data fetch mnist --mirror http://127.0.0.1:1"));
    assert_eq!(left.iter().filter(|path| path.exists()).count(), 0, "left behind: {left:?}");
    assert_eq!(held.iter().filter(|path| !path.exists()).count(), 0, "taken from a process at work: {held:?}");
}

/// Whenever a process is killed while it reads data, its temporary files go with it.
#[test]
fn killed_readers_leave_nothing_in_the_temporary_folder() {
    let folder = TempDir::new().unwrap();
    DIGITS.write(&folder.path().join("data"));
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    for milliseconds in [20, 60, 120, 250, 500, 1000] {
        let mut show = command(folder.path(), "data show --dataset mnist --data-dir data");
        let mut show = show.env("TMPDIR", &temporary).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        let _ = show.kill();
        show.wait().unwrap();
        let left: Vec<_> = fs::read_dir(&temporary).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(left.is_empty(), "after {milliseconds} ms: {left:?}");
    }
}

#[test]
fn names_in_files_lead_nowhere() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let path = folder.path().join("run/metrics.json");
    let metrics = fs::read_to_string(&path).unwrap();
    let elsewhere = folder.path().join("elsewhere");
    let inside = |name: &Path| metrics.replace("\"dataset\": \"digits8x8\"", &format!("\"dataset\": {name:?}"));
    let up = metrics.replace("\"recipe\": \"digits8x8\"", "\"recipe\": \"/../../../elsewhere/y\"");
    let escapes = metrics.replace("\"recipe\": \"digits8x8\"", "\"recipe\": \"\\u001b[2J\"");
    for changed in [inside(&elsewhere.join("abs")), up, escapes] {
        assert_ne!(changed, metrics);
        fs::write(&path, changed).unwrap();
        assert_refused(&lab(folder.path(), "results --results deep/down/kept add run"), "is no name of a");
    }
    assert!(!elsewhere.exists() && !folder.path().join("deep").exists(), "a folder was made");
}

#[test]
fn links_in_a_folder_are_not_followed() {
    let folder = TempDir::new().unwrap();
    let [victim, other] = ["victim", "other"].map(|name| folder.path().join(name));
    fs::write(&victim, "dear").unwrap();
    fs::create_dir(&other).unwrap();
    fs::create_dir(folder.path().join("sw")).unwrap();
    symlink(&victim, folder.path().join("sw/.lock")).unwrap();
    symlink(&victim, folder.path().join("sw").join(LEFT)).unwrap();
    let output = within(60, &mut command(folder.path(), &format!("{SWEEP} --out sw")));
    assert!(output.status.success(), "{}", text(&output.stderr));
    train(folder.path(), "run", "");
    symlink(&other, folder.path().join("run/explain")).unwrap();
    assert_refused(&ff(folder.path(), "explain run --count 1"), "run/explain is a link");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "dear");
    assert_eq!(contents(&other), []);
}

/// A pipe that nobody writes to, and a device that never ends.
#[test]
#[cfg(target_os = "linux")]
fn what_is_no_plain_file_is_refused_at_once() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let pipe = |name: &str| {
        let _ = fs::remove_file(folder.path().join(name));
        assert!(Command::new("mkfifo").arg(folder.path().join(name)).status().unwrap().success());
    };
    pipe("pipe.toml");
    pipe("pipe");
    fs::create_dir(folder.path().join("sw")).unwrap();
    pipe("sw/.lock");
    assert!(within(60, &mut command(folder.path(), &format!("{SWEEP} --out sw"))).status.success());
    symlink("/dev/zero", folder.path().join("zero.toml")).unwrap();
    for words in ["eval pipe", "eval /dev/zero", "train --recipe pipe.toml", "train --recipe zero.toml"] {
        // A program that read on would be ended by the limit, and not the machine by the program.
        let output = within(60, &mut command_after("ulimit -v 2000000", folder.path(), words));
        assert_refused(&output, "it is no plain file");
    }
    pipe("run/metrics.json");
    assert_refused(&within(60, &mut lab_command(folder.path(), "results add run")), "it is no plain file");
}

/// Sparse files, which take no disk: of a size that no such file has, and of one that a model may have.
#[test]
#[cfg(target_os = "linux")]
fn files_of_any_size_are_told_from_real_ones_before_they_are_read() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let model = folder.path().join("run/model.safetensors");
    let grow = |name: &str, bytes: u64| {
        File::options().append(true).create(true).open(folder.path().join(name)).unwrap().set_len(bytes).unwrap();
    };
    grow("huge.toml", 5 << 30);
    let many: String =
        (0..1_000_000).map(|i| format!(r#""{i}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}},"#)).collect();
    let whole = fs::read(&model).unwrap();
    let crowded = with_header(&whole, |header| header.replacen('{', &format!("{{{many}"), 1));
    fs::write(folder.path().join("crowded"), crowded).unwrap();
    grow("run/model.safetensors", 5 << 30);
    for (words, needle) in [
        ("train --recipe huge.toml", "a recipe has at most 1048576"),
        ("eval run", "does not hold"),
        ("eval crowded", "its header has"),
    ] {
        let output = within(60, &mut command_after("ulimit -v 1000000", folder.path(), words));
        assert_refused(&output, if needle == "does not hold" { "tensors do not have the shapes" } else { needle });
    }
}

#[test]
fn a_tensor_of_another_shape_and_the_same_length_is_refused() {
    let folder = TempDir::new().unwrap();
    let words = "train --dataset digits8x8 --epochs 2 --layers 64,32 --threads 1 --out run";
    assert!(ff(folder.path(), words).status.success());
    let model = folder.path().join("run/model.safetensors");
    let whole = fs::read(&model).unwrap();
    let turned = with_header(&whole, |header| header.replace("\"shape\":[64,32]", "\"shape\":[32,64]"));
    assert!(turned != whole);
    fs::write(&model, turned).unwrap();
    assert_refused(&ff(folder.path(), "eval run"), "layer1.weights does not have the shape [64, 32]");
}

/// A limit on the size of files is an error as a full disk is; by default its signal ends a program.
#[test]
fn a_limit_on_files_is_an_error() {
    let folder = TempDir::new().unwrap();
    let words = "train --dataset digits8x8 --layers 64,64 --epochs 1 --out run";
    let output = command_after("ulimit -f 8", folder.path(), words).output().unwrap();
    assert_refused(&output, "cannot write run/model.safetensors");
    assert!(text(&output.stdout).contains("of 359 wrong"), "the results were swallowed");
}

#[test]
fn a_folder_may_be_called_like_an_option() {
    let folder = TempDir::new().unwrap();
    let output = ff(folder.path(), &format!("{SWEEP} --out=-x"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(folder.path().join("-x/table.md").is_file());
}
