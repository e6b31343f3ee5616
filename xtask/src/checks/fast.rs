//! A short cycle after a small change, on a build that is warm: under a minute on two cores.
//!
//! It leaves out what takes long to build or to run; `cargo xtask test` has the last word. Its tests are not
//! optimised, for optimising `ff-host` takes longer than all of them.

use std::process::Command;

use super::{Check, cargo, host};

pub fn checks() -> Vec<Check> {
    vec![
        host::format(),
        host::lints(),
        Check::new("ff-core: unit tests, and the first program", unoptimised("ff-core --lib --test front_door")),
        Check::new("any bytes will do, on host and device", unoptimised("ff-tests --test fuzz")),
    ]
}

fn unoptimised(tests: &str) -> Command {
    let mut command = cargo(&format!("test --package {tests}"));
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0");
    command
}
