//! What the device computes, computed on the host: the same weights, bit for bit.
//!
//! The firmware's report is held against the same golden files by `cargo xtask qemu`, so host and
//! device agree if both tests pass. After a wanted change of numerics: `cargo xtask qemu --bless`.

use ff_core::kernel::Portable;
use ff_embedded::app::{App, SEED};
use ff_embedded::digits::{self, PIXELS};
use ff_embedded::explain;
use ff_embedded::learns::Learns;
use ff_embedded::nets::{Explaining, Net, Small, Usual};

#[test]
fn the_host_learns_what_boards_with_much_ram_learn() {
    assert_eq!(report::<Usual>(), include_str!("../../ff-embedded/golden/learn.txt"));
}

#[test]
fn the_host_learns_what_boards_with_little_ram_learn() {
    assert_eq!(report::<Small>(), include_str!("../../ff-embedded/golden/learn-small.txt"));
}

#[test]
fn the_host_explains_what_the_device_explains() {
    assert_eq!(explanations::<Explaining>(), include_str!("../../ff-embedded/golden/explain.txt"));
}

/// Of the firmware's explanations, what does not depend on the board.
fn explanations<N: Net>() -> String {
    let mut memory = Box::new(N::MEMORY);
    let mut app = App::start(&mut memory, SEED, Portable);
    (0..N::PASSES).for_each(|pass| app.pass(pass).unwrap());
    let mut report = format!("weights: CRC-32 {:08x}\n", app.checksum());
    for right in [true, false] {
        let answer = explain::first(&mut app, right).unwrap().unwrap();
        let mut map = [0.0; PIXELS];
        let told = app.explain(answer.digit, answer.target(), &mut map).unwrap();
        report += &format!("{} seen as {}, ", answer.digit.label(), answer.label);
        report += &format!("runner-up {}\n", answer.runner_up);
        report.extend(explain::rows(&map).map(|row| format!("{row:?}\n")));
        report += &format!("map: CRC-32 {:08x}\n", explain::checksum(&map));
        report += &format!("margin: {}, on the faint image {}\n", told.score, told.baseline_score);
    }
    report
}

/// The lines of the firmware's report that do not depend on the board.
fn report<N: Net>() -> String {
    let mut memory = Box::new(N::MEMORY);
    let mut app = App::start(&mut memory, SEED, Portable);
    let held_out = digits::held_out().count();
    let mut report = format!("digits: {} to learn, {held_out} held out\n", digits::TRAINING);
    let before = app.recognised().unwrap();
    report += &format!("before learning: {before} of {held_out} recognised\n");
    for pass in 0..N::PASSES {
        app.pass(pass).unwrap();
        if (pass + 1).is_power_of_two() || pass + 1 == N::PASSES {
            let right = app.recognised().unwrap();
            report += &format!("after pass {}: {right} of {held_out} recognised\n", pass + 1);
        }
    }
    report + &format!("weights: CRC-32 {:08x}\n", app.checksum())
}
