//! The host's workspace.

use super::{Check, cargo};

/// Cheap checks come first.
pub fn checks() -> Vec<Check> {
    let mut documentation = cargo("doc --workspace --no-deps");
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    vec![
        format(),
        lints(),
        Check::new("documentation", documentation),
        Check::new("tests", cargo("test --workspace --no-fail-fast")),
        // Installs a browser where there is none.
        Check::new("the report and the web page in a browser", cargo("xtask browser")),
    ]
}

pub fn format() -> Check {
    Check::new("format", cargo("fmt --all --check"))
}

pub fn lints() -> Check {
    Check::new("lints", cargo("clippy --workspace --all-targets -- -D warnings"))
}
