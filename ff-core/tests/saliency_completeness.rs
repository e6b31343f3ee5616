//! The maps of complete methods add up to the difference that they explain.
//!
//! The yardstick is the margin in f64, computed naively. A margin is a difference of scores that
//! may be much larger than itself, and no f32 program can know it better than to a part in 10^7 of
//! those scores; so an error counts relative to the difference explained, or to a hundredth of the
//! scores in it (their absolute sum at both ends) where that is more, or to 0.001 where the scores
//! at both ends are 0 but not on the way.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::saliency::{Answer, Asked};
use ff_core::random::Rng;
use ff_core::saliency::{
    Against, CellShapley, Cells, ExpectedDelta, GoodnessDelta, IntegratedFirstLayer, QuadraticShare, Score, Smooth,
};

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
    let yardstick = (image.value - base).abs().max(0.01 * scores).max(0.001);
    let close = |what: &str, found: f64, expected: f64| {
        let off = (found - expected).abs();
        assert!(off <= TOLERANCE * yardstick, "{what}: {found} instead of {expected} (yardstick {yardstick})");
    };
    close(&format!("{what}, map"), answer.total(), image.value - base);
    close(&format!("{what}, score"), answer.explained.score.into(), image.value);
    close(&format!("{what}, baseline score"), answer.explained.baseline_score.into(), base);
}

/// A thousand random networks, inputs and questions, with rows side by side or not.
fn cases(seed: u64, mut check: impl FnMut(usize, &str, Asked)) {
    let mut rng = Rng::new(seed);
    for case in 0..CASES {
        check(1 + case % 11, &format!("case {case}"), Asked::random(&mut rng));
    }
}

#[test]
fn goodness_delta_is_complete() {
    cases(1, |rows, what, asked| {
        let answer = asked.answer(&GoodnessDelta, rows);
        assert_complete(&asked, &answer, Some(&asked.whole_baseline()), what);
        assert_eq!(answer.explained.label_share, 0.0);
    });
}

#[test]
fn expected_delta_is_complete() {
    cases(1, |rows, what, asked| {
        let answer = asked.answer(&ExpectedDelta, rows);
        assert_complete(&asked, &answer, Some(&asked.whole_baseline()), what);
        assert_eq!(answer.explained.label_share, 0.0);
    });
}

#[test]
fn the_label_alone_is_complete_too() {
    cases(6, |rows, what, mut asked| {
        asked.target.against = Against::Nothing;
        assert_complete(&asked, &asked.answer(&GoodnessDelta, rows), Some(&asked.whole_baseline()), what);
    });
}

#[test]
fn integrated_gradients_of_the_first_layer_are_complete() {
    cases(2, |rows, what, mut asked| {
        asked.score = Score::OneLayer(0);
        let answer = asked.answer(&IntegratedFirstLayer, rows);
        assert_complete(&asked, &answer, Some(&asked.whole_baseline()), what);
    });
}

#[test]
fn quadratic_shares_are_complete_without_a_baseline() {
    cases(3, |rows, what, asked| assert_complete(&asked, &asked.answer(&QuadraticShare, rows), None, what));
}

#[test]
fn cell_shapley_is_complete_after_any_number_of_walks() {
    cases(4, |rows, what, asked| {
        let cells = Cells { width: 1 + rows % 5, side: 1 + rows % 3 };
        let answer = asked.answer(&CellShapley { cells, walks: rows as u32 % 4 + 1, seed: 9 }, rows);
        assert_complete(&asked, &answer, Some(&asked.whole_baseline()), what);
    });
}

#[test]
fn smoothing_keeps_completeness() {
    cases(5, |rows, what, asked| {
        let answer = asked.answer(&Smooth { method: GoodnessDelta, draws: 3, sigma: 0.1, seed: 2 }, rows);
        let explained = f64::from(answer.explained.score - answer.explained.baseline_score);
        let scores = asked.margin(&asked.image).scores + asked.margin(&asked.whole_baseline()).scores;
        let yardstick = explained.abs().max(0.1 * scores);
        assert!((answer.total() - explained).abs() <= TOLERANCE * yardstick, "{what}: {} {explained}", answer.total());
    });
}
