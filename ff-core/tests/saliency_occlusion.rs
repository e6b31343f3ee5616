//! Occlusion by a step along one weight row, against whole images sent up one by one in f64.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::saliency::Asked;
use ff_core::random::Rng;
use ff_core::saliency::{INK, Occlusion, OcclusionMode};

/// The map of a mode, every changed image built and sent up alone; with the largest score met.
fn naive(asked: &Asked, mode: OcclusionMode) -> (Vec<f64>, f64) {
    let base = asked.whole_baseline();
    let whole = asked.margin(&asked.image);
    let mut largest = whole.scores;
    let mut map = Vec::new();
    for (i, (&x, &base)) in asked.image.iter().zip(&base).enumerate() {
        let to = match mode {
            OcclusionMode::Erase => base,
            OcclusionMode::Add if x == base => INK,
            OcclusionMode::Add => x,
        };
        let mut changed = asked.image.clone();
        changed[i] = to;
        let changed = asked.margin(&changed);
        largest = largest.max(changed.scores);
        let lost = whole.value - changed.value;
        map.push(if mode == OcclusionMode::Erase { lost } else { -lost });
    }
    (map, largest)
}

#[test]
fn maps_agree_with_whole_images_sent_up_one_by_one() {
    let mut rng = Rng::new(4);
    for case in 0..500 {
        let asked = Asked::random(&mut rng);
        for mode in [OcclusionMode::Erase, OcclusionMode::Add] {
            let (expected, largest) = naive(&asked, mode);
            // Scratch for one row, a few, or several inputs under all labels.
            let found = asked.answer(&Occlusion { mode }, 1 + case % 37);
            for (i, (&f, e)) in found.map.iter().zip(expected).enumerate() {
                let close = (f64::from(f) - e).abs() <= 1e-5 * largest;
                assert!(close, "case {case}, {mode:?}[{i}]: {f} instead of {e} (scores up to {largest})");
            }
        }
    }
}

#[test]
fn erasing_leaves_alone_what_equals_the_baseline_and_adding_what_does_not() {
    let mut rng = Rng::new(5);
    for _ in 0..100 {
        let mut asked = Asked::random(&mut rng);
        asked.baseline = asked.image.iter().map(|&x| if rng.below(2) == 0 { x } else { x + 0.25 }).collect();
        let (erased, added) = (asked.answer(&Occlusion::ERASE, 9).map, asked.answer(&Occlusion::ADD, 9).map);
        for (i, (x, base)) in asked.image.iter().zip(&asked.baseline).enumerate() {
            let untouched = if x == base { erased[i] } else { added[i] };
            assert_eq!(untouched.to_bits(), 0.0_f32.to_bits(), "feature {i}");
        }
    }
}
