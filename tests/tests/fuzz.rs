//! A thousand damaged seeds for each way into the project; `cargo xtask fuzz` looks further.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ff_core::random::Rng;
use ff_tests::fuzz::{TARGETS, Target};

const INPUTS: usize = 1000;

#[test]
fn every_target_holds_for_damaged_seeds() {
    for Target { name, run, seeds } in TARGETS {
        let seeds = seeds();
        seeds.iter().for_each(|seed| run(seed));
        let mut rng = Rng::new(1);
        for index in 0..INPUTS {
            let input = damaged(&seeds[index % seeds.len()], &mut rng);
            let outcome = std::panic::catch_unwind(|| run(&input));
            assert!(outcome.is_ok(), "{name} failed on input {index}: {}", String::from_utf8_lossy(&input));
        }
    }
}

#[test]
fn every_target_has_a_program_for_the_fuzzer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let expected: BTreeSet<_> = TARGETS.iter().map(|target| format!("{}.rs", target.name)).collect();
    assert_eq!(files.collect::<BTreeSet<_>>(), expected);
}

/// A copy with a few bytes changed, cut off, or put in; once in eight nothing but noise.
fn damaged(seed: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    if rng.below(8) == 0 {
        bytes.iter_mut().for_each(|byte| *byte = rng.next_u32() as u8);
    }
    for _ in 0..rng.below(6) {
        let at = rng.below(bytes.len() as u32 + 1) as usize;
        match rng.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, rng.next_u32() as u8),
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << rng.below(8)),
        }
    }
    bytes
}
