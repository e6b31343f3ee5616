//! Helpers that several test files share.
#![allow(dead_code, reason = "every test file is a crate of its own and uses its own part")]

pub mod flash;
pub mod network;
pub mod onepass;
pub mod reference;
pub mod saliency;
pub mod saving;
pub mod state;

/// Asserts that two blocks agree within `tolerance`, relative to the largest value expected.
///
/// # Panics
/// Where they do not, naming the block and the place.
pub fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}: lengths differ");
    let largest = expected.iter().fold(0.0_f64, |top, v| top.max(v.abs()));
    for (index, (f, e)) in found.iter().zip(expected).enumerate() {
        // Written so that a NaN fails.
        let close = (f - e).abs() <= tolerance * largest;
        assert!(close, "{what}[{index}]: found {f}, expected {e} (largest {largest})");
    }
}

/// Every value in f64.
pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// Every value's bits, to compare without a tolerance (and NaN with NaN).
pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}
