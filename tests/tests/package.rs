//! `ff-core` is a package by itself, so it has copies of what the repository keeps elsewhere.

use std::fs;
use std::path::Path;

/// The original, from the top of the repository, and the copy in the package.
const COPIES: [(&str, &str); 3] = [
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
    ("ff-host/assets/digits8x8.bin", "tests/data/digits8x8.bin"),
];

#[test]
fn copies_in_the_package_are_the_originals() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (original, copy) in COPIES {
        let read = |path: &Path| fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (original, copy) = (root.join(original), root.join("ff-core").join(copy));
        let same = read(&original) == read(&copy);
        assert!(same, "{} is no longer {}: copy it again", copy.display(), original.display());
    }
}
