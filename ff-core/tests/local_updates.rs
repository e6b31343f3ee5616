//! One step against a slow, naive program in f64 that builds every input vector and direction.
#![cfg(not(feature = "micromath"))] // The approximations are per cents off; they have a test of their own.

mod common;

use common::reference::{Dropout, Recipe, Reference};
use common::state::{Case, Samples, State};
use common::{assert_close, wide};
use ff_core::classic::Classic;
use ff_core::goodness::Logistic;
use ff_core::label::Negatives;
use ff_core::learner::Frozen;
use ff_core::optimiser::{Momentum, Optimiser, Sgd, StepSize};

/// What a movement may be off, relative to the largest movement of its block.
const TOLERANCE: f64 = 1e-5;

/// Widths that are no multiples of any block size, and one that is.
const UNITS: [&[usize]; 5] = [&[13], &[9, 21], &[33, 5, 18], &[7, 16, 11, 3], &[40]];

/// Rates are large, so that movements stand well above the rounding of the weights.
fn settings<O>(optimiser: O) -> Classic<Logistic, O> {
    Classic {
        goodness: Logistic { threshold: 0.6, temperature: 4.0 },
        optimiser,
        lr_scale: 0.7,
        layers: StepSize { learning_rate: 0.9, weight_decay: 0.04 },
        readout: StepSize { learning_rate: 0.8, weight_decay: 0.03 },
        peer: 0.0,
        dropout: 0.0,
        negatives: Negatives::Uniform,
        frozen: Frozen::NONE,
    }
}

/// Compares the movement of every block of a step with the reference's, and returns the state.
fn compare<O: Optimiser>(
    what: &str,
    state: &State,
    settings: &Classic<Logistic, O>,
    momentum: Option<f32>,
    samples: &Samples,
    wrong: &[u8],
) -> State {
    let mut rng = state.rng.clone();
    let keys = [rng.next_u32(), rng.next_u32(), rng.next_u32()];
    let dropout = |key| Dropout { probability: settings.dropout, key };

    let before = Reference::of(state);
    let mut expected = before.clone();
    expected.step(&Recipe::of(settings, momentum), samples, wrong, dropout(keys[1]), dropout(keys[2]));

    let mut after = state.clone();
    after.step(settings, samples.batch()).unwrap();
    let found = Reference::of(&after);

    let names: Vec<_> = state.network.blocks().into_iter().map(|(name, _)| name).collect();
    let models = [
        ("network", &before.model, &expected.model, &found.model),
        ("velocity", &before.velocity, &expected.velocity, &found.velocity),
    ];
    for (owner, before, expected, found) in models {
        let blocks = before.blocks().into_iter().zip(expected.blocks()).zip(found.blocks());
        for (name, ((before, expected), found)) in names.iter().zip(blocks) {
            let moved = |after: &[f64]| after.iter().zip(&before).map(|(a, b)| a - b).collect::<Vec<_>>();
            assert_close(&format!("{what}: {owner} {name}"), &moved(&found), &moved(&expected), TOLERANCE);
        }
    }
    if settings.peer > 0.0 {
        let flat = |r: &Reference| r.means.concat();
        assert_close(&format!("{what}: means"), &flat(&found), &flat(&expected), TOLERANCE);
    } else {
        assert_eq!(after.means, state.means, "{what}: means moved without peer normalisation");
    }
    assert!(largest_movement(&before, &expected) > 1e-3, "{what}: too still to prove anything");
    after
}

/// The smallest over the layers of their weights' largest movement.
fn largest_movement(before: &Reference, after: &Reference) -> f64 {
    let layers = before.model.layers.iter().zip(&after.model.layers);
    let largest = layers.map(|(a, b)| {
        let pairs = a.weights.concat().into_iter().zip(b.weights.concat());
        pairs.fold(0.0_f64, |top, (a, b)| top.max((a - b).abs()))
    });
    largest.fold(f64::INFINITY, f64::min)
}

/// With two classes the wrong label is the other one.
fn other(samples: &Samples) -> Vec<u8> {
    samples.labels.iter().map(|label| 1 - label).collect()
}

/// Every shape, readout, kind of negative, and peers on and off, for one optimiser.
fn sweep<O: Optimiser + Copy>(optimiser: O, momentum: Option<f32>) {
    let mut seed = 0;
    for units in UNITS {
        for read in [0, 1, units.len()] {
            for count in [1, 2, 7] {
                for peer in [0.0, 0.4] {
                    for negatives in [Negatives::Uniform, Negatives::Hard] {
                        if read == 0 && negatives == Negatives::Hard {
                            continue; // Refused: hard negatives need a readout.
                        }
                        seed += 1;
                        let case = Case { classes: 2, features: 11, units, read };
                        let (state, samples) = (case.state(seed), case.samples(count, 1000 + seed));
                        let what = format!("{units:?} read {read} batch {count} peer {peer} {negatives:?}");
                        let settings = Classic { peer, negatives, ..settings(optimiser) };
                        compare(&what, &state, &settings, momentum, &samples, &other(&samples));
                    }
                }
            }
        }
    }
}

#[test]
fn plain_descent_moves_as_the_reference() {
    sweep(Sgd, None);
}

#[test]
fn momentum_moves_as_the_reference() {
    sweep(Momentum { coefficient: 0.7 }, Some(0.7));
}

#[test]
fn several_steps_in_a_row_stay_with_the_reference() {
    let case = Case { classes: 2, features: 14, units: &[19, 12, 9], read: 2 };
    let settings =
        Classic { peer: 0.1, negatives: Negatives::Hard, lr_scale: 0.1, ..settings(Momentum { coefficient: 0.9 }) };
    let mut state = case.state(77);
    for step in 0..10 {
        let samples = case.samples(5, 500 + step);
        // The reference starts each step from where the step before left the crate.
        state = compare(&format!("step {step}"), &state, &settings, Some(0.9), &samples, &other(&samples));
    }
}

#[test]
fn a_readout_rate_of_zero_leaves_readout_and_its_velocity_alone() {
    let case = Case { classes: 2, features: 9, units: &[12, 10], read: 1 };
    for negatives in [Negatives::Uniform, Negatives::Hard] {
        let readout = StepSize { learning_rate: 0.0, weight_decay: 0.5 };
        let settings = Classic { readout, negatives, ..settings(Momentum { coefficient: 0.9 }) };
        let (state, samples) = (case.state(3), case.samples(4, 4));
        let mut after = state.clone();
        after.step(&settings, samples.batch()).unwrap();
        assert_eq!(after.network.readout, state.network.readout);
        assert_eq!(after.velocity.readout, state.velocity.readout);
    }
}

#[test]
fn dropout_silences_the_same_units_in_every_term() {
    for read in [0, 2] {
        for peer in [0.0, 0.4] {
            let case = Case { classes: 2, features: 11, units: &[18, 33, 12], read };
            let (state, samples) = (case.state(91), case.samples(5, 92));
            let settings = Classic { dropout: 0.3, peer, ..settings(Sgd) };
            compare("dropout", &state, &settings, None, &samples, &other(&samples));
        }
    }
}

/// The label rows that a step on one sample changed. Without decay nothing else moves them.
fn touched_labels(before: &State, after: &State) -> Vec<u8> {
    let units = before.network.layers[0].shape.outputs;
    let rows = |state: &State| -> Vec<Vec<f32>> {
        let labels = state.network.layers[0].weights.chunks(units).take(state.network.classes);
        labels.map(<[f32]>::to_vec).collect()
    };
    let changed = rows(before).into_iter().zip(rows(after)).enumerate().filter(|(_, (a, b))| a != b);
    changed.map(|(label, _)| label as u8).collect()
}

#[test]
fn with_more_classes_the_row_that_moved_is_the_wrong_label_that_was_learned() {
    let case = Case { classes: 5, features: 12, units: &[22, 15], read: 1 };
    let layers = StepSize { learning_rate: 0.9, weight_decay: 0.0 };
    let mut drawn = [[0_usize; 5]; 2];
    for seed in 0..60 {
        for (kind, negatives) in [Negatives::Uniform, Negatives::Hard].into_iter().enumerate() {
            let settings = Classic { layers, negatives, peer: 0.2, ..settings(Sgd) };
            let (state, samples) = (case.state(seed), case.samples(1, 300 + seed));
            let mut after = state.clone();
            after.step(&settings, samples.batch()).unwrap();
            let mut touched = touched_labels(&state, &after);
            assert_eq!(touched.len(), 2, "a true and a wrong label: {touched:?}");
            touched.retain(|label| *label != samples.labels[0]);
            assert_eq!(touched.len(), 1, "the true label is one of them");
            compare("five classes", &state, &settings, None, &samples, &touched);
            drawn[kind][usize::from(touched[0])] += 1;
        }
    }
    assert!(drawn.iter().flatten().all(|&count| count > 0), "every class is drawn at times: {drawn:?}");
}

#[test]
fn the_report_is_what_the_passes_saw_before_anything_moved() {
    let case = Case { classes: 2, features: 11, units: &[13, 9, 10], read: 2 };
    let (mut state, samples) = (case.state(8), case.samples(6, 9));
    let model = common::reference::Model::of(&state.network);
    let report = state.step(&settings(Sgd), samples.batch()).unwrap();

    let mean = |labels: &[u8], l: usize| {
        let rows = labels.iter().enumerate().map(|(b, &label)| {
            let input = common::reference::labelled(2, label, samples.image(b));
            common::reference::goodness(&model.pass(input, Dropout::NONE, 0)[l].activities)
        });
        rows.sum::<f64>() / (samples.labels.len() * case.units[l]) as f64
    };
    for (l, seen) in report.layers.iter().enumerate() {
        assert_close("positive", &wide(&[seen.positive]), &[mean(&samples.labels, l)], 1e-5);
        assert_close("negative", &wide(&[seen.negative]), &[mean(&other(&samples), l)], 1e-5);
    }
    let missed = (0..samples.labels.len()).filter(|&b| {
        let fired = model.pass(common::reference::neutral(2, samples.image(b)), Dropout::NONE, 0);
        let p = model.probabilities(&fired);
        u8::from(p[1] > p[0]) != samples.labels[b]
    });
    assert_eq!(report.layers.len(), 3);
    assert_eq!(report.errors, Some(missed.count()));
}
