//! What the device learns by one-pass rules, learned on the host: the same weights, bit for bit.

use ff_core::kernel::Portable;
use ff_embedded::accurate::{self, ENOUGH, SEEDS, Widest};
use ff_embedded::app::{App, SEED};
use ff_embedded::digits;
use ff_embedded::learns::{Learns, Share};
use ff_embedded::nets::{Memory, Net};
use ff_embedded::nway::ByGoodness;
use ff_embedded::parity;

#[test]
fn the_host_learns_by_the_n_way_rule_what_the_device_learns() {
    let mut memory = Box::new(ByGoodness::MEMORY);
    let mut app = App::learned(&mut memory, SEED, Portable).unwrap();
    let (right, held_out) = (app.recognised().unwrap(), digits::held_out().count());
    let mut report = format!("after pass {}: {right} of {held_out} recognised\n", ByGoodness::PASSES);
    report += &format!("weights: CRC-32 {:08x}\n", app.checksum());
    assert_eq!(report, include_str!("../../ff-embedded/golden/nway.txt"));
}

#[test]
fn every_fast_path_has_the_bits_that_the_device_has() {
    let mut report = format!("products: CRC-32 {:08x}\n", parity::products());
    report += &format!("N-way, 16 and 8 units: CRC-32 {:08x}\n", parity::nway::<16, 8, 24>().unwrap());
    report += &format!("N-way, 9 and 21 units: CRC-32 {:08x}\n", parity::nway::<9, 21, 30>().unwrap());
    assert_eq!(report, include_str!("../../ff-embedded/golden/parity.txt"));
}

#[test]
fn the_host_learns_from_five_seeds_what_the_device_learns_in_16_kilobytes() {
    let mut memory = Box::new(Widest::MEMORY);
    let mut all = Share::NONE;
    let mut report = String::new();
    for seed in SEEDS {
        let mut app = App::learned(&mut memory, seed, Portable).unwrap();
        let Share { right, of } = app.share(digits::held_out()).unwrap();
        report += &format!("seed {seed}: {right} of {of}, weights CRC-32 {:08x}\n", app.checksum());
        all = Share { right: all.right + right, of: all.of + of };
    }
    let hundredths = all.hundredths();
    report += &format!("mean: {}.{:02} % of held-out digits\n", hundredths / 100, hundredths % 100);
    assert_eq!(report, include_str!("../../ff-embedded/golden/accurate.txt"));
    assert!(all.reaches_percent(ENOUGH));
}

#[test]
fn network_and_working_memory_leave_two_kilobytes_of_sixteen_for_the_rest() {
    let taken = Memory::<Widest>::NETWORK_BYTES + Memory::<Widest>::SCRATCH_BYTES;
    assert!(taken + 1700 <= accurate::RAM, "{taken} bytes");
}
