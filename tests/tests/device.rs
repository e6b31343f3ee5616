//! What the device computes, computed on the host: the same weights, bit for bit.
//!
//! The firmware's report is held against the same golden files by `cargo xtask qemu`, so host and
//! device agree if both tests pass. After a wanted change of numerics: `cargo xtask qemu --bless`.

use ff_core::kernel::Portable;
use ff_embedded::app::App;
use ff_embedded::digits;
use ff_embedded::nets::{Net, Small, Usual};

#[test]
fn the_host_learns_what_boards_with_much_ram_learn() {
    assert_eq!(report::<Usual>(), include_str!("../../ff-embedded/golden/learn.txt"));
}

#[test]
fn the_host_learns_what_boards_with_little_ram_learn() {
    assert_eq!(report::<Small>(), include_str!("../../ff-embedded/golden/learn-small.txt"));
}

/// The lines of the firmware's report that do not depend on the board.
fn report<N: Net>() -> String {
    let mut memory = Box::new(N::MEMORY);
    let mut app = App::start(&mut memory, Portable);
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
