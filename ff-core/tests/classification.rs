//! Classification against a naive program in f64: every label written out, every layer, one image
//! at a time.
#![cfg(not(feature = "micromath"))] // The approximations are per cents off; they have a test of their own.

mod common;

use common::reference::{Dropout, Model, Vector, goodness, labelled, neutral, normalised};
use common::state::{Case, Samples};
use common::{assert_close, bits, wide};
use ff_core::classify::{self, ScoredLayers};
use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::network::Parameters;

/// What scores may be off, relative to the largest of an image.
const TOLERANCE: f64 = 1e-5;

/// Classes, features, widths, and how many of the last layers the readout reads.
const CASES: [(usize, usize, &[usize], usize); 6] = [
    (2, 1, &[3], 1),
    (3, 11, &[17], 1),
    (10, 23, &[19, 8], 1),
    (10, 30, &[16, 33, 5], 2),
    (7, 12, &[9, 9, 40, 2], 4),
    (37, 20, &[21, 13], 1),
];

fn cases() -> impl Iterator<Item = Case<'static>> {
    CASES.iter().map(|&(classes, features, units, read)| Case { classes, features, units, read })
}

/// The goodness of every label for one image.
fn naive_goodness(model: &Model, image: &[f32], from: usize) -> Vector {
    let score = |label: usize| {
        let fired = model.pass(labelled(model.classes, label as u8, image), Dropout::NONE, 0);
        fired.iter().skip(from).map(|fired| goodness(&fired.activities)).sum()
    };
    (0..model.classes).map(score).collect()
}

fn by_goodness<P: Parameters>(network: &P, samples: &Samples, from: usize, scratch: &mut [f32]) -> Vec<f32> {
    let mut scores = vec![f32::NAN; samples.labels.len() * network.classes()];
    let scored = ScoredLayers { from };
    classify::by_goodness(network, &samples.images, scored, scratch, &mut Portable, &mut scores).unwrap();
    scores
}

fn by_readout<P: Parameters>(network: &P, samples: &Samples, scratch: &mut [f32]) -> Vec<f32> {
    let mut scores = vec![f32::NAN; samples.labels.len() * network.classes()];
    classify::by_readout(network, &samples.images, scratch, &mut Portable, &mut scores).unwrap();
    scores
}

#[test]
fn goodness_is_that_of_every_label_overlaid_in_turn() {
    for (seed, case) in (1..).zip(cases()) {
        let (network, samples) = (case.state(seed).network, case.samples(5, 100 + seed));
        let model = Model::of(&network);
        for from in 0..case.units.len() {
            let floats = classify::goodness_floats(&network.shapes(), case.classes, case.classes);
            let scores = by_goodness(&network, &samples, from, &mut vec![f32::NAN; floats]);
            for (b, scores) in scores.chunks(case.classes).enumerate() {
                let expected = naive_goodness(&model, samples.image(b), from);
                assert_close(&format!("{:?} from {from} image {b}", case.units), &wide(scores), &expected, TOLERANCE);
            }
        }
    }
}

#[test]
fn a_first_scored_layer_past_the_last_means_the_last() {
    let case = Case { classes: 4, features: 9, units: &[8, 6], read: 0 };
    let (network, samples) = (case.state(3).network, case.samples(4, 4));
    let mut scratch = vec![0.0; classify::goodness_floats(&network.shapes(), 4, 4)];
    let last = by_goodness(&network, &samples, 1, &mut scratch);
    assert_eq!(bits(&by_goodness(&network, &samples, 99, &mut scratch)), bits(&last));
}

#[test]
fn goodness_does_not_depend_on_how_much_scratch_there_is_or_what_is_in_it() {
    for (seed, case) in (1..).zip(cases()) {
        let (network, samples) = (case.state(seed).network, case.samples(7, 200 + seed));
        let shapes = network.shapes();
        let one = classify::goodness_floats(&shapes, case.classes, 1);
        let whole = by_goodness(&network, &samples, 0, &mut vec![0.0; 100_000]);
        // One label at a time, some, all labels of an image, several images, and sizes in between.
        let rows = [1, 2, 3, case.classes, case.classes + 1, 2 * case.classes, 3 * case.classes];
        for floats in rows.map(|rows| classify::goodness_floats(&shapes, case.classes, rows)) {
            for floats in [floats, floats + 1, (floats - 1).max(one)] {
                let scores = by_goodness(&network, &samples, 0, &mut vec![f32::NAN; floats]);
                assert_eq!(bits(&scores), bits(&whole), "{:?} with {floats} floats", case.units);
            }
        }
        let mut scores = vec![0.0; 7 * case.classes];
        let short = &mut vec![0.0; one - 1];
        let refused =
            classify::by_goodness(&network, &samples.images, ScoredLayers::ALL, short, &mut Portable, &mut scores);
        assert_eq!(refused, Err(Error::Length { what: "scratch", expected: one, found: one - 1 }));
    }
}

#[test]
fn the_readout_is_a_softmax_over_a_neutral_pass() {
    for (seed, case) in (1..).zip(cases()) {
        let (network, samples) = (case.state(seed).network, case.samples(6, 300 + seed));
        let model = Model::of(&network);
        let one = classify::readout_floats(&network.shapes(), case.classes, 1);
        let whole = by_readout(&network, &samples, &mut vec![f32::NAN; 100_000]);
        for (b, found) in whole.chunks(case.classes).enumerate() {
            let fired = model.pass(neutral(case.classes, samples.image(b)), Dropout::NONE, 0);
            let expected = model.probabilities(&fired);
            assert_close(&format!("{:?} image {b}", case.units), &wide(found), &expected, TOLERANCE);
            assert!((wide(found).iter().sum::<f64>() - 1.0).abs() < 1e-5);
        }
        for images in [1, 2, 5, 6, 7] {
            let floats = classify::readout_floats(&network.shapes(), case.classes, images);
            let found = by_readout(&network, &samples, &mut vec![f32::NAN; floats]);
            assert_eq!(bits(&found), bits(&whole), "{:?}, {images} images at once", case.units);
        }
        let mut scores = vec![0.0; 6 * case.classes];
        let short = &mut vec![0.0; one - 1];
        let refused = classify::by_readout(&network, &samples.images, short, &mut Portable, &mut scores);
        assert_eq!(refused, Err(Error::Length { what: "scratch", expected: one, found: one - 1 }));
    }
}

#[test]
fn without_a_readout_classification_by_readout_is_refused() {
    let case = Case { classes: 3, features: 5, units: &[4], read: 0 };
    let (network, samples) = (case.state(1).network, case.samples(2, 2));
    let mut scores = [0.0; 6];
    let refused =
        classify::by_readout(&network, &samples.images, &mut [0.0; 1000], &mut Portable, &mut scores).unwrap_err();
    assert!(refused.to_string().contains("no readout"), "{refused}");
}

#[test]
fn bad_images_are_refused_and_named() {
    let case = Case { classes: 3, features: 5, units: &[4], read: 1 };
    let (network, samples) = (case.state(1).network, case.samples(2, 2));
    let mut scratch = [0.0; 1000];
    let mut both = |images: &[f32], scores: usize| {
        let mut scores = vec![0.0; scores];
        let by_goodness =
            classify::by_goodness(&network, images, ScoredLayers::ALL, &mut scratch, &mut Portable, &mut scores);
        assert_eq!(by_goodness, classify::by_readout(&network, images, &mut scratch, &mut Portable, &mut scores));
        by_goodness
    };
    assert_eq!(both(&samples.images, 6), Ok(()));
    assert_eq!(both(&[], 0), Ok(()), "no image, nothing to say");
    assert_eq!(both(&samples.images, 5), Err(Error::Length { what: "scores", expected: 6, found: 5 }));
    assert_eq!(both(&samples.images, 7), Err(Error::Length { what: "scores", expected: 6, found: 7 }));
    assert_eq!(
        both(&samples.images[..9], 3),
        Err(Error::Length { what: "samples (features alone, without label slots)", expected: 5, found: 9 })
    );
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut images = samples.images.clone();
        images[7] = bad;
        assert_eq!(both(&images, 6), Err(Error::NotFinite { what: "samples", index: 7 }));
    }
}

#[test]
fn the_best_score_wins_and_the_first_among_equals() {
    assert_eq!(classify::best(&[0.5, 2.0, -1.0, 2.0]), 1);
    assert_eq!(classify::best(&[-5.0, -3.0]), 1);
    assert_eq!(classify::best(&[f32::NAN, 1.0]), 1);
    assert_eq!(classify::best(&[]), 0);
}

#[test]
fn the_second_best_is_another() {
    assert_eq!(classify::best_two(&[0.5, 2.0, -1.0, 2.0]), [1, 3]);
    assert_eq!(classify::best_two(&[2.0, 0.5, 0.7]), [0, 2]);
    assert_eq!(classify::best_two(&[5.0, f32::NEG_INFINITY]), [0, 1]);
    assert_eq!(classify::best_two(&[5.0, f32::NAN]), [0, 1]);
    assert_eq!(classify::best_two(&[5.0]), [0, 0]);
}

#[test]
fn a_blank_image_is_classified_like_any_other() {
    let case = Case { classes: 5, features: 8, units: &[12, 7], read: 1 };
    let network = case.state(9).network;
    let blank = Samples { features: 8, images: vec![0.0; 8], labels: vec![0] };
    let found = by_goodness(&network, &blank, 0, &mut [f32::NAN; 1000]);
    assert_close("blank", &wide(&found), &naive_goodness(&Model::of(&network), &blank.images, 0), TOLERANCE);
    // Even the neutral label leaves something to normalise.
    assert!(normalised(&[0.2; 5]).iter().all(|x| x.is_finite()));
    assert!(by_readout(&network, &blank, &mut [f32::NAN; 1000]).iter().all(|p| p.is_finite()));
}
