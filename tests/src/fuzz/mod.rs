//! What must hold for any bytes whatever: a file for each way into the project.
//!
//! Each file has `run`, which panics where something does not hold, and `seeds`, inputs that are right or
//! nearly so. The programs in `fuzz/` hand both to a fuzzer (`cargo xtask fuzz`), which looks for inputs
//! that reach new code; the test `fuzz` runs a thousand damaged seeds with every `cargo test`. What a fuzzer
//! finds becomes a test beside the code that is at fault.

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

pub mod idx;
pub mod model;
pub mod network;
pub mod picture;
pub mod recipe;
pub mod snapshot;
pub mod step;
pub mod store;

/// A way into the project.
pub struct Target {
    /// Its name: that of its file here, and of its program in `fuzz/fuzz_targets`.
    pub name: &'static str,
    /// Panics where something does not hold for these bytes.
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

macro_rules! targets {
    ($($name:ident),+) => {
        /// All of them.
        pub const TARGETS: &[Target] =
            &[$(Target { name: stringify!($name), run: $name::run, seeds: $name::seeds }),+];
    };
}

targets!(idx, model, network, picture, recipe, snapshot, step, store);

/// What reads files is given a file that is gone afterwards.
fn in_a_file(bytes: &[u8], read: impl FnOnce(&Path)) {
    let mut file = NamedTempFile::new().expect("a folder for files that are soon gone");
    file.write_all(bytes).expect("space for a small file");
    read(file.path());
}
