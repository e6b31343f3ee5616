//! `ff-core` with each of its features and for every target.

use std::process::Command;

use super::{Check, cargo};
use crate::{board::TARGETS, process, setup};

pub fn checks() -> Vec<Check> {
    let mut checks = vec![
        Check::new("ff-core: lints with micromath", lints("--no-default-features --features micromath")),
        Check::new("ff-core: lints with defmt", lints("--features defmt")),
        package(),
    ];
    checks.extend(TARGETS.map(build));
    checks
}

fn lints(features: &str) -> Command {
    cargo(&format!("clippy --package ff-core --all-targets {features} -- -D warnings"))
}

/// The package builds alone, and its tests pass from what is in it. They run with micromath, for the
/// workspace's tests run the same ones without.
fn package() -> Check {
    Check::prepared("ff-core: tests of the package, with micromath", || {
        process::run(&mut cargo("package --package ff-core --allow-dirty"))?;
        let id = process::output(&mut cargo("pkgid --package ff-core"))?;
        let version = id.rsplit(['#', '@']).next().unwrap_or_default();
        let mut tests = cargo("test --no-default-features --features micromath,bytemuck,embedded-storage");
        let target = process::root().join("target");
        tests.arg("--target-dir").arg(target.join("features"));
        tests.current_dir(target.join(format!("package/ff-core-{version}")));
        Ok(tests)
    })
}

fn build(target: &'static str) -> Check {
    Check::prepared(format!("ff-core for {target}"), move || {
        let mut build = setup::once()?.tool("cargo");
        build.args(["build", "--package", "ff-core", "--release", "--target", target]);
        Ok(build)
    })
}
