//! What expected delta sees, and goodness-delta does not.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::network::HeapNetwork;
use common::saliency::{Asked, values};
use ff_core::classify::ScoredLayers;
use ff_core::onepass::LocalCrossEntropy;
use ff_core::random::Rng;
use ff_core::saliency::{Against, ClassHead, ExpectedDelta, GoodnessDelta, Score, Target};

/// A question to a network of one layer with a linear classifier: what speaks for label 0, against black?
/// `label_rows` are both labels', one after the other.
fn asked(image: &[f32], weights: &[f32], biases: &[f32], label_rows: &[f32]) -> Asked {
    let mut network = HeapNetwork::features_only(2, image.len(), &[biases.len()], 1);
    network.layers[0].weights.copy_from_slice(weights);
    network.layers[0].biases.copy_from_slice(biases);
    network.readout.copy_from_slice(label_rows);
    let head = ClassHead::LocalCrossEntropy(LocalCrossEntropy);
    let score = Score::OnePass { head, scored: ScoredLayers::ALL };
    let target = Target { label: 0, against: Against::Nothing };
    Asked { network, image: image.to_vec(), baseline: Vec::new(), score, target }
}

#[test]
fn evidence_is_seen_that_is_outweighed() {
    // One feature would turn the unit on, the other one keeps it off, as it is without both.
    let asked = asked(&[1.0, 1.0], &[2.0, -2.0], &[-0.5], &[1.0, 0.0]);
    assert_eq!(asked.answer(&GoodnessDelta, 1).map, [0.0, 0.0]);
    let map = asked.answer(&ExpectedDelta, 1).map;
    // Both features are 1 once they are normalised; half-way z is -0.5 with a variance of (4 + 4) / 4.
    let on = 0.5 * (1.0 - 0.5 / (0.25 + 2.0 * core::f32::consts::FRAC_PI_2).sqrt());
    assert!((map[0] - 2.0 * on).abs() < 1e-5 && (map[1] + 2.0 * on).abs() < 1e-5, "{map:?}");
}

#[test]
fn units_that_stay_on_are_goodness_delta_s() {
    let mut rng = Rng::new(3);
    let (image, weights) = (values(6, &mut rng), values(6 * 4, &mut rng));
    let asked = asked(&image, &weights, &[300.0; 4], &values(8, &mut rng));
    let [expected, plain] = [asked.answer(&ExpectedDelta, 1).map, asked.answer(&GoodnessDelta, 1).map];
    let largest = plain.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-4 * largest;
    assert!(largest > 0.01 && expected.iter().zip(&plain).all(close), "{expected:?} {plain:?}");
}
