//! Drift and anomalies on real digits: a network that learned them sees others.
//!
//! The signal is the goodness of the best label. It falls on inverted digits and on noise. It rises
//! on half a digit, so a test for low goodness alone would miss that: a drift flag looks both ways.

use ff_core::prelude::*;
use ff_core::stream::anomaly::LowTail;
use ff_core::stream::drift::{Cusum, Drift, Signal};
use ff_embedded::digits::{self, BRIGHTEST, CLASSES, Digit, PIXELS};

type Net = Network<Dense2<{ CLASSES + PIXELS }, 32, 32>, CLASSES>;
const SETTINGS: Classic = Classic { layers: StepSize { learning_rate: 0.01, weight_decay: 0.0 }, ..Classic::SMALL };
type Mem = Memory<Net, { SETTINGS.floats::<Net>(1) }>;

/// What is done to a pixel, by its place and value.
type Change = fn(usize, f32) -> f32;

const NONE: Change = |_, value| value;
const INVERTED: Change = |_, value| 1.0 - value;
const LEFT_HALF: Change = |place, value| if place % 8 < 4 { value } else { 0.0 };
/// Every third pixel inverted.
const SPECKLED: Change = |place, value| if place % 3 == 0 { 1.0 - value } else { value };

fn features(digit: Digit, change: Change) -> [f32; PIXELS] {
    core::array::from_fn(|place| change(place, f32::from(digit.pixels()[place]) / f32::from(BRIGHTEST)))
}

fn trained() -> Box<Mem> {
    let mut memory = Box::new(Mem::ZEROED);
    let mut trainer = Trainer::new(SETTINGS, &mut *memory, 1);
    for _ in 0..6 * digits::TRAINING {
        let digit = digits::training_digit(trainer.memory.rng.below(digits::TRAINING as u32) as usize);
        trainer.step(&features(digit, NONE), &[digit.label()]).unwrap();
    }
    memory
}

/// The goodness of the best label of each held-out digit.
fn goodness(memory: &mut Mem, change: Change) -> Vec<f32> {
    let mut trainer = Trainer::resume(SETTINGS, memory);
    let mut best = |digit| {
        let scores = trainer.scores(&features(digit, change)).unwrap();
        scores.iter().copied().fold(0.0, f32::max)
    };
    digits::held_out().map(&mut best).collect()
}

#[test]
fn the_drift_flag_rises_when_the_digits_change_and_not_before() {
    let mut memory = trained();
    let (settings, mut drift) = (Cusum::STEADY, Drift::ZEROED);
    let mut observe = |goodness| drift.observe(&settings, goodness).unwrap();
    for (turn, goodness) in goodness(&mut memory, NONE).into_iter().enumerate() {
        let expected = if turn < 200 { Signal::Learning } else { Signal::Steady };
        assert_eq!(observe(goodness), expected, "digit {turn}");
    }
    let mut delay = |mut drift: Drift, change, signal| {
        let changed = goodness(&mut memory, change).into_iter();
        changed.take(60).position(|goodness| drift.observe(&settings, goodness).unwrap() == signal)
    };
    for (name, change, signal) in [
        ("inverted", INVERTED, Signal::Fallen),
        ("speckled", SPECKLED, Signal::Fallen),
        ("half", LEFT_HALF, Signal::Risen),
    ] {
        let delay = delay(drift.clone(), change, signal);
        assert!(delay.is_some(), "{name}: no {signal:?} within 60 digits");
    }
}

#[test]
fn the_anomaly_threshold_finds_much_of_the_noise_and_accuses_few_digits() {
    let mut memory = trained();
    let normal = goodness(&mut memory, NONE);
    let (calibration, rest) = normal.split_at(LowTail::<8>::samples_for(0.04) as usize);
    let mut tail = LowTail::<8>::ZEROED;
    calibration.iter().for_each(|&goodness| tail.calibrate(goodness).unwrap());
    let share = |goodness: &[f32]| {
        goodness.iter().filter(|&&goodness| tail.is_anomaly(goodness)).count() as f32 / goodness.len() as f32
    };
    let (false_alarms, found) = (share(rest), share(&goodness(&mut memory, SPECKLED)));
    // 1.3 and 50 per cent when this was written; 4 false alarms in a hundred were asked for.
    assert!(false_alarms < 0.1 && found > 0.4, "false alarms {false_alarms}, found {found}");
}
