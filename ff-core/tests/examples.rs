//! The programs in `examples/` end as they say, as any check of theirs would stop them.

#![expect(clippy::duplicate_mod, reason = "each program is whole, and has the digits of its own")]

// Its map adds up to rounding, which approximate square roots do not.
#[cfg(not(feature = "micromath"))]
#[path = "../examples/explain.rs"]
mod explain;
#[path = "../examples/learn.rs"]
mod learn;
#[path = "../examples/resume.rs"]
mod resume;
#[path = "../examples/unusual.rs"]
mod unusual;

#[test]
fn learn_recognises_digits() {
    learn::main().unwrap();
}

#[test]
fn resume_goes_on_after_a_reset() {
    resume::main();
}

#[test]
fn unusual_is_told_from_usual() {
    unusual::main().unwrap();
}

#[cfg(not(feature = "micromath"))]
#[test]
fn explain_shows_what_counted() {
    explain::main().unwrap();
}
