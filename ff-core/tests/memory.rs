//! What a step costs: every float of memory and every multiply-add is accounted for.

mod common;

use common::state::{Case, State};
use ff_core::classic::Classic;
use ff_core::classify::{self, ScoredLayers};
use ff_core::error::Error;
use ff_core::goodness::{Logistic, Objective};
use ff_core::kernel::{Metered, Portable};
use ff_core::label::Negatives;
use ff_core::layer::Layer;
use ff_core::learner::Learner;
use ff_core::network::{Dense2, Dense3, Network, NoReadout, Readout};
use ff_core::optimiser::{Momentum, Optimiser, Sgd, Stateless, StepSize};

/// Bytes of `floats` 32-bit floats.
const fn bytes(floats: usize) -> usize {
    4 * floats
}

/// Constants, as firmware needs them.
const SMALL: usize = Network::<Dense2<74, 32, 32>, 10>::RAM_BYTES;
const STEP: usize = Classic::SMALL.scratch_floats(Network::<Dense2<74, 32, 32>, 10>::SHAPES, 10, 1);
const MACS_PER_STEP: usize = Classic::SMALL.multiply_adds(Network::<Dense2<74, 32, 32>, 10>::SHAPES, 10, 0, 1);
const CLASSIFY: usize = classify::goodness_floats(Network::<Dense2<74, 32, 32>, 10>::SHAPES, 10, 1);

#[test]
fn a_network_takes_its_weights_and_biases_and_nothing_else() {
    assert_eq!(SMALL, bytes(74 * 32 + 32 + 32 * 32 + 32));
    type Single = Network<(Layer<5, 3>,), 2, NoReadout>;
    assert_eq!((Single::RAM_BYTES, size_of::<Single>()), (bytes(18), bytes(18)));
    type Deep = Network<Dense3<20, 9, 7, 5>, 4, Readout<12, 4>>;
    let floats = 20 * 9 + 9 + 9 * 7 + 7 + 7 * 5 + 5 + 12 * 4;
    assert_eq!((Deep::RAM_BYTES, size_of::<Deep>()), (bytes(floats), bytes(floats)));
    assert_eq!(Deep::FEATURES, 16);
    assert_eq!(size_of::<Stateless>(), 0, "plain descent has no state");
    assert_eq!(size_of::<Classic<Logistic, Sgd>>() + 4, size_of::<Classic<Logistic, Momentum>>());
}

#[test]
fn the_documented_sizes_of_scratch_and_of_a_step() {
    assert_eq!((STEP, CLASSIFY, MACS_PER_STEP), (133, 98, 8320));
}

/// Plain descent takes hardly more than classification: no gradient, no deltas, no tape.
#[test]
fn training_takes_at_most_a_twentieth_more_memory_than_inference() {
    let (training, inference) = (SMALL + bytes(STEP), SMALL + bytes(CLASSIFY));
    assert!(20 * training <= 21 * inference, "{training} bytes, {inference} without training");
}

/// A step under way may wait in a task that moves between threads.
#[test]
fn learners_and_steps_under_way_are_sent() {
    fn is_send<T: Send>() {}
    type Small = Network<Dense2<74, 32, 32>, 10>;
    is_send::<Learner<'_, Small, Stateless, Portable>>();
    is_send::<ff_core::classic::Slices<'_, Small, Stateless, Portable, Logistic, Sgd>>();
    is_send::<ff_core::onepass::Slices<'_, Small, Stateless, Portable, ff_core::onepass::NWay, Sgd>>();
}

const CASES: [Case<'_>; 5] = [
    Case { classes: 2, features: 5, units: &[7], read: 1 },
    Case { classes: 3, features: 11, units: &[6, 13], read: 1 },
    Case { classes: 10, features: 9, units: &[13, 6, 4], read: 2 },
    Case { classes: 4, features: 6, units: &[5, 5, 5, 5], read: 0 },
    Case { classes: 5, features: 8, units: &[3, 20, 2, 9], read: 4 },
];

/// Every combination of settings that changes the memory or the work of a step.
fn every_setting(case: &Case<'_>) -> Vec<Classic<Logistic, Momentum>> {
    let mut all = Vec::new();
    for peer in [0.0, 0.3] {
        for readout in [0.0, 0.2] {
            for negatives in [Negatives::Uniform, Negatives::Hard] {
                if negatives == Negatives::Uniform || case.read > 0 {
                    let readout = StepSize { learning_rate: readout, weight_decay: 0.1 };
                    let optimiser = Momentum { coefficient: 0.5 };
                    all.push(Classic { peer, readout, negatives, dropout: 0.1, optimiser, ..Classic::PUBLISHED });
                }
            }
        }
    }
    all
}

/// Network, velocity, means, generator and report after a step in scratch like this.
fn stepped<G: Objective, O: Optimiser>(
    state: &State,
    settings: &Classic<G, O>,
    case: &Case<'_>,
    rows: usize,
    scratch: &mut [f32],
) -> Result<(Vec<u32>, String), Error> {
    let mut state = state.clone();
    let samples = case.samples(rows, 17);
    let report = state.step_with(settings, samples.batch(), &mut Portable, scratch)?;
    Ok((state.bits(), format!("{report:?}")))
}

#[test]
fn scratch_is_exactly_enough_and_its_content_does_not_matter() {
    for case in CASES {
        let state = case.state(5);
        for settings in every_setting(&case) {
            for rows in [1, 2, 5] {
                let what = format!("{:?} batch {rows} {settings:?}", case.units);
                let exact = settings.scratch_floats(&state.network.shapes(), case.classes, rows);
                let step = |scratch: &mut [f32]| stepped(&state, &settings, &case, rows, scratch);
                let clean = step(&mut vec![0.0; exact]).unwrap();
                assert_eq!(step(&mut vec![f32::NAN; exact]).unwrap(), clean, "{what}: NaN in scratch was read");
                assert_eq!(step(&mut vec![1e30; 2 * exact + 3]).unwrap(), clean, "{what}: more scratch");
                let short = Error::Length { what: "scratch", expected: exact, found: exact - 1 };
                assert_eq!(step(&mut vec![0.0; exact - 1]), Err(short), "{what}");
            }
        }
    }
}

#[test]
fn a_step_takes_the_documented_multiply_adds() {
    for case in CASES {
        for settings in every_setting(&case) {
            for rows in [1, 2, 5] {
                let (mut state, mut kernel) = (case.state(6), Metered::new(Portable));
                let mut scratch = state.scratch(&settings, rows, 0.0);
                state.step_with(&settings, case.samples(rows, 18).batch(), &mut kernel, &mut scratch).unwrap();
                let what = format!("{:?} batch {rows} {settings:?}", case.units);
                let read = case.units.iter().rev().take(case.read).sum();
                let told = settings.multiply_adds(&state.network.shapes(), case.classes, read, rows);
                assert_eq!(kernel.multiply_adds, told as u64, "{what}");
            }
        }
    }
}

#[test]
fn classification_multiplies_the_images_once_for_all_labels() {
    for case in CASES {
        let network = case.state(7).network;
        let samples = case.samples(3, 19);
        let above: usize = case.units.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let first = case.features * case.units[0];
        let mut scores = vec![0.0; 3 * case.classes];
        for rows in [1, case.classes, 3 * case.classes] {
            let mut scratch = vec![0.0; classify::goodness_floats(&network.shapes(), case.classes, rows)];
            let mut kernel = Metered::new(Portable);
            let scored = ScoredLayers::ALL;
            classify::by_goodness(&network, &samples.images, scored, &mut scratch, &mut kernel, &mut scores).unwrap();
            assert_eq!(kernel.multiply_adds, 3 * (first + case.classes * above) as u64, "{:?}", case.units);
        }
        if case.read > 0 {
            let read: usize = case.units.iter().rev().take(case.read).sum();
            let mut scratch = vec![0.0; classify::readout_floats(&network.shapes(), case.classes, 2)];
            let mut kernel = Metered::new(Portable);
            classify::by_readout(&network, &samples.images, &mut scratch, &mut kernel, &mut scores).unwrap();
            assert_eq!(kernel.multiply_adds, 3 * (first + above + case.classes * read) as u64, "{:?}", case.units);
        }
    }
}
