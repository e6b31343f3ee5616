//! Every direction against the numeric gradient of the loss it descends, and no gradient crosses
//! a layer.
//!
//! A layer is local: its inputs are held fixed while its loss is differentiated.
#![cfg(not(feature = "micromath"))] // The approximations are per cents off; they have a test of their own.

mod common;

use common::reference::{Dense, Dropout, Fired, Model, fire, goodness, labelled, neutral, sigmoid};
use common::state::{Case, Samples, State};
use common::{assert_close, bits, wide};
use ff_core::classic::Classic;
use ff_core::goodness::{Logistic, MeanSquare, Minimised, Objective, SymBa};
use ff_core::label::Negatives;
use ff_core::learner::Frozen;
use ff_core::optimiser::{Sgd, StepSize};
use ff_core::peer::MEMORY;

const CASE: Case<'_> = Case { classes: 2, features: 7, units: &[12, 9, 10], read: 2 };
const SAMPLES: usize = 5;
const LOGISTIC: Logistic = Logistic { threshold: 0.7, temperature: 3.0 };

/// Plain descent without decay: what a block moves by is the rate times its direction.
const SETTINGS: Classic = Classic {
    goodness: LOGISTIC,
    optimiser: Sgd,
    lr_scale: 1.0,
    layers: StepSize { learning_rate: 1.0, weight_decay: 0.0 },
    readout: StepSize { learning_rate: 1.0, weight_decay: 0.0 },
    peer: 0.0,
    dropout: 0.0,
    negatives: Negatives::Uniform,
    frozen: Frozen::NONE,
};

/// The central difference of `loss` at every value of `at`.
fn numeric_gradient(at: &[f64], loss: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    const STEP: f64 = 1e-5;
    let mut moved = at.to_vec();
    let difference = |i: usize| {
        moved[i] = at[i] + STEP;
        let above = loss(&moved);
        moved[i] = at[i] - STEP;
        let below = loss(&moved);
        moved[i] = at[i];
        (above - below) / (2.0 * STEP)
    };
    (0..at.len()).map(difference).collect()
}

/// The state after one step.
fn stepped(state: &State, settings: &Classic, samples: &Samples) -> State {
    let mut after = state.clone();
    after.step(settings, samples.batch()).unwrap();
    after
}

/// What a block moved by.
fn movement(before: &[f32], after: &[f32]) -> Vec<f64> {
    after.iter().zip(before).map(|(a, b)| f64::from(*a) - f64::from(*b)).collect()
}

/// The inputs that layer `l` sees: of every positive and of every negative row.
fn inputs(model: &Model, samples: &Samples, l: usize) -> [Vec<Vec<f64>>; 2] {
    let rows = |label_of: &dyn Fn(u8) -> u8| {
        let row = |b: usize| {
            let input = labelled(CASE.classes, label_of(samples.labels[b]), samples.image(b));
            model.pass(input, Dropout::NONE, b).swap_remove(l).input
        };
        (0..samples.labels.len()).map(row).collect()
    };
    [rows(&|label| label), rows(&|label| 1 - label)]
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The goodness loss of one positive and one negative row, in f64.
fn loss(units: usize, positive: f64, negative: f64) -> f64 {
    let logit = |g: f64| (g - f64::from(LOGISTIC.threshold) * units as f64) / f64::from(LOGISTIC.temperature);
    softplus(-logit(positive)) + softplus(logit(negative))
}

#[test]
fn the_objectives_loss_is_the_logistic_one() {
    for units in [1, 10, 32] {
        for positive in [0.0_f32, 0.1, 3.0, 7.7, 20.0, 90.0] {
            for negative in [0.0_f32, 0.4, 5.0, 21.0, 70.0] {
                let found = f64::from(LOGISTIC.loss(units, positive, negative));
                let expected = loss(units, positive.into(), negative.into());
                // The series of the logarithm is good to 1 in 10,000.
                assert_close("loss", &[found], &[expected], 1e-4);
            }
        }
    }
}

#[test]
fn slopes_are_the_losss_negative_gradient_times_the_scale() {
    for units in [4, 10] {
        for at in [[2.0_f32, 2.0], [0.0, 9.0], [14.0, 0.5], [6.9, 7.1]] {
            let (up, down) = LOGISTIC.slopes(units, at[0], at[1]);
            let gradient = numeric_gradient(&wide(&at), |g| loss(units, g[0], g[1]));
            let scale = -f64::from(LOGISTIC.slope_scale(units));
            let expected: Vec<f64> = gradient.iter().map(|g| scale * g).collect();
            assert_close("slopes", &wide(&[up, down]), &expected, 1e-5);
        }
    }
}

/// Of every objective that compares a positive with a negative row.
#[test]
fn all_slopes_are_the_losss_negative_gradient_times_the_scale() {
    fn check<G: Objective>(name: &str, objective: G) {
        for units in [4, 10] {
            for at in [[2.0_f32, 2.0], [0.5, 9.0], [14.0, 0.5], [6.9, 7.1]] {
                let loss = |positive: f32, negative: f32| f64::from(objective.loss(units, positive, negative));
                const STEP: f32 = 1.0 / 64.0;
                let across = f64::from(2.0 * STEP);
                let by_positive = (loss(at[0] + STEP, at[1]) - loss(at[0] - STEP, at[1])) / across;
                let by_negative = (loss(at[0], at[1] + STEP) - loss(at[0], at[1] - STEP)) / across;
                let scale = -f64::from(objective.slope_scale(units));
                let (up, down) = objective.slopes(units, at[0], at[1]);
                let expected = [scale * by_positive, scale * by_negative];
                // Losses are f32, and their logarithm is a series good to 1 in 10,000.
                assert_close(name, &wide(&[up, down]), &expected, 5e-3);
            }
        }
    }
    check("logistic", LOGISTIC);
    check("mean square", MeanSquare { threshold: 0.7, temperature: 0.5 });
    check("symba", SymBa { alpha: 2.5 });
    check("minimised", Minimised(LOGISTIC));
}

#[test]
fn minimised_goodness_falls_on_positive_rows() {
    let (up, down) = Minimised(LOGISTIC).slopes(10, 9.0, 3.0);
    assert!(up < 0.0 && down > 0.0);
    assert_eq!((Minimised::<Logistic>::SIGN, Logistic::SIGN), (-1.0, 1.0));
}

#[test]
fn every_layer_descends_its_own_goodness_loss() {
    let (state, samples) = (CASE.state(21), CASE.samples(SAMPLES, 22));
    let model = Model::of(&state.network);
    let after = stepped(&state, &SETTINGS, &samples);
    for (l, layer) in state.network.layers.iter().enumerate() {
        let [positive, negative] = inputs(&model, &samples, l);
        let units = layer.shape.outputs;
        let (weights, biases) = (wide(&layer.weights), wide(&layer.biases));
        let loss_of = |weights: &[f64], biases: &[f64]| {
            let dense =
                Dense { weights: weights.chunks(units).map(<[f64]>::to_vec).collect(), biases: biases.to_vec() };
            let rows = positive.iter().zip(&negative);
            let rows = rows.map(|(p, n)| loss(units, goodness(&fire(&dense, p)), goodness(&fire(&dense, n))));
            rows.sum::<f64>() / SAMPLES as f64
        };
        // dG/dz = 2 h, but D = slope * h: half of the descent direction, times the scale of slopes.
        let half = -0.5 * f64::from(LOGISTIC.slope_scale(units));
        let descent = |gradient: Vec<f64>| gradient.into_iter().map(|g| half * g).collect::<Vec<_>>();

        let expected = descent(numeric_gradient(&weights, |w| loss_of(w, &biases)));
        let found = movement(&layer.weights, &after.network.layers[l].weights);
        assert_close(&format!("weights {l}"), &found, &expected, 1e-5);

        let expected = descent(numeric_gradient(&biases, |b| loss_of(&weights, b)));
        let found = movement(&layer.biases, &after.network.layers[l].biases);
        assert_close(&format!("biases {l}"), &found, &expected, 1e-5);
    }
}

#[test]
fn the_readout_descends_its_cross_entropy() {
    let (state, samples) = (CASE.state(31), CASE.samples(SAMPLES, 32));
    let mut model = Model::of(&state.network);
    let pass = |b: usize| model.pass(neutral(CASE.classes, samples.image(b)), Dropout::NONE, b);
    let fired: Vec<Vec<Fired>> = (0..SAMPLES).map(pass).collect();
    let widths: Vec<usize> = model.readout.iter().map(Vec::len).collect();

    let gradient = numeric_gradient(&wide(&state.network.readout), |flat| {
        let mut model = model.clone();
        let mut rows = flat.chunks(CASE.classes).map(<[f64]>::to_vec);
        model.readout = widths.iter().map(|&width| rows.by_ref().take(width).collect()).collect();
        let rows = fired.iter().zip(&samples.labels);
        let losses = rows.map(|(fired, &label)| -model.probabilities(fired)[usize::from(label)].ln());
        losses.sum::<f64>() / SAMPLES as f64
    });
    let expected: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let found = movement(&state.network.readout, &stepped(&state, &SETTINGS, &samples).network.readout);
    assert_close("readout", &found, &expected, 1e-5);

    // The numeric gradient has teeth: with other inputs it is another one.
    model.readout.clear();
    assert!(gradient.iter().any(|g| g.abs() > 1e-3));
}

/// What peer normalisation alone adds to a layer's movement is `mean(x+)' v`, and `v` descends
/// half the spread of the running means, `strength / 2 * sum (m_j - mean m)^2`.
#[test]
fn peer_normalisation_descends_the_spread_of_the_running_means() {
    const STRENGTH: f32 = 0.8;
    let (state, samples) = (CASE.state(41), CASE.samples(SAMPLES, 42));
    let model = Model::of(&state.network);
    let without = stepped(&state, &SETTINGS, &samples);
    let with = stepped(&state, &Classic { peer: STRENGTH, ..SETTINGS }, &samples);

    let mut first = 0;
    for (l, layer) in state.network.layers.iter().enumerate() {
        let units = layer.shape.outputs;
        let [positive, _] = inputs(&model, &samples, l);
        let activities: Vec<_> = positive.iter().map(|x| fire(&model.layers[l], x)).collect();
        let means: Vec<f64> = (0..units)
            .map(|j| {
                let now = activities.iter().map(|h| h[j]).sum::<f64>() / SAMPLES as f64;
                f64::from(MEMORY) * f64::from(state.means[first + j]) + (1.0 - f64::from(MEMORY)) * now
            })
            .collect();
        assert_close(&format!("means {l}"), &wide(&with.means[first..first + units]), &means, 1e-5);

        let spread = |m: &[f64]| {
            let mean = m.iter().sum::<f64>() / m.len() as f64;
            0.5 * f64::from(STRENGTH) * m.iter().map(|m| (m - mean).powi(2)).sum::<f64>()
        };
        let v: Vec<f64> = numeric_gradient(&means, spread).iter().map(|g| -g).collect();

        let mean_input = |i: usize| positive.iter().map(|x| x[i]).sum::<f64>() / SAMPLES as f64;
        let outer = |i: usize| v.iter().map(move |v| (i, v)).map(|(i, v)| mean_input(i) * v);
        let expected: Vec<f64> = (0..layer.shape.inputs).flat_map(outer).collect();
        let found = movement(&without.network.layers[l].weights, &with.network.layers[l].weights);
        assert_close(&format!("weights {l}"), &found, &expected, 1e-5);

        let found = movement(&without.network.layers[l].biases, &with.network.layers[l].biases);
        assert_close(&format!("biases {l}"), &found, &v, 1e-5);
        first += units;
    }
}

#[test]
fn a_dead_unit_is_moved_by_peer_normalisation_alone() {
    let (mut state, samples) = (CASE.state(51), CASE.samples(SAMPLES, 52));
    // No positive or negative row can open unit 3 of the second layer.
    state.network.layers[1].biases[3] = -100.0;
    state.means.iter_mut().for_each(|m| *m = 0.5);
    let bias = |state: &State| state.network.layers[1].biases[3];
    let without = stepped(&state, &SETTINGS, &samples);
    assert_eq!(bias(&without), bias(&state), "its ReLU is shut");
    let with = stepped(&state, &Classic { peer: 5.0, ..SETTINGS }, &samples);
    assert!(bias(&with) > bias(&state), "it is pulled up towards its peers");
}

#[test]
fn no_gradient_crosses_a_layer() {
    let samples = CASE.samples(SAMPLES, 62);
    for peer in [0.0, 0.3] {
        let settings = Classic { peer, ..SETTINGS };
        let state = CASE.state(61);
        let after = stepped(&state, &settings, &samples);
        for above in 1..CASE.units.len() {
            let mut other = state.clone();
            other.network.layers[above].weights.iter_mut().for_each(|w| *w *= -1.7);
            other.network.layers[above].biases.iter_mut().for_each(|b| *b += 0.4);
            other.network.readout.fill(0.9);
            let other = stepped(&other, &settings, &samples);
            for below in 0..above {
                let (a, b) = (&after.network.layers[below], &other.network.layers[below]);
                assert_eq!(bits(&a.weights), bits(&b.weights), "layer {below} felt layer {above}");
                assert_eq!(bits(&a.biases), bits(&b.biases), "layer {below} felt layer {above}");
            }
            let (a, b) = (&after.network.layers[above], &other.network.layers[above]);
            assert_ne!(bits(&a.weights), bits(&b.weights));
        }
    }
}

#[test]
fn the_readout_sends_nothing_into_the_layers() {
    let (state, samples) = (CASE.state(71), CASE.samples(SAMPLES, 72));
    let still = Classic { readout: StepSize { learning_rate: 0.0, weight_decay: 0.0 }, ..SETTINGS };
    let (with, without) = (stepped(&state, &SETTINGS, &samples), stepped(&state, &still, &samples));
    assert_ne!(with.network.readout, without.network.readout);
    for (a, b) in with.network.layers.iter().zip(&without.network.layers) {
        assert_eq!(bits(&a.weights), bits(&b.weights));
        assert_eq!(bits(&a.biases), bits(&b.biases));
    }
}

#[test]
fn a_small_step_lowers_every_loss() {
    let (state, samples) = (CASE.state(81), CASE.samples(SAMPLES, 82));
    let small = Classic { layers: StepSize { learning_rate: 0.01, weight_decay: 0.0 }, ..SETTINGS };
    let after = Model::of(&stepped(&state, &small, &samples).network);
    let before = Model::of(&state.network);
    for l in 0..CASE.units.len() {
        let [positive, negative] = inputs(&before, &samples, l);
        let probability = |model: &Model, x: &[f64]| {
            let threshold = f64::from(LOGISTIC.threshold) * CASE.units[l] as f64;
            sigmoid((goodness(&fire(&model.layers[l], x)) - threshold) / f64::from(LOGISTIC.temperature))
        };
        let total = |model: &Model| -> f64 {
            let rows = positive.iter().zip(&negative);
            rows.map(|(p, n)| -probability(model, p).ln() - (1.0 - probability(model, n)).ln()).sum()
        };
        assert!(total(&after) < total(&before), "layer {l}");
    }
}
