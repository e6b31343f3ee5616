//! Bad input is an error that names the offender, and changes nothing.

use ff_core::classic::Classic;
use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::learner::{Learner, Report};
use ff_core::network::{Dense2, Network, Parameters, Readout};
use ff_core::optimiser::{Stateless, StepSize};
use ff_core::random::Rng;
use ff_core::sample::Batch;

type Net = Network<Dense2<7, 5, 4>, 3>;
const SETTINGS: Classic = Classic::SMALL;
const SCRATCH: usize = SETTINGS.scratch_floats(Net::SHAPES, 3, 2);

fn bits(net: &Net) -> Vec<u32> {
    let (layers, _) = net.views();
    layers.iter().flat_map(|l| l.weights.iter().chain(l.biases)).map(|w| w.to_bits()).collect()
}

fn step<P: Parameters>(
    settings: Classic,
    network: &mut P,
    rng: &mut Rng,
    scratch: &mut [f32],
    batch: Batch<'_>,
) -> Result<Report, Error> {
    let (state, kernel) = (&mut Stateless, &mut Portable);
    settings.step(&mut Learner { network, state, means: &mut [], scratch, rng, kernel }, batch)
}

/// Tries a step that must be refused; returns why.
fn refused(settings: Classic, images: &[f32], labels: &[u8], scratch: usize) -> Error {
    let mut net = Net::ZEROED;
    let mut rng = Rng::new(1);
    net.randomise(&mut rng);
    let (before, state) = (bits(&net), rng.clone());
    let mut scratch = vec![0.0; scratch];
    let error = step(settings, &mut net, &mut rng, &mut scratch, Batch { samples: images, labels }).unwrap_err();
    assert_eq!(bits(&net), before, "{error}: the weights changed");
    assert_eq!(rng, state, "{error}: the generator moved on");
    error
}

const IMAGES: [f32; 8] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

#[test]
fn a_good_step_is_not_refused_and_changes_every_layer() {
    let mut net = Net::ZEROED;
    let mut rng = Rng::new(1);
    net.randomise(&mut rng);
    let before = bits(&net);
    let mut scratch = vec![f32::NAN; SCRATCH];
    let batch = Batch { samples: &IMAGES, labels: &[0, 2] };
    let report = step(SETTINGS, &mut net, &mut rng, &mut scratch, batch).unwrap();
    assert_eq!(report.layers.len(), 2);
    let after = bits(&net);
    let first = 7 * 5 + 5;
    assert_ne!(after[..first], before[..first]);
    assert_ne!(after[first..], before[first..]);
    assert!(after.iter().all(|&b| f32::from_bits(b).is_finite()), "stale scratch was read");
}

#[test]
fn labels_and_lengths_are_named() {
    assert_eq!(refused(SETTINGS, &IMAGES, &[0, 3], SCRATCH), Error::Label { index: 1, label: 3, classes: 3 });
    assert_eq!(
        refused(SETTINGS, &IMAGES[..7], &[0, 1], SCRATCH),
        Error::Length { what: "samples (features alone, without label slots)", expected: 8, found: 7 }
    );
    assert_eq!(refused(SETTINGS, &[], &[], SCRATCH), Error::Length { what: "labels", expected: 1, found: 0 });
    let short = refused(SETTINGS, &IMAGES, &[0, 1], SCRATCH - 1);
    assert_eq!(short, Error::Length { what: "scratch", expected: SCRATCH, found: SCRATCH - 1 });
}

#[test]
fn values_that_are_not_finite_are_named() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut images = IMAGES;
        images[5] = bad;
        assert_eq!(refused(SETTINGS, &images, &[0, 1], SCRATCH), Error::NotFinite { what: "samples", index: 5 });
    }
}

#[test]
fn settings_out_of_range_are_named() {
    let with = |change: &dyn Fn(&mut Classic)| {
        let mut settings = SETTINGS;
        change(&mut settings);
        refused(settings, &IMAGES, &[0, 1], 4 * SCRATCH)
    };
    assert_eq!(with(&|s| s.layers.learning_rate = f32::NAN), Error::Setting { name: "layer rate" });
    assert_eq!(with(&|s| s.layers.learning_rate = f32::INFINITY), Error::Setting { name: "layer rate" });
    // Products of what is allowed are finite.
    assert_eq!(with(&|s| s.layers.learning_rate = 1e30), Error::Setting { name: "layer rate" });
    assert_eq!(with(&|s| s.layers.weight_decay = 1e30), Error::Setting { name: "layer decay" });
    assert_eq!(with(&|s| s.lr_scale = 1e30), Error::Setting { name: "lr_scale" });
    assert_eq!(with(&|s| s.lr_scale = -1.0), Error::Setting { name: "lr_scale" });
    assert_eq!(with(&|s| s.dropout = 1.0), Error::Setting { name: "dropout" });
    assert_eq!(with(&|s| s.goodness.temperature = 0.0), Error::Setting { name: "temperature" });
    assert_eq!(with(&|s| s.peer = 0.1), Error::Length { what: "means", expected: 9, found: 0 });
    assert!(matches!(with(&|s| s.negatives = ff_core::label::Negatives::Hard), Error::Shape { .. }));
}

/// Features whose squares overflow would be seen as black.
#[test]
fn features_too_large_to_be_squared_are_refused() {
    for value in [f32::MAX, -1e19, 1.2e15] {
        let mut images = IMAGES;
        images[2] = value;
        let error = refused(SETTINGS, &images, &[0, 2], SCRATCH);
        assert_eq!(error, Error::NotFinite { what: "samples", index: 2 }, "{value}");
    }
    let images = [1.1e15; 4];
    assert!(Batch { samples: &images, labels: &[0] }.check(4, 3).is_ok());
}

/// A readout that overflows says so, and is not fed what it found.
#[test]
fn a_readout_that_diverged_is_told_and_kept() {
    type Read = Network<Dense2<7, 5, 4>, 3, Readout<4, 3>>;
    let settings = Classic { readout: StepSize { learning_rate: 0.1, weight_decay: 0.0 }, ..SETTINGS };
    let (mut net, mut rng) = (Read::ZEROED, Rng::new(1));
    net.randomise(&mut rng);
    net.views_mut().1.fill(f32::MAX);
    let before = net.views().1.to_vec();
    let mut scratch = vec![0.0; settings.scratch_floats(Read::SHAPES, 3, 2)];
    let batch = Batch { samples: &IMAGES, labels: &[0, 2] };
    assert_eq!(step(settings, &mut net, &mut rng, &mut scratch, batch), Err(Error::Diverged { layer: 2 }));
    assert_eq!(net.views().1, before);
}

/// x86 makes NaNs with the sign bit set.
#[test]
fn roots_of_what_has_none_do_not_panic() {
    for value in [-f32::NAN, -1.0, f32::INFINITY, f32::NEG_INFINITY] {
        let _ = ff_core::math::inverse_sqrt(value);
    }
    let _ = ff_core::label::inverse_norm(&[], 0, 0.0);
}

/// Odd arguments of small functions.
#[test]
fn odd_arguments_do_not_panic() {
    let mut mask = [0.5; 6];
    ff_core::hybrid::draw_mask(usize::MAX, 1, &mut Rng::new(1), &mut mask);
    assert!(mask.iter().all(|&bit| bit == 0.0 || bit == 1.0));
    let _ = ff_core::label::uniform_wrong(255, u32::MAX as usize, u32::MAX);
    assert!(Batch { samples: &[], labels: &[0, 0] }.check(usize::MAX, 2).is_err());
}
