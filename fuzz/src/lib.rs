//! What the programs share: each hands one way into the project to the fuzzer.
//!
//! `cargo xtask fuzz` runs them one after the other. What they check and what they begin with is in
//! `ff_tests::fuzz`, where the tests find it as well.

use std::fs;
use std::path::Path;

/// A program for the target of this name.
#[macro_export]
macro_rules! program {
    ($target:ident) => {
        libfuzzer_sys::fuzz_target!(
            init: $crate::plant(stringify!($target), ff_tests::fuzz::$target::seeds),
            |bytes: &[u8]| ff_tests::fuzz::$target::run(bytes)
        );
    };
}

/// Puts the seeds where the fuzzer looks for inputs to begin with.
pub fn plant(target: &str, seeds: fn() -> Vec<Vec<u8>>) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&corpus).expect("cannot make the folder of the corpus");
    for (index, seed) in seeds().into_iter().enumerate() {
        fs::write(corpus.join(format!("seed-{index}")), seed).expect("cannot write a seed");
    }
}
