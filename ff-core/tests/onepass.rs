//! One-pass rules: each layer descends the cross-entropy of its own scores and nothing else, with
//! every optimiser, and classification sums what the layers say.
#![cfg(not(feature = "micromath"))] // The approximations are per cents off; they have a test of their own.

mod common;

use common::network::HeapNetwork;
use common::onepass::{CLASSES, Layer, Reference, SAMPLES, check_moves, expected_moves, layers, moves, smoothed_moves};
use common::state::Samples;
use common::{assert_close, bits, wide};
use ff_core::classify::ScoredLayers;
use ff_core::error::Error;
use ff_core::kernel::{Kernel, Metered, Portable};
use ff_core::learner::{Frozen, Learner, Report};
use ff_core::onepass::{self, Head, LabelGroups, LocalCrossEntropy, NWay, OnePass, SKIP_ERROR_BELOW};
use ff_core::optimiser::{Adam, Moments, Momentum, Optimiser, Sgd, State, Stateless, StepSize};
use ff_core::random::Rng;
use ff_core::sample::Batch;

const FEATURES: usize = 7;
const UNITS: [usize; 3] = [12, 20, 9];

const NWAY: NWay = NWay { temperature: 1.3 };
const GROUPS: LabelGroups = LabelGroups { temperature: 2.0 };

fn settings<H, O>(head: H, optimiser: O) -> OnePass<H, O> {
    OnePass::new(head, optimiser, StepSize { learning_rate: 1.0, weight_decay: 0.0 })
}

fn network<H: Head>(seed: u64) -> HeapNetwork {
    let read = if H::LABEL_ROWS { UNITS.len() } else { 0 };
    HeapNetwork::features_only(CLASSES, FEATURES, &UNITS, read).random(&mut Rng::new(seed))
}

fn samples(seed: u64) -> Samples {
    Samples::random(CLASSES, FEATURES, SAMPLES, &mut Rng::new(seed))
}

/// One step with scratch of exactly the stated size, full of NaN.
fn step<H: Head, O: Optimiser, S: State>(
    settings: &OnePass<H, O>,
    network: &mut HeapNetwork,
    state: &mut S,
    batch: Batch<'_>,
) -> Result<Report, Error> {
    let mut scratch = vec![f32::NAN; settings.scratch_floats(&network.shapes(), CLASSES, batch.len())];
    step_with(settings, network, state, batch, &mut Portable, &mut scratch)
}

fn step_with<H: Head, O: Optimiser, S: State, K: Kernel>(
    settings: &OnePass<H, O>,
    network: &mut HeapNetwork,
    state: &mut S,
    batch: Batch<'_>,
    kernel: &mut K,
    scratch: &mut [f32],
) -> Result<Report, Error> {
    let rng = &mut Rng::new(9);
    let mut learner = Learner { network, state, means: &mut [], scratch, rng, kernel };
    settings.step(&mut learner, batch)
}

fn descends<H: Reference>(head: H) {
    let (before, samples) = (network::<H>(3), samples(4));
    let mut after = before.clone();
    step(&settings(head, Sgd), &mut after, &mut Stateless, samples.batch()).unwrap();
    check_moves(H::NAME, &moves(&before, &after), &expected_moves(&head, &before, &samples));
}

#[test]
fn every_layer_descends_the_cross_entropy_of_its_own_scores() {
    descends(NWAY);
    descends(GROUPS);
    descends(LocalCrossEntropy);
}

fn descends_smoothed<H: Reference>(head: H) {
    let (before, samples) = (network::<H>(5), samples(6));
    let mut after = before.clone();
    let settings = OnePass { label_smoothing: 0.3, ..settings(head, Sgd) };
    step(&settings, &mut after, &mut Stateless, samples.batch()).unwrap();
    check_moves(H::NAME, &moves(&before, &after), &smoothed_moves(&head, &before, &samples, 0.3));
}

#[test]
fn smoothed_labels_share_a_part_of_the_truth() {
    descends_smoothed(NWAY);
    descends_smoothed(GROUPS);
    descends_smoothed(LocalCrossEntropy);
}

fn momentum_folds<H: Reference>(head: H) {
    const KEEP: f32 = 0.6;
    let (before, samples) = (network::<H>(13), samples(14));
    let old = network::<H>(15);
    let (mut after, mut velocity) = (before.clone(), old.clone());
    let settings = settings(head, Momentum { coefficient: KEEP });
    step(&settings, &mut after, &mut velocity, samples.batch()).unwrap();
    let zero = HeapNetwork::features_only(CLASSES, FEATURES, &UNITS, if H::LABEL_ROWS { 3 } else { 0 });
    let mut expected = moves(&zero, &old);
    for (sum, new) in expected.iter_mut().zip(expected_moves(&head, &before, &samples)) {
        let mix = |sum: &mut Vec<f64>, new: Vec<f64>| {
            let keep = f64::from(KEEP);
            sum.iter_mut().zip(new).for_each(|(sum, new)| *sum = keep * *sum + (1.0 - keep) * new);
        };
        mix(&mut sum.weights, new.weights);
        mix(&mut sum.biases, new.biases);
        mix(&mut sum.labels, new.labels);
    }
    check_moves(H::NAME, &moves(&before, &after), &expected);
    check_moves(H::NAME, &moves(&zero, &velocity), &expected);
}

#[test]
fn momentum_moves_along_a_running_mean() {
    momentum_folds(NWAY);
    momentum_folds(GROUPS);
    momentum_folds(LocalCrossEntropy);
}

/// Two steps of Adam against the published formulas in f64.
fn adam_follows<H: Reference>(head: H) {
    let mut net = network::<H>(23);
    let batches = [samples(24), samples(25)];
    let zero = HeapNetwork::features_only(CLASSES, FEATURES, &UNITS, if H::LABEL_ROWS { 3 } else { 0 });
    let mut state = Moments { first: zero.clone(), second: zero.clone() };
    let (mut m, mut v) = (vec![0.0; flat(&moves(&zero, &zero)).len()], vec![0.0; flat(&moves(&zero, &zero)).len()]);
    let step_size = StepSize { learning_rate: 0.01, weight_decay: 0.0 };
    for (steps, samples) in (0_u32..).zip(&batches) {
        let before = net.clone();
        let gradient = flat(&expected_moves(&head, &before, samples));
        let adam = Adam { steps, ..Adam::PUBLISHED };
        let settings = OnePass { layers: step_size, labels: step_size, ..settings(head, adam) };
        step(&settings, &mut net, &mut state, samples.batch()).unwrap();
        let t = i32::try_from(steps).unwrap() + 1;
        let expected = gradient.iter().enumerate().map(|(i, g)| {
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.999 * v[i] + 0.001 * g * g;
            0.01 * (m[i] / (1.0 - 0.9_f64.powi(t))) / ((v[i] / (1.0 - 0.999_f64.powi(t))) + 1e-16).sqrt()
        });
        let expected: Vec<f64> = expected.collect();
        let found = flat(&moves(&before, &net));
        // Where the gradient is all but zero its rounding decides the direction.
        let sure = |(i, e): (usize, &f64)| if gradient[i].abs() > 1e-5 { *e } else { found[i] };
        let expected: Vec<f64> = expected.iter().enumerate().map(sure).collect();
        assert_close(&format!("{}: step {t}", H::NAME), &found, &expected, 2e-3);
    }
}

fn flat(layers: &[Layer]) -> Vec<f64> {
    layers.iter().flat_map(|l| [&l.weights[..], &l.biases, &l.labels].concat()).collect()
}

#[test]
fn adam_follows_its_formulas() {
    adam_follows(NWAY);
    adam_follows(GROUPS);
    adam_follows(LocalCrossEntropy);
}

#[test]
fn inverse_square_roots_are_good_to_a_millionth() {
    for exponent in -40..=30 {
        for part in [1.0_f32, 1.1, 1.5, 1.999, 2.7, 3.3] {
            let x = part * 2.0_f32.powi(exponent);
            let (found, exact) = (f64::from(ff_core::math::inverse_sqrt(x)), 1.0 / f64::from(x).sqrt());
            assert!((found / exact - 1.0).abs() < 1e-6, "1 / sqrt({x}) = {found} instead of {exact}");
        }
    }
    assert!(ff_core::math::inverse_sqrt(0.0).is_finite());
}

fn is_local<H: Reference>(head: H) {
    let samples = samples(34);
    let before = network::<H>(33);
    let mut after = before.clone();
    step(&settings(head, Sgd), &mut after, &mut Stateless, samples.batch()).unwrap();
    for above in 1..UNITS.len() {
        let mut other = before.clone();
        other.layers[above].weights.iter_mut().for_each(|w| *w *= -1.7);
        let first = CLASSES * UNITS[..above].iter().sum::<usize>();
        other.readout.iter_mut().skip(first).for_each(|u| *u += 0.3);
        step(&settings(head, Sgd), &mut other, &mut Stateless, samples.batch()).unwrap();
        for below in 0..above {
            let (a, b) = (&after.layers[below], &other.layers[below]);
            assert_eq!(bits(&a.weights), bits(&b.weights), "{}: layer {below} felt layer {above}", H::NAME);
        }
        let end = first.min(before.readout.len());
        assert_eq!(bits(&after.readout[..end]), bits(&other.readout[..end]), "{}", H::NAME);
        assert_ne!(bits(&after.layers[above].weights), bits(&other.layers[above].weights), "{}", H::NAME);
    }
}

#[test]
fn no_gradient_crosses_a_layer() {
    is_local(NWAY);
    is_local(GROUPS);
    is_local(LocalCrossEntropy);
}

#[test]
fn frozen_layers_keep_their_weights_and_label_rows() {
    let (before, samples) = (network::<NWay>(43), samples(44));
    let mut after = before.clone();
    let settings = OnePass { frozen: Frozen::NONE.with(1), ..settings(NWAY, Sgd) };
    step(&settings, &mut after, &mut Stateless, samples.batch()).unwrap();
    let moved = moves(&before, &after);
    let still = |l: usize| flat(&moved[l..=l]).iter().all(|m| *m == 0.0);
    assert_eq!([still(0), still(1), still(2)], [false, true, false]);
    assert!(Frozen::below(2).layer(1) && !Frozen::below(2).layer(2) && Frozen::below(8).layer(7));
}

#[test]
fn dropout_silences_units_for_every_label() {
    let (before, samples) = (network::<NWay>(53), samples(54));
    let mut after = before.clone();
    let settings = OnePass { dropout: 0.99, ..settings(NWAY, Sgd) };
    step(&settings, &mut after, &mut Stateless, samples.batch()).unwrap();
    let moved = moves(&before, &after);
    let still = moved[0].labels.chunks(UNITS[0]).flat_map(|row| row.iter()).filter(|m| **m == 0.0).count();
    assert!(still > CLASSES * UNITS[0] / 2, "hardly any unit was silenced: {still}");
}

fn scores_are_the_references<H: Reference>(head: H) {
    let (network, samples) = (network::<H>(63), samples(64));
    let layers = layers(&network, &samples);
    for from in [0, 1, 7] {
        let scored = ScoredLayers { from };
        let counts = |l: usize| l >= from.min(UNITS.len() - 1);
        let mut expected = vec![0.0; SAMPLES * CLASSES];
        for (_, (layer, inputs)) in layers.iter().enumerate().filter(|(l, _)| counts(*l)) {
            let scores = inputs.iter().flat_map(|x| head.reference(&layer.affine(x), &layer.rows()));
            expected.iter_mut().zip(scores).for_each(|(sum, s)| *sum += s);
        }
        for together in [1, 2, SAMPLES, SAMPLES + 3] {
            let mut scratch = vec![f32::NAN; onepass::score_floats(&network.shapes(), CLASSES, together)];
            let mut found = vec![f32::NAN; SAMPLES * CLASSES];
            onepass::scores(&head, &network, &samples.images, scored, &mut scratch, &mut Portable, &mut found).unwrap();
            assert_close(&format!("{}: scores from layer {from}", H::NAME), &wide(&found), &expected, 1e-5);
        }
    }
}

#[test]
fn classification_sums_the_layers_scores() {
    scores_are_the_references(NWAY);
    scores_are_the_references(GROUPS);
    scores_are_the_references(LocalCrossEntropy);
}

#[test]
fn reports_tell_the_true_classs_score_and_the_others() {
    let (network, samples) = (network::<NWay>(73), samples(74));
    let report = step(&settings(NWAY, Sgd), &mut network.clone(), &mut Stateless, samples.batch()).unwrap();
    for ((layer, inputs), seen) in layers(&network, &samples).iter().zip(&report.layers) {
        let scores: Vec<_> = inputs.iter().map(|x| NWAY.reference(&layer.affine(x), &layer.rows())).collect();
        let own: f64 = scores.iter().zip(&samples.labels).map(|(s, y)| s[usize::from(*y)]).sum();
        let all: f64 = scores.iter().flatten().sum();
        let others = (all - own) / (SAMPLES * (CLASSES - 1)) as f64;
        assert_close("report", &wide(&[seen.positive, seen.negative]), &[own / SAMPLES as f64, others], 1e-5);
    }
}

#[test]
fn a_step_takes_the_documented_multiply_adds() {
    costs(NWAY);
    costs(GROUPS);
    costs(LocalCrossEntropy);
}

fn costs<H: Head + Copy + std::fmt::Debug>(head: H) {
    let (mut net, samples) = (network::<H>(83), samples(84));
    let settings = settings(head, Sgd);
    let mut scratch = vec![0.0; settings.scratch_floats(&net.shapes(), CLASSES, SAMPLES)];
    let mut kernel = Metered::new(Portable);
    step_with(&settings, &mut net, &mut Stateless, samples.batch(), &mut kernel, &mut scratch).unwrap();
    let told = settings.multiply_adds(&net.shapes(), CLASSES, SAMPLES);
    assert_eq!(kernel.multiply_adds, told as u64, "{head:?}");
}

/// Errors that count as settled move nothing; below the smallest setting there are none to leave out.
#[test]
fn settled_errors_teach_nothing() {
    let (net, samples) = (network::<NWay>(95), samples(96));
    let after = |skip_error_below: f32| {
        let mut after = net.clone();
        let settings = OnePass {
            skip_error_below,
            layers: StepSize { learning_rate: 0.01, weight_decay: 0.0 },
            ..settings(NWAY, Sgd)
        };
        step(&settings, &mut after, &mut Stateless, samples.batch()).unwrap();
        after.bits()
    };
    assert_ne!(after(0.5), after(SKIP_ERROR_BELOW));
    assert_eq!(after(0.0), after(SKIP_ERROR_BELOW));
    assert_ne!(after(SKIP_ERROR_BELOW), net.bits());
}

/// What is left out moves nothing, and the others' errors still add up to 0: otherwise all goodness rises.
#[test]
fn errors_add_up_to_nothing_whatever_is_settled() {
    let label = 1;
    let mut net = HeapNetwork::features_only(CLASSES, 3, &[1], 1);
    net.layers[0].biases[0] = 1.0;
    net.readout = vec![0.9, 0.1, -0.6];
    let before = net.readout.clone();
    // Scores (1 + u)^2: the softmax gives 0.89, 0.08 and 0.03.
    let settings = OnePass { skip_error_below: 0.2, ..settings(NWAY, Sgd) };
    let samples = Samples { features: 3, images: vec![0.1, 0.2, 0.3], labels: vec![label as u8] };
    step(&settings, &mut net, &mut Stateless, samples.batch()).unwrap();
    let errors: Vec<_> = net.readout.iter().zip(&before).map(|(after, u)| (after - u) / (1.0 + u)).collect();
    assert_eq!(errors[2], 0.0, "a label below a third of 0.2");
    assert!(errors[0] < 0.0 && errors[label] > 0.0, "{errors:?}");
    assert!(errors.iter().sum::<f32>().abs() < 1e-3 * errors[label], "{errors:?}");
}

/// A smoothed label may be too unlikely, so none is left out.
#[test]
fn smoothed_labels_do_not_settle() {
    let (net, samples) = (network::<NWay>(95), samples(96));
    let after = |skip_error_below: f32| {
        let mut after = net.clone();
        let settings = OnePass { skip_error_below, label_smoothing: 0.1, ..settings(NWAY, Sgd) };
        step(&settings, &mut after, &mut Stateless, samples.batch()).unwrap();
        after.bits()
    };
    assert_eq!(after(0.5), after(SKIP_ERROR_BELOW));
}

/// However many labels there are, what settled ones leave out is no more than an error that counts as zero.
#[test]
fn settled_labels_hide_no_error_that_counts() {
    for classes in [2, 10, 256] {
        for least in [0.01_f32, 0.5] {
            for gap in [0.1, 0.7, 2.0, 4.9, 9.0] {
                let mut row = vec![0.0_f32; classes];
                row[0] = gap;
                let mut exact = row.clone();
                ff_core::math::softmax(&mut exact);
                ff_core::math::softmax_above(&mut row, least);
                let off = row.iter().zip(&exact).map(|(p, exact)| (p - exact).abs()).fold(0.0, f32::max);
                assert!(off <= least, "{classes} classes, {least}, a gap of {gap}: {off} off");
            }
        }
    }
    let mut row = [1.0, 0.0];
    ff_core::math::softmax_above(&mut row, -0.0);
    assert!((row[0] - 0.731).abs() < 1e-3 && (row[0] + row[1] - 1.0).abs() < 1e-6, "{row:?}");
}

#[test]
fn bad_input_is_refused_and_changes_nothing() {
    let (net, good) = (network::<NWay>(93), samples(94));
    let refused = |settings: &OnePass<NWay>, net: &HeapNetwork, samples: &Samples| {
        let mut after = net.clone();
        let error = step(settings, &mut after, &mut Stateless, samples.batch()).unwrap_err();
        assert_eq!(after.bits(), net.bits(), "{error} changed something");
        error
    };
    let fine = settings(NWAY, Sgd);
    let mut bad = good.clone();
    bad.labels[2] = CLASSES as u8;
    assert_eq!(refused(&fine, &net, &bad), Error::Label { index: 2, label: CLASSES as u8, classes: CLASSES });
    let mut bad = good.clone();
    bad.images[8] = f32::NAN;
    assert_eq!(refused(&fine, &net, &bad), Error::NotFinite { what: "samples", index: 8 });
    let cold = OnePass { head: NWay { temperature: 0.0 }, ..fine };
    assert_eq!(refused(&cold, &net, &good), Error::Setting { name: "temperature" });
    let vague = OnePass { label_smoothing: 0.6, ..fine };
    assert_eq!(refused(&vague, &net, &good), Error::Setting { name: "label smoothing" });
    let careless = OnePass { skip_error_below: 0.6, ..fine };
    assert_eq!(refused(&careless, &net, &good), Error::Setting { name: "skip_error_below" });
    let mad = OnePass { labels: StepSize { learning_rate: f32::NAN, weight_decay: 0.0 }, ..fine };
    assert_eq!(refused(&mad, &net, &good), Error::Setting { name: "label rate" });
    let no_rows = HeapNetwork::features_only(CLASSES, FEATURES, &UNITS, 0);
    assert!(matches!(refused(&fine, &no_rows, &good), Error::Shape { .. }));
    let with_slots = HeapNetwork::zeroed(CLASSES, FEATURES, &UNITS, 3);
    assert!(matches!(refused(&fine, &with_slots, &good), Error::Shape { .. }));
}
