//! `ff-core` with each of its features and for every target.

use std::process::Command;

use super::{Check, cargo};
use crate::{board::TARGETS, setup};

pub fn checks() -> Vec<Check> {
    let mut checks = vec![
        Check::new("ff-core: lints with micromath", lints("--no-default-features --features micromath")),
        Check::new("ff-core: lints with defmt", lints("--features defmt")),
        // In a folder of its own: other features would have the workspace's tests built anew.
        Check::new("ff-core: tests with micromath", tests("--no-default-features --features micromath")),
    ];
    checks.extend(TARGETS.map(build));
    checks
}

fn lints(features: &str) -> Command {
    cargo(&format!("clippy --package ff-core --all-targets {features} -- -D warnings"))
}

fn tests(features: &str) -> Command {
    cargo(&format!("test --package ff-core {features} --target-dir target/features"))
}

fn build(target: &'static str) -> Check {
    Check::prepared(format!("ff-core for {target}"), move || {
        let mut build = setup::once()?.tool("cargo");
        build.args(["build", "--package", "ff-core", "--release", "--target", target]);
        Ok(build)
    })
}
