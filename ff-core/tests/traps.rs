//! The mistakes that public programs of this algorithm make, each ruled out by a test.
#![cfg(not(feature = "micromath"))] // The approximations are per cents off; they have a test of their own.

mod common;

use common::reference::{Dropout, Model, goodness, labelled};
use common::state::{Case, Samples, State};
use common::{assert_close, bits, wide};
use ff_core::activity::inverse_rms;
use ff_core::classic::Classic;
use ff_core::classify::{self, ScoredLayers};
use ff_core::kernel::Portable;
use ff_core::label::{self, Negatives, hard_wrong, uniform_wrong};
use ff_core::optimiser::StepSize;
use ff_core::random::Rng;

const CASE: Case<'_> = Case { classes: 4, features: 12, units: &[14, 9], read: 1 };

/// Rates at which one step moves every weight well above its rounding.
const SETTINGS: Classic = Classic {
    layers: StepSize { learning_rate: 0.5, weight_decay: 0.0 },
    readout: StepSize { learning_rate: 0.5, weight_decay: 0.0 },
    ..Classic::SMALL
};

/// The same samples, `times` over.
fn repeated(samples: &Samples, times: usize) -> Samples {
    let Samples { features, images, labels } = samples;
    Samples { features: *features, images: images.repeat(times), labels: labels.repeat(times) }
}

fn after(state: &State, settings: &Classic, samples: &Samples) -> State {
    let mut state = state.clone();
    state.step(settings, samples.batch()).unwrap();
    state
}

/// What peer normalisation adds to the biases of every layer in one step: the bias's direction is
/// a mean over the batch and, unlike a weight's, has no input in it.
fn peer_movement(state: &State, peer: f32, samples: &Samples) -> Vec<f64> {
    let with = after(state, &Classic { peer, ..SETTINGS }, samples);
    let without = after(state, &SETTINGS, samples);
    let layers = with.network.layers.iter().zip(&without.network.layers);
    layers.flat_map(|(a, b)| wide(&a.biases).into_iter().zip(wide(&b.biases)).map(|(a, b)| a - b)).collect()
}

/// Trap: applied sample by sample and divided by the batch, lambda is a hundred times too weak.
#[test]
fn peer_normalisation_is_as_strong_in_a_large_batch_as_in_a_small_one() {
    let mut state = CASE.state(11);
    state.means.iter_mut().enumerate().for_each(|(j, m)| *m = 0.1 * (j % 5) as f32);
    let small = CASE.samples(2, 12);
    let expected = peer_movement(&state, 0.8, &small);
    assert!(expected.iter().any(|moved| moved.abs() > 1e-2), "too still to prove anything: {expected:?}");
    for times in [2, 10, 50] {
        // The same samples many times over: the batch's mean activity, and so the pull, is the same.
        let found = peer_movement(&state, 0.8, &repeated(&small, times));
        assert_close(&format!("{times} times the batch"), &found, &expected, 1e-4);
    }
}

/// Trap: a "wrong" label drawn by shuffling, or by falling through to class 0, can be the true one.
#[test]
fn a_uniform_negative_is_never_the_true_label_and_every_other_alike() {
    for classes in [2, 3, 10, 256] {
        for truth in (0..classes).step_by(1 + classes / 7) {
            let mut rng = Rng::new(truth as u64);
            let mut drawn = vec![0_u32; classes];
            let extremes = [0, 1, u32::MAX - 1, u32::MAX, u32::MAX / 2];
            for bits in extremes.into_iter().chain((0..20_000).map(|_| rng.next_u32())) {
                let wrong = uniform_wrong(truth as u8, classes, bits);
                assert!(usize::from(wrong) < classes, "{wrong} of {classes}");
                drawn[usize::from(wrong)] += 1;
            }
            assert_eq!(drawn[truth], 0, "{classes} classes: the true label {truth} was drawn");
            let share = 20_005.0 / (classes - 1) as f64;
            let fair = |count: u32| (f64::from(count) - share).abs() < 6.0 * share.sqrt();
            let others = drawn.iter().enumerate().filter(|&(class, _)| class != truth);
            assert!(others.clone().all(|(_, &count)| classes == 2 || fair(count)), "{classes} classes: {drawn:?}");
        }
    }
}

#[test]
fn a_hard_negative_is_never_the_true_label_whatever_the_readout_says() {
    let tiny = f32::MIN_POSITIVE;
    let rows: [&[f32]; 12] = [
        &[0.5, 0.5],
        &[1.0, 0.0],
        &[0.0, 0.0],
        &[1.0, 0.0, 0.0],
        &[0.0, 1.0, 0.0],
        &[0.0, 0.0, 1.0],
        &[0.0, 0.0, 0.0],
        &[1.0 - f32::EPSILON, tiny, tiny / 8.0],
        &[f32::MAX, f32::MAX, f32::MAX],
        &[f32::INFINITY, 0.1, 0.2],
        &[f32::NAN, f32::NAN, f32::NAN],
        &[0.1, f32::NAN, 0.2],
    ];
    let mut rng = Rng::new(5);
    for row in rows {
        for truth in 0..row.len() {
            let extremes = [0, 1, 255, 256, u32::MAX - 1, u32::MAX];
            for bits in extremes.into_iter().chain((0..500).map(|_| rng.next_u32())) {
                let wrong = usize::from(hard_wrong(truth as u8, row, bits));
                assert!(wrong < row.len(), "{row:?}: {wrong} is no class");
                assert_ne!(wrong, truth, "{row:?} with {bits}: the true label was drawn");
            }
        }
    }
}

#[test]
fn a_hard_negative_is_as_likely_as_the_readout_thinks() {
    let row = [0.1, 0.6, 0.05, 0.0, 0.25];
    let mut rng = Rng::new(6);
    let mut drawn = [0_u32; 5];
    (0..40_000).for_each(|_| drawn[usize::from(hard_wrong(1, &row, rng.next_u32()))] += 1);
    assert_eq!((drawn[1], drawn[3]), (0, 0), "{drawn:?}");
    for (class, expected) in [(0, 10_000), (2, 5_000), (4, 25_000)] {
        assert!(drawn[class].abs_diff(expected) < 500, "{drawn:?}");
    }
}

/// The same trap in the step itself: with two classes there is but one wrong label, and both label
/// rows must move. Were a negative positive, the two directions would fall on one row.
#[test]
fn in_a_step_every_negative_carries_a_wrong_label() {
    for negatives in [Negatives::Uniform, Negatives::Hard] {
        for seed in 0..40 {
            let case = Case { classes: 2, ..CASE };
            let state = case.state(seed);
            let samples = case.samples(1, 700 + seed);
            let moved = after(&state, &Classic { negatives, ..SETTINGS }, &samples);
            let units = case.units[0];
            let rows =
                |state: &State| [0, 1].map(|row| state.network.layers[0].weights[row * units..][..units].to_vec());
            let (before, after) = (rows(&state), rows(&moved));
            assert!(before[0] != after[0] && before[1] != after[1], "{negatives:?}: a label row stood still");
        }
    }
}

/// Trap: the label written over the first pixels destroys data. Here it has inputs of its own.
#[test]
fn no_pixel_is_lost_to_the_label() {
    let (state, samples) = (CASE.state(21), CASE.samples(1, 22));
    let scores = |images: &[f32]| {
        let mut scores = [0.0; 4];
        let network = &state.network;
        classify::by_goodness(network, images, ScoredLayers::ALL, &mut [0.0; 1000], &mut Portable, &mut scores)
            .unwrap();
        bits(&scores)
    };
    let before = scores(&samples.images);
    for pixel in 0..CASE.features {
        let mut images = samples.images.clone();
        images[pixel] = 1.0 - images[pixel];
        assert_ne!(scores(&images), before, "pixel {pixel} counts for nothing");
        let moved = after(&state, &SETTINGS, &Samples { images, ..samples.clone() });
        let row = (CASE.classes + pixel) * CASE.units[0]..(CASE.classes + pixel + 1) * CASE.units[0];
        let weights = |state: &State| bits(&state.network.layers[0].weights[row.clone()]);
        let has_ink = samples.images[pixel] != 1.0;
        assert_eq!(weights(&moved) != weights(&state), has_ink, "pixel {pixel} teaches nothing");
    }
}

/// The overlay is the same network fed with those pixels dropped: what a published program computes
/// from an image whose first pixels are overwritten.
#[test]
fn the_overlay_is_the_image_without_its_first_pixels() {
    let case = Case { classes: 4, features: 8, ..CASE };
    let (network, whole) = (case.state(31).network, CASE.samples(3, 32));
    let model = Model::of(&network);
    for b in 0..3 {
        let image = whole.image(b);
        let mut scores = [0.0; 4];
        let dropped = &image[case.classes..];
        classify::by_goodness(&network, dropped, ScoredLayers::ALL, &mut [0.0; 1000], &mut Portable, &mut scores)
            .unwrap();
        let overlaid = (0..4).map(|class| {
            let mut pixels = wide(image);
            pixels[..4].fill(0.0);
            pixels[class] = f64::from(label::SLOT);
            let fired = model.pass(common::reference::normalised(&pixels), Dropout::NONE, 0);
            fired.iter().map(|fired| goodness(&fired.activities)).sum()
        });
        assert_close("overlay", &wide(&scores), &overlaid.collect::<Vec<f64>>(), 1e-5);
    }
}

/// Trap: a classifier that stops early by comparing with the true label. Here no function of
/// classification takes a label; what could still leak is memory that saw one.
#[test]
fn classification_knows_nothing_of_labels() {
    let (state, samples) = (CASE.state(41), CASE.samples(6, 42));
    let expected = both_scores(&state, &samples, &mut [0.0; 2000]);
    for shift in 1..4 {
        let mut others = samples.clone();
        others.labels.iter_mut().for_each(|label| *label = (*label + shift) % 4);
        // A step that changes nothing, but leaves its labels and goodness in the scratch memory.
        let still = Classic { lr_scale: 0.0, negatives: Negatives::Hard, ..SETTINGS };
        let mut seen = state.clone();
        let mut scratch = vec![0.0; 2000];
        seen.step_with(&still, others.batch(), &mut Portable, &mut scratch).unwrap();
        assert_eq!(seen.network.bits(), state.network.bits(), "a learning-rate scale of 0 moves nothing");
        assert!(scratch.iter().any(|&v| v != 0.0));
        assert_eq!(both_scores(&seen, &samples, &mut scratch), expected, "labels shifted by {shift}");
    }
}

/// The bits of both kinds of scores.
fn both_scores(state: &State, samples: &Samples, scratch: &mut [f32]) -> [Vec<u32>; 2] {
    let mut scores = [vec![0.0; 24], vec![0.0; 24]];
    let (network, images) = (&state.network, &samples.images);
    classify::by_goodness(network, images, ScoredLayers::ALL, scratch, &mut Portable, &mut scores[0]).unwrap();
    classify::by_readout(network, images, scratch, &mut Portable, &mut scores[1]).unwrap();
    scores.map(|scores| bits(&scores))
}

/// Trap: normalisation to unit length, under which the wider a layer, the fainter its inputs.
#[test]
fn length_normalisation_is_to_a_mean_square_of_one() {
    let mut rng = Rng::new(51);
    for width in [1, 2, 16, 17, 32, 1000] {
        let row: Vec<f32> = (0..width).map(|_| 0.01 + rng.unit()).collect();
        let inverse = inverse_rms(row.iter().map(|h| h * h).sum(), width);
        let mean_square = row.iter().map(|h| f64::from(h * inverse).powi(2)).sum::<f64>() / width as f64;
        assert!((mean_square - 1.0).abs() < 1e-5, "{width} wide: {mean_square}");
    }
    assert!(inverse_rms(0.0, 8).is_finite(), "a silent row stays silent");
}

/// Trap: scoring small networks without their first layer, which holds half of what they know.
#[test]
fn small_networks_score_every_layer_and_a_published_one_all_but_the_first() {
    let (network, samples) = (CASE.state(61).network, CASE.samples(1, 62));
    let model = Model::of(&network);
    let layers = |class: u8| {
        let fired = model.pass(labelled(4, class, samples.image(0)), Dropout::NONE, 0);
        fired.iter().map(|fired| goodness(&fired.activities)).collect::<Vec<f64>>()
    };
    for (scored, from) in [(ScoredLayers::ALL, 0), (ScoredLayers::ABOVE_FIRST, 1)] {
        let mut scores = [0.0; 4];
        classify::by_goodness(&network, &samples.images, scored, &mut [0.0; 1000], &mut Portable, &mut scores).unwrap();
        let expected: Vec<f64> = (0..4).map(|class| layers(class)[from..].iter().sum()).collect();
        assert_close("summed goodness", &wide(&scores), &expected, 1e-5);
    }
}
