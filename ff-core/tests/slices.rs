//! A step in slices: the same bits however it is cut, a bounded cost a slice, and valid weights
//! wherever it is left.

mod common;

use common::state::{Case, State};
use core::task::Poll;
use ff_core::classic::Classic;
use ff_core::error::Error;
use ff_core::goodness::{Logistic, Objective};
use ff_core::kernel::{Metered, Portable};
use ff_core::label::Negatives;
use ff_core::learner::{Frozen, Learner, Report};
use ff_core::optimiser::{Momentum, Optimiser, Sgd, StepSize};
use ff_core::random::Rng;
use ff_core::sample::Batch;

const CASES: [Case<'_>; 4] = [
    Case { classes: 2, features: 5, units: &[7], read: 1 },
    Case { classes: 3, features: 11, units: &[6, 13], read: 1 },
    Case { classes: 10, features: 64, units: &[32, 17], read: 0 },
    Case { classes: 4, features: 30, units: &[5, 21, 4, 9], read: 4 },
];

/// One step, polled with budgets from `budget` until it ends or `polls` are used up: how it ended, and
/// the multiply-adds of all polls.
fn sliced<G: Objective, O: Optimiser>(
    state: &mut State,
    settings: &Classic<G, O>,
    batch: Batch<'_>,
    polls: usize,
    mut budget: impl FnMut() -> usize,
) -> (Option<Result<Report, Error>>, u64) {
    let mut scratch = state.scratch(settings, batch.len(), f32::NAN);
    let largest = settings.largest_piece(&state.network.shapes(), state.network.classes, batch.len());
    let mut kernel = Metered::new(Portable);
    let mut learner = Learner {
        network: &mut state.network,
        state: &mut state.velocity,
        means: &mut state.means,
        scratch: &mut scratch,
        rng: &mut state.rng,
        kernel: &mut kernel,
    };
    let mut step = settings.begin(&mut learner, batch).unwrap();
    let mut allowed = 0;
    for _ in 0..polls {
        let own = budget();
        allowed += own.max(largest) as u64;
        if let Poll::Ready(result) = step.poll(own) {
            assert_eq!(step.poll(own), Poll::Ready(result.clone()), "an ended step stays as it is");
            return (Some(result), kernel.multiply_adds);
        }
    }
    assert!(kernel.multiply_adds <= allowed, "{} multiply-adds of {allowed}", kernel.multiply_adds);
    (None, kernel.multiply_adds)
}

fn every_setting(case: &Case<'_>) -> Vec<Classic<Logistic, Momentum>> {
    let optimiser = Momentum { coefficient: 0.5 };
    let plain = Classic { optimiser, peer: 0.0, negatives: Negatives::Uniform, ..Classic::PUBLISHED };
    let mut all = vec![plain, Classic { peer: 0.2, dropout: 0.1, frozen: Frozen::NONE.with(1), ..plain }];
    if case.read > 0 {
        all.push(Classic { negatives: Negatives::Hard, ..plain });
    }
    all
}

#[test]
fn any_slicing_gives_the_same_bits() {
    let mut rng = Rng::new(9);
    for case in CASES {
        for settings in every_setting(&case) {
            for rows in [1, 3] {
                let samples = case.samples(rows, 31);
                let mut whole = case.state(30);
                let report = whole.step(&settings, samples.batch()).unwrap();
                for most in [1, 50, 500, 5_000, 1_000_000] {
                    let mut state = case.state(30);
                    let budget = || rng.below(most) as usize;
                    let (result, _) = sliced(&mut state, &settings, samples.batch(), usize::MAX, budget);
                    let what = format!("{:?} batch {rows} budgets below {most} {settings:?}", case.units);
                    assert_eq!(result, Some(Ok(report.clone())), "{what}");
                    assert_eq!(state.bits(), whole.bits(), "{what}");
                }
            }
        }
    }
}

#[test]
fn plain_descent_gives_the_same_bits() {
    let settings =
        Classic { layers: StepSize { learning_rate: 0.05, weight_decay: 0.01 }, ..Classic::<Logistic, Sgd>::SMALL };
    for case in CASES {
        let (mut whole, mut state) = (case.state(40), case.state(40));
        let samples = case.samples(1, 41);
        whole.step(&settings, samples.batch()).unwrap();
        sliced(&mut state, &settings, samples.batch(), usize::MAX, || 1);
        assert_eq!(state.bits(), whole.bits(), "{:?}", case.units);
    }
}

/// The n-th poll's cost is what a step cut off after n polls took more than one cut off before.
#[test]
fn no_poll_takes_more_than_its_budget_or_the_largest_piece() {
    for case in CASES {
        for settings in every_setting(&case) {
            let samples = case.samples(1, 51);
            let shapes = case.state(50).network.shapes();
            let largest = settings.largest_piece(&shapes, case.classes, 1) as u64;
            for budget in [0, 40, 300, 2_000] {
                let (mut before, mut polls) = (0, 1);
                loop {
                    let (result, total) = sliced(&mut case.state(50), &settings, samples.batch(), polls, || budget);
                    let own = total - before;
                    let bound = largest.max(budget as u64);
                    assert!(own <= bound, "{:?} poll {polls}: {own} of {bound}", case.units);
                    if result.is_some() {
                        break;
                    }
                    (before, polls) = (total, polls + 1);
                }
            }
        }
    }
}

#[test]
fn a_step_left_anywhere_leaves_finite_weights_that_learn_on() {
    for case in CASES {
        for settings in every_setting(&case) {
            let samples = case.samples(1, 61);
            for polls in 0.. {
                let mut state = case.state(60);
                let (ended, _) = sliced(&mut state, &settings, samples.batch(), polls, || 60);
                let finite = state.network.blocks().iter().all(|(_, block)| block.iter().all(|w| w.is_finite()));
                assert!(finite, "{:?} after {polls} polls", case.units);
                state.step(&settings, samples.batch()).unwrap();
                if ended.is_some() {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_diverged_step_ends_and_says_so_again() {
    let case = CASES[1];
    let mut state = case.state(70);
    state.network.layers[1].biases.fill(f32::MAX);
    let (result, _) = sliced(&mut state, &every_setting(&case)[0], case.samples(1, 71).batch(), usize::MAX, || 10);
    assert_eq!(result, Some(Err(Error::Diverged { layer: 1 })));
}

#[test]
fn the_documented_largest_piece() {
    let shapes = Case { classes: 10, features: 64, units: &[32, 32], read: 0 }.state(1).network.shapes();
    assert_eq!(Classic::SMALL.largest_piece(&shapes, 10, 1), 532);
}
