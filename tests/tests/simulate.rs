//! `ff simulate` learns what the firmware learns, and predicts what it takes.

mod cli_support;

use cli_support::{ff, text};
use tempfile::TempDir;

fn simulate(words: &str) -> String {
    let folder = TempDir::new().unwrap();
    let output = ff(folder.path(), &format!("simulate --dataset digits8x8 {words}"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The firmware's kept report: what its network recognised at the end, and its weights.
fn firmware(name: &str) -> (String, String) {
    let path = format!("{}/../ff-embedded/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let report = std::fs::read_to_string(path).unwrap();
    let last = report.lines().rfind(|line| line.starts_with("after pass")).unwrap();
    let right = last.rsplit_once(": ").unwrap().1.strip_suffix(" recognised").unwrap();
    let weights = report.lines().find_map(|line| line.strip_prefix("weights: CRC-32 ")).unwrap();
    (right.to_owned(), weights.to_owned())
}

/// What the emulator counted for a step and for a classification.
fn counted(name: &str) -> [f64; 2] {
    let path = format!("{}/../ff-embedded/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let report = std::fs::read_to_string(path).unwrap();
    ["training step: ", "classification: "].map(|start| {
        let line = report.lines().find_map(|line| line.strip_prefix(start)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    })
}

#[test]
fn the_weights_are_the_firmwares() {
    for (name, how) in [("learn", "--layers 32,32 --passes 20"), ("learn-small", "--layers 24,16 --passes 4")] {
        let (right, weights) = firmware(name);
        let told = simulate(&format!("--rule classic {how}"));
        assert!(told.contains(&format!("{right}, weights {weights}")), "{name}: {right}, {weights}:\n{told}");
    }
}

/// Rule, jitter and order of the device that has 16 KB, for the first of its seeds.
#[test]
fn the_weights_are_those_that_the_device_learns_in_16_kilobytes() {
    let report = include_str!("../../ff-embedded/golden/accurate.txt");
    let first = report.lines().next().unwrap().strip_prefix("seed 1: ").unwrap().replace("CRC-32 ", "");
    let told = simulate("--layers 46 --rate 0.02 --passes 60 --jitter 0.2 --fits 16KB");
    assert!(told.contains(&first), "{first}:\n{told}");
}

#[test]
fn predictions_are_near_what_the_emulator_counted() {
    let [step, classification] = counted("learn-mps2-an386");
    for (words, network, step, classification) in [
        // The same weights and digits as there.
        ("--rule classic --layers 32,32 --passes 20", 13_824.0, step, classification),
        // Counted by `cargo xtask qemu --example costs`, after 2,000 digits.
        ("--rule local-cross-entropy --layers 32,32 --passes 2", 15_104.0, 24_905.0, 8_601.0),
    ] {
        let told = simulate(words);
        let row: Vec<_> = told.lines().nth(1).unwrap().split_whitespace().collect();
        let near = |place: usize, what: f64| (row[place].parse::<f64>().unwrap() / what - 1.0).abs();
        assert!(near(3, network) == 0.0, "{told}");
        assert!(near(4, step) < 0.1 && near(5, classification) < 0.1, "{step}, {classification}: {told}");
    }
}

#[test]
fn memory_is_what_the_firmware_counted() {
    let told = simulate("--rule classic --layers 32,32 --no-train");
    let ram = told.lines().nth(1).unwrap().split_whitespace().nth(2).unwrap().parse::<f64>().unwrap();
    // 13,824 bytes of network, 692 of scratch and 1,660 of stack.
    assert!((0.98..1.05).contains(&(ram / 16_176.0)), "{told}");
}

#[test]
fn only_what_fits_is_shown() {
    let all = simulate("--no-train --pool 1,2").lines().count();
    let some = simulate("--no-train --pool 1,2 --fits 8KB");
    assert!(1 < some.lines().count() && some.lines().count() < all, "{some}");
    for row in some.lines().skip(1) {
        assert!(row.split_whitespace().nth(2).unwrap().parse::<usize>().unwrap() <= 8192, "{row}");
    }
    let folder = TempDir::new().unwrap();
    for (words, code) in [("--fits 1KB", 1), ("--fits lots", 2), ("--rule unsupervised", 1), ("--pool 9", 1)] {
        let output = ff(folder.path(), &format!("simulate --dataset digits8x8 --no-train {words}"));
        assert_eq!(output.status.code(), Some(code), "{words}");
    }
}
