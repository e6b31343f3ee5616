//! Save, reset, load and go on: the same bits as if nothing had happened.

mod common;

use common::network::HeapNetwork;
use common::saving::exported;
use common::state::{Case, State};
use ff_core::classic::Classic;
use ff_core::goodness::Logistic;
use ff_core::label::Negatives;
use ff_core::optimiser::{Momentum, Optimiser, Pace, Sgd};
use ff_core::random::Rng;
use ff_core::snapshot::{self, Meta};

const CASE: Case<'static> = Case { classes: 4, features: 11, units: &[13, 9], read: 1 };

fn settings<O>(optimiser: O) -> Classic<Logistic, O> {
    Classic {
        goodness: Logistic { threshold: 0.6, temperature: 4.0 },
        optimiser,
        gain: 0.7,
        layers: Pace { rate: 0.1, decay: 0.04 },
        readout: Pace { rate: 0.1, decay: 0.03 },
        peer: 0.02,
        dropout: 0.2,
        negatives: Negatives::Hard,
    }
}

/// Steps `from..to` of a run, each on its own batch.
fn run<O: Optimiser>(settings: &Classic<Logistic, O>, state: &mut State, from: u64, to: u64) {
    for step in from..to {
        state.step(settings, CASE.samples(3, 100 + step).batch()).unwrap();
    }
}

fn resumes<O: Optimiser>(optimiser: O) {
    const STEPS: u64 = 24;
    let settings = settings(optimiser);
    let mut uninterrupted = CASE.state(1);
    run(&settings, &mut uninterrupted, 0, STEPS);
    for cut in [0, 1, 7, STEPS] {
        let mut before = CASE.state(1);
        run(&settings, &mut before, 0, cut);
        let meta = Meta { steps: cut, samples: 3 * cut, rng: before.rng.state(), ..Meta::START };
        let stored = exported(meta, &[&before.network, &before.velocity, &before.means.as_mut_slice()], 50);

        // Nothing survives but the bytes.
        let zeroed = || HeapNetwork::zeroed(CASE.classes, CASE.features, CASE.units, CASE.read);
        let mut after = State { network: zeroed(), velocity: zeroed(), means: vec![0.0; 22], rng: Rng::new(0) };
        let mut means = after.means.as_mut_slice();
        let meta = snapshot::import_bytes(&stored, &mut [&mut after.network, &mut after.velocity, &mut means]).unwrap();
        after.rng = Rng::from_state(meta.rng);
        run(&settings, &mut after, meta.steps, STEPS);
        assert_eq!(after.bits(), uninterrupted.bits(), "cut after step {cut}");
    }
}

#[test]
fn plain_descent_goes_on_bit_for_bit() {
    resumes(Sgd);
}

#[test]
fn momentum_goes_on_bit_for_bit() {
    resumes(Momentum { coefficient: 0.9 });
}
