//! The README's tables of results are made from the kept runs, and nothing else.

mod cli_support;

use std::path::Path;

use cli_support::{command, text};

#[test]
fn the_readme_has_the_kept_results() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = command(root, "results check").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}
