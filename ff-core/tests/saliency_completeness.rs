//! The maps of complete methods add up to the difference that they explain.
//!
//! The yardstick is the margin in f64, computed naively. A margin is a difference of scores that
//! may be much larger than itself, and no f32 program can know it better than to a part in 10^7 of
//! those scores; so an error counts relative to the difference explained, or to a hundredth of the
//! scores in it (their absolute sum at both ends) where that is more.

mod common;

use common::saliency::{Answer, Asked};
use ff_core::random::Rng;
use ff_core::saliency::{GoodnessDelta, Saliency};

const CASES: usize = 1000;
const TOLERANCE: f64 = 1e-4;

/// Asserts that an answer adds up to the margin's difference between the image and `base`.
fn assert_complete(asked: &Asked, answer: &Answer, base: Option<&[f32]>, what: &str) {
    let image = asked.margin(&asked.image);
    let (base, scores) = base.map_or((0.0, 0.0), |base| {
        let base = asked.margin(base);
        (base.value, base.scores)
    });
    let scores = image.scores + scores;
    let yardstick = (image.value - base).abs().max(0.01 * scores);
    let close = |what: &str, found: f64, expected: f64| {
        let off = (found - expected).abs();
        assert!(off <= TOLERANCE * yardstick, "{what}: {found} instead of {expected} (yardstick {yardstick})");
    };
    close(&format!("{what}, map"), answer.total(), image.value - base);
    close(&format!("{what}, score"), answer.explained.score.into(), image.value);
    close(&format!("{what}, baseline score"), answer.explained.baseline_score.into(), base);
}

/// A thousand random networks, inputs and questions, with rows side by side or not.
fn assert_always_complete<M: Saliency>(method: &M) {
    let mut rng = Rng::new(1);
    for case in 0..CASES {
        let asked = Asked::random(&mut rng);
        let answer = asked.answer(method, 1 + case % 11);
        assert_complete(&asked, &answer, Some(&asked.whole_baseline()), &format!("case {case}"));
    }
}

#[test]
fn goodness_delta_is_complete() {
    assert_always_complete(&GoodnessDelta);
}
