//! A short cycle after a small change, on a build that is warm: under a minute.
//!
//! It leaves out what takes long to build or to run; `cargo xtask test` has the last word.

use super::{Check, cargo, host};

pub fn checks() -> Vec<Check> {
    vec![
        host::format(),
        host::lints(),
        Check::new("ff-core: unit tests", cargo("test --package ff-core --lib")),
        Check::new("host and device agree", cargo("test --package ff-tests --test kernels --test rules")),
    ]
}
