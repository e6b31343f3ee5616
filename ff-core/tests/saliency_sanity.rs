//! What a map may and may not depend on, and inputs at the edge.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::bits;
use common::network::HeapNetwork;
use common::saliency::{Answer, Asked, values};
use ff_core::classify::{self, ScoredLayers};
use ff_core::kernel::Portable;
use ff_core::random::Rng;
use ff_core::saliency::{
    Against, CellShapley, Cells, ExpectedDelta, GoodnessDelta, IntegratedFirstLayer, Occlusion, QuadraticShare, Rise,
    Saliency, Score, Smooth, Target,
};

const CELLS: Cells = Cells { width: 5, side: 2 };

/// Every method's answer, with its name.
fn all_answers(asked: &Asked, rows: usize) -> Vec<(&'static str, Answer)> {
    let shapley = CellShapley { cells: CELLS, walks: 2, seed: 1 };
    let rise = Rise { masks: 20, cells: CELLS, keep: 0.5, seed: 1 };
    let smooth = Smooth { method: GoodnessDelta, draws: 2, sigma: 0.1, seed: 1 };
    let mut answers = vec![
        ("goodness-delta", asked.answer(&GoodnessDelta, rows)),
        ("expected delta", asked.answer(&ExpectedDelta, rows)),
        ("erase", asked.answer(&Occlusion::ERASE, rows)),
        ("add", asked.answer(&Occlusion::ADD, rows)),
        ("quadratic", asked.answer(&QuadraticShare, rows)),
        ("shapley", asked.answer(&shapley, rows)),
        ("rise", asked.answer(&rise, rows)),
        ("smooth", asked.answer(&smooth, rows)),
    ];
    if matches!(asked.score, Score::Goodness(_) | Score::OneLayer(0)) {
        answers.push(("integrated", asked.answer(&IntegratedFirstLayer, rows)));
    }
    answers
}

fn assert_finite(asked: &Asked, what: &str) {
    for (name, answer) in all_answers(asked, 3) {
        assert!(answer.map.iter().all(|v| v.is_finite()), "{what}, {name}: {:?}", answer.map);
        assert!(answer.total().is_finite() && answer.explained.score.is_finite(), "{what}, {name}");
    }
}

#[test]
fn a_layers_map_has_the_same_bits_whatever_is_above_it() {
    let mut rng = Rng::new(20);
    let mut deep = 0;
    for case in 0..200 {
        let mut asked = Asked::random(&mut rng);
        let depth = asked.network.layers.len();
        let layer = case % depth;
        asked.score = Score::OneLayer(layer);
        let before = all_answers(&asked, 4);
        for above in &mut asked.network.layers[layer + 1..] {
            above.weights.iter_mut().for_each(|w| *w = rng.normal());
            above.biases.iter_mut().for_each(|b| *b = rng.normal());
            deep += 1;
        }
        asked.network.readout.iter_mut().for_each(|w| *w = rng.normal());
        for ((name, before), (_, after)) in before.iter().zip(all_answers(&asked, 4)) {
            assert_eq!(bits(&before.map), bits(&after.map), "case {case}, {name}");
            assert_eq!(before.explained, after.explained, "case {case}, {name}");
        }
    }
    assert!(deep > 100, "hardly any layer was above another");
}

#[test]
fn the_contrast_of_labels_that_send_the_same_is_zero() {
    let mut rng = Rng::new(21);
    for case in 0..200 {
        let mut asked = Asked::random(&mut rng);
        let classes = asked.network.classes;
        let other = rng.below(classes as u32) as u8;
        asked.score = Score::Goodness(ScoredLayers::ALL);
        asked.target = Target { label: rng.below(classes as u32) as u8, against: Against::Label(other) };
        let units = asked.network.layers[0].shape.outputs;
        let (labels, _) = asked.network.layers[0].weights.split_at_mut(classes * units);
        let (first, rest) = labels.split_at_mut(units);
        rest.chunks_exact_mut(units).for_each(|row| row.copy_from_slice(first));
        for (name, answer) in all_answers(&asked, 2 + case % 9) {
            assert!(answer.map.iter().all(|&v| v == 0.0), "case {case}, {name}: {:?}", answer.map);
            assert_eq!(answer.explained.score, 0.0, "case {case}, {name}");
        }
        asked.target.against = Against::MeanOfOthers;
        let scores = asked.margin(&asked.image).scores + asked.margin(&asked.whole_baseline()).scores;
        for (name, answer) in all_answers(&asked, 2 + case % 9) {
            let close = |v: &f32| f64::from(v.abs()) <= 1e-5 * scores.max(1.0);
            assert!(answer.map.iter().all(close), "case {case}, {name}: {:?}", answer.map);
        }
    }
}

#[test]
fn a_label_against_itself_is_zero() {
    let mut rng = Rng::new(22);
    let mut asked = Asked::random(&mut rng);
    for score in [Score::Goodness(ScoredLayers::ALL), Score::OneLayer(0)] {
        asked.score = score;
        asked.target = Target { label: 1, against: Against::Label(1) };
        for (name, answer) in all_answers(&asked, 2) {
            assert!(answer.map.iter().all(|&v| v == 0.0), "{name}: {:?}", answer.map);
        }
    }
}

#[test]
fn the_image_as_its_own_baseline_gives_zeros() {
    let mut rng = Rng::new(23);
    for _ in 0..100 {
        let mut asked = Asked::random(&mut rng);
        asked.baseline = asked.image.clone();
        for (name, answer) in all_answers(&asked, 3) {
            // Adding ink, shares of no baseline and noise are other questions.
            if !["add", "quadratic", "smooth"].contains(&name) {
                assert!(answer.map.iter().all(|&v| v == 0.0), "{name}: {:?}", answer.map);
            }
        }
    }
}

#[test]
fn nothing_at_the_edge_gives_nan() {
    let mut rng = Rng::new(24);
    for case in 0..100 {
        let mut asked = Asked::random(&mut rng);
        let features = asked.image.len();
        assert_finite(&asked, &format!("case {case}"));
        asked.image = vec![0.0; features];
        assert_finite(&asked, &format!("case {case}, black image"));
        asked.baseline = Vec::new();
        assert_finite(&asked, &format!("case {case}, black image and baseline"));
        asked.image = values(features, &mut rng).iter().map(|v| v * 1e-30).collect();
        assert_finite(&asked, &format!("case {case}, tiny features"));
        asked.image = values(features, &mut rng).iter().map(|v| v * 1e12).collect();
        assert_finite(&asked, &format!("case {case}, huge features"));
    }
}

#[test]
fn a_silent_network_gives_zeros() {
    for units in [&[4][..], &[4, 3], &[4, 3, 3, 2]] {
        for read in [0, 1] {
            let network = HeapNetwork::zeroed(2, 6, units, read);
            let score = if read > 0 { Score::Logits } else { Score::Goodness(ScoredLayers::ALL) };
            let target = Target { label: 1, against: Against::MeanOfOthers };
            let image = vec![0.0, 0.5, 1.0, 0.0, 0.25, 1.0];
            let asked = Asked { network, image, baseline: Vec::new(), score, target };
            for (name, answer) in all_answers(&asked, 2) {
                assert!(answer.map.iter().all(|&v| v == 0.0), "{name}: {:?}", answer.map);
            }
        }
    }
}

#[test]
fn a_silent_layer_in_one_of_the_passes_keeps_completeness() {
    // One unit that is on at the image and off at the baseline, below a layer that is always on.
    let mut network = HeapNetwork::zeroed(2, 1, &[1, 2], 0);
    network.layers[0].weights = vec![0.1, -0.1, 2.0];
    network.layers[0].biases = vec![-0.5];
    network.layers[1].weights = vec![1.0, -0.5];
    network.layers[1].biases = vec![0.3, 0.8];
    let target = Target { label: 0, against: Against::Nothing };
    let score = Score::Goodness(ScoredLayers::ALL);
    let mut asked = Asked { network, image: vec![1.0], baseline: Vec::new(), score, target };
    for (image, baseline) in [(1.0, 0.0), (0.0, 1.0), (1.0, 1e-3), (0.3, 0.299_999)] {
        asked.image = vec![image];
        asked.baseline = vec![baseline];
        let expected = asked.margin(&[image]).value - asked.margin(&[baseline]).value;
        let found = asked.answer(&GoodnessDelta, 1).total();
        assert!((found - expected).abs() < 1e-5, "{image} {baseline}: {found} instead of {expected}");
    }
}

#[test]
fn layers_add_up_to_the_whole() {
    let mut rng = Rng::new(25);
    for _ in 0..200 {
        let mut asked = Asked::random(&mut rng);
        asked.score = Score::Goodness(ScoredLayers::ALL);
        let scores = asked.margin(&asked.image).scores + asked.margin(&asked.whole_baseline()).scores;
        let whole = all_answers(&asked, 3);
        let mut sums = vec![vec![0.0_f64; asked.image.len()]; whole.len()];
        for layer in 0..asked.network.layers.len() {
            asked.score = Score::OneLayer(layer);
            for (sum, (name, answer)) in sums.iter_mut().zip(all_answers(&asked, 3)) {
                if name != "integrated" {
                    sum.iter_mut().zip(answer.map).for_each(|(sum, v)| *sum += f64::from(v));
                }
            }
        }
        for ((name, answer), sum) in whole.iter().zip(sums).filter(|((name, _), _)| *name != "integrated") {
            let largest = answer.map.iter().fold(scores, |top, v| top.max(f64::from(v.abs())));
            for (v, s) in answer.map.iter().zip(sum) {
                assert!((f64::from(*v) - s).abs() <= 1e-4 * largest, "{name}: {v} instead of {s}");
            }
        }
    }
}

#[test]
fn the_first_layers_map_is_goodness_deltas_but_for_the_labels_share() {
    // Without a change of the input's length the two share out alike.
    let mut rng = Rng::new(26);
    for _ in 0..100 {
        let mut asked = Asked::random(&mut rng);
        asked.score = Score::OneLayer(0);
        asked.baseline = asked.image.iter().rev().copied().collect();
        let (delta, integrated) = (asked.answer(&GoodnessDelta, 2), asked.answer(&IntegratedFirstLayer, 2));
        let largest = delta.map.iter().fold(1e-3_f32, |top, v| top.max(v.abs()));
        assert!(integrated.explained.label_share.abs() <= 1e-5 * largest);
        assert!((delta.total() - integrated.total()).abs() <= 1e-4 * f64::from(largest));
    }
}

#[test]
fn scores_are_the_classifiers() {
    let mut rng = Rng::new(27);
    for _ in 0..100 {
        let mut asked = Asked::random(&mut rng);
        let classes = asked.network.classes;
        let scored = ScoredLayers { from: rng.below(3) as usize };
        asked.score = Score::Goodness(scored);
        asked.target.against = Against::Nothing;
        let floats = classify::goodness_floats(&asked.network.shapes(), classes, classes);
        let (mut scratch, mut scores) = (vec![0.0; floats], vec![0.0; classes]);
        classify::by_goodness(&asked.network, &asked.image, scored, &mut scratch, &mut Portable, &mut scores).unwrap();
        for (label, score) in scores.iter().enumerate() {
            asked.target.label = label as u8;
            for (name, answer) in all_answers(&asked, 2) {
                if !["smooth", "integrated"].contains(&name) {
                    assert_eq!(answer.explained.score.to_bits(), score.to_bits(), "{name}");
                }
            }
        }
    }
}

#[test]
fn rows_side_by_side_change_rounding_only() {
    let mut rng = Rng::new(28);
    for _ in 0..100 {
        let asked = Asked::random(&mut rng);
        let many = all_answers(&asked, 64);
        let scores = asked.margin(&asked.image).scores + asked.margin(&asked.whole_baseline()).scores;
        for ((name, one), (_, many)) in all_answers(&asked, 1).iter().zip(many) {
            let largest = many.map.iter().fold(scores.max(1.0) as f32, |top, v| top.max(v.abs()));
            for (a, b) in one.map.iter().zip(&many.map) {
                assert!((a - b).abs() <= 1e-5 * largest, "{name}: {a} and {b}");
            }
        }
    }
}

#[test]
fn scratch_of_the_stated_size_is_enough_and_one_less_is_refused() {
    let mut rng = Rng::new(29);
    for _ in 0..50 {
        let asked = Asked::random(&mut rng);
        refuses_less(&asked, &GoodnessDelta);
        refuses_less(&asked, &ExpectedDelta);
        refuses_less(&asked, &Occlusion::ADD);
        refuses_less(&asked, &QuadraticShare);
        refuses_less(&asked, &CellShapley { cells: CELLS, walks: 1, seed: 1 });
        refuses_less(&asked, &Rise { masks: 3, cells: CELLS, keep: 0.5, seed: 1 });
    }
}

/// Asked by readout about all layers, a method needs every float that it says it needs for a row.
fn refuses_less<M: Saliency>(asked: &Asked, method: &M) {
    let mut asked = asked.clone();
    let units: usize = asked.network.layers.iter().map(|layer| layer.shape.outputs).sum();
    asked.network.readout = vec![0.1; units * asked.network.classes];
    asked.score = Score::Logits;
    let floats = method.floats(&asked.network.shapes(), asked.network.classes, 1);
    let mut map = vec![0.0; asked.image.len()];
    let mut scratch = vec![f32::NAN; floats];
    method.map(&asked.question(), &mut scratch, &mut Portable, &mut map).unwrap();
    let short = method.map(&asked.question(), &mut scratch[1..], &mut Portable, &mut map);
    assert!(short.is_err(), "a float less than {floats} was enough");
}
