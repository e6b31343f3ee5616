//! Learning from images against hybrids: every layer descends its own loss, and labels reach the
//! readout alone.
#![cfg(not(feature = "micromath"))] // The approximations are per cents off; they have a test of their own.

mod common;

use common::network::HeapNetwork;
use common::reference::{Dense, fire, goodness, normalised};
use common::state::Samples;
use common::{assert_close, bits, wide};
use ff_core::classic::Classic;
use ff_core::error::Error;
use ff_core::goodness::{Logistic, Objective};
use ff_core::hybrid;
use ff_core::kernel::Portable;
use ff_core::learner::{Learner, Report};
use ff_core::optimiser::{Stateless, StepSize};
use ff_core::random::Rng;

const CLASSES: usize = 3;
const FEATURES: usize = 12;
const UNITS: [usize; 2] = [9, 10];
const SAMPLES: usize = 4;
const LOGISTIC: Logistic = Logistic { threshold: 0.8, temperature: 2.5 };
const SETTINGS: Classic = Classic {
    goodness: LOGISTIC,
    layers: StepSize { learning_rate: 1.0, weight_decay: 0.0 },
    readout: StepSize { learning_rate: 1.0, weight_decay: 0.0 },
    ..Classic::SMALL
};

fn network() -> HeapNetwork {
    HeapNetwork::features_only(CLASSES, FEATURES, &UNITS, UNITS.len()).random(&mut Rng::new(5))
}

fn samples(seed: u64) -> Samples {
    Samples::random(CLASSES, FEATURES, SAMPLES, &mut Rng::new(seed))
}

fn step(settings: &Classic, network: &mut HeapNetwork, samples: &Samples, negatives: &[f32]) -> Result<Report, Error> {
    let floats = settings.scratch_floats(&network.shapes(), CLASSES, SAMPLES) + SAMPLES;
    let mut learner = Learner {
        network,
        state: &mut Stateless,
        means: &mut [0.1; UNITS[0] + UNITS[1]],
        scratch: &mut vec![f32::NAN; floats],
        rng: &mut Rng::new(1),
        kernel: &mut Portable,
    };
    settings.step_unsupervised(&mut learner, samples.batch(), negatives)
}

fn rows(images: &[f32]) -> Vec<Vec<f64>> {
    images.chunks(FEATURES).map(|image| normalised(&wide(image))).collect()
}

#[test]
fn every_layer_descends_its_own_loss() {
    let (before, samples, negatives) = (network(), samples(6), samples(7).images);
    let mut after = before.clone();
    step(&SETTINGS, &mut after, &samples, &negatives).unwrap();
    let (mut positive, mut negative) = (rows(&samples.images), rows(&negatives));
    for (l, layer) in before.layers.iter().enumerate() {
        let units = layer.shape.outputs;
        let dense = |weights: &[f64]| Dense {
            weights: weights.chunks(units).map(<[f64]>::to_vec).collect(),
            biases: wide(&layer.biases),
        };
        let loss = |weights: &[f64]| {
            let logit = |x: &Vec<f64>| {
                let threshold = f64::from(LOGISTIC.threshold) * units as f64;
                (goodness(&fire(&dense(weights), x)) - threshold) / f64::from(LOGISTIC.temperature)
            };
            let one = |(p, n): (&Vec<f64>, &Vec<f64>)| (-logit(p)).exp().ln_1p() + logit(n).exp().ln_1p();
            positive.iter().zip(&negative).map(one).sum::<f64>() / SAMPLES as f64
        };
        let weights = wide(&layer.weights);
        let slope = |i: usize| {
            let moved = |by: f64| {
                let mut moved = weights.clone();
                moved[i] += by;
                loss(&moved)
            };
            (moved(1e-5) - moved(-1e-5)) / 2e-5
        };
        let scale = -0.5 * f64::from(LOGISTIC.slope_scale(units));
        let expected: Vec<f64> = (0..weights.len()).map(|i| scale * slope(i)).collect();
        let moved = wide(&after.layers[l].weights);
        let found: Vec<f64> = moved.iter().zip(&weights).map(|(a, b)| a - b).collect();
        assert_close(&format!("weights {l}"), &found, &expected, 2e-5);

        let next = |x: &Vec<f64>| normalised(&fire(&dense(&weights), x));
        (positive, negative) = (positive.iter().map(next).collect(), negative.iter().map(next).collect());
    }
}

#[test]
fn labels_reach_the_readout_alone() {
    let (before, samples, negatives) = (network(), samples(16), samples(17).images);
    let mut others = samples.clone();
    others.labels.iter_mut().for_each(|label| *label = (*label + 1) % CLASSES as u8);
    let (mut one, mut two) = (before.clone(), before);
    step(&SETTINGS, &mut one, &samples, &negatives).unwrap();
    step(&SETTINGS, &mut two, &others, &negatives).unwrap();
    assert_ne!(bits(&one.readout), bits(&two.readout));
    for (a, b) in one.layers.iter().zip(&two.layers) {
        assert_eq!(bits(&a.weights), bits(&b.weights));
        assert_eq!(bits(&a.biases), bits(&b.biases));
    }
}

#[test]
fn peer_normalisation_moves_the_first_layer_too() {
    let (before, samples, negatives) = (network(), samples(26), samples(27).images);
    let (mut without, mut with) = (before.clone(), before);
    step(&SETTINGS, &mut without, &samples, &negatives).unwrap();
    step(&Classic { peer: 0.5, ..SETTINGS }, &mut with, &samples, &negatives).unwrap();
    assert_ne!(bits(&without.layers[0].weights), bits(&with.layers[0].weights));
}

#[test]
fn bad_negatives_are_refused_and_nothing_changes() {
    let (before, samples) = (network(), samples(36));
    let mut negatives = samples.images.clone();
    negatives[5] = f32::INFINITY;
    let mut after = before.clone();
    let error = step(&SETTINGS, &mut after, &samples, &negatives).unwrap_err();
    assert_eq!(error, Error::NotFinite { what: "negatives", index: 5 });
    let error = step(&SETTINGS, &mut after, &samples, &negatives[1..]).unwrap_err();
    assert!(matches!(error, Error::Length { what: "negatives", .. }));
    assert_eq!(after.bits(), before.bits());
}

#[test]
fn masks_are_smooth_regions_of_either_image() {
    const SIDE: usize = 28;
    let mut rng = Rng::new(3);
    let mut mask = [0.0; SIDE * SIDE];
    let (mut ones, mut edges) = (0, 0);
    for _ in 0..50 {
        hybrid::draw_mask(SIDE, hybrid::BLURS, &mut rng, &mut mask);
        assert!(mask.iter().all(|m| *m == 0.0 || *m == 1.0));
        ones += mask.iter().filter(|m| **m == 1.0).count();
        edges += mask.chunks(SIDE).map(|row| row.windows(2).filter(|pair| pair[0] != pair[1]).count()).sum::<usize>();
    }
    let (share, edges) = (ones as f64 / (50 * SIDE * SIDE) as f64, edges as f64 / (50 * SIDE) as f64);
    assert!((0.4..0.6).contains(&share), "a mask takes half of each image, not {share}");
    // Random bits would change 13.5 times along a row.
    assert!((1.0..6.0).contains(&edges), "regions should be large: {edges} changes a row");
    let mut hybrid = [0.0; 4];
    hybrid::mix(&[1.0, 0.0, 0.0, 1.0], &[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0, 8.0], &mut hybrid);
    assert_eq!(hybrid, [1.0, 6.0, 7.0, 4.0]);
}
