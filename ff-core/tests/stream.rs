//! Drift, anomalies, patience and rollback on numbers whose answer is known.

mod common;

use common::flash::Flash;
use common::saving::exported;
use ff_core::error::Error;
use ff_core::network::{Dense2, Network};
use ff_core::random::Rng;
use ff_core::snapshot::{self, Meta};
use ff_core::store::Store;
use ff_core::stream::anomaly::LowTail;
use ff_core::stream::drift::{Cusum, Drift, Signal};
use ff_core::stream::jitter::Jitter;
use ff_core::stream::moments::Moments;
use ff_core::stream::patience::{Patience, Stopping, Verdict};
use ff_core::stream::rollback::{Decision, Rollback, Tolerance};

#[test]
fn moments_agree_with_two_passes() {
    let mut rng = Rng::new(1);
    let values: Vec<f32> = (0..5000).map(|_| 100.0 + 3.0 * rng.normal()).collect();
    let mut moments = Moments::ZEROED;
    assert_eq!((moments.mean(), moments.deviation()), (0.0, 0.0));
    values.iter().for_each(|&value| moments.add(value).unwrap());
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / 5000.0;
    let variance = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / 4999.0;
    assert!((f64::from(moments.mean()) - mean).abs() < 1e-3);
    assert!(
        (f64::from(moments.deviation()) / variance.sqrt() - 1.0).abs()
            < if cfg!(feature = "micromath") { 0.1 } else { 1e-3 }
    );
    let before = moments.clone();
    for bad in [f32::NAN, f32::INFINITY, f32::MAX] {
        assert!(matches!(moments.add(bad), Err(Error::NotFinite { .. })));
    }
    assert_eq!(moments, before);
}

/// Values until the flag goes up, `shift` deviations from the reference on.
fn run_length(settings: &Cusum, seed: u64, shift: f32, wanted: Signal, most: u32) -> Option<u32> {
    let (mut drift, mut rng) = (Drift::ZEROED, Rng::new(seed));
    for _ in 0..settings.reference {
        assert_eq!(drift.observe(settings, 5.0 + 2.0 * rng.normal()), Ok(Signal::Learning));
    }
    (1..=most).find(|_| {
        let signal = drift.observe(settings, 5.0 + 2.0 * (rng.normal() + shift)).unwrap();
        assert!(signal == wanted || signal == Signal::Steady, "{signal:?} at a shift of {shift}");
        signal == wanted
    })
}

#[test]
fn a_fall_is_noticed_as_soon_as_the_equation_says() {
    let settings = Cusum { reference: 1000, ..Cusum::STEADY };
    for (shift, wanted, delay) in
        [(-1.0, Signal::Fallen, 20.0), (-2.0, Signal::Fallen, 6.7), (1.0, Signal::Risen, 20.0)]
    {
        let runs = (0..200).map(|seed| run_length(&settings, seed, shift, wanted, 500).unwrap());
        let mean = f64::from(runs.sum::<u32>()) / 200.0;
        assert!((mean / delay - 1.0).abs() < 0.25, "{mean} values on average at a shift of {shift}, not {delay}");
    }
}

#[test]
fn false_alarms_are_as_rare_as_the_equation_says() {
    // A lower limit, so that there are enough of them to count.
    let settings = Cusum { reference: 20_000, slack: 0.5, limit: 4.0 };
    let b = 2.0 * 0.5 * (4.0 + 1.166_f64);
    let expected = (b.exp() - b - 1.0) / (2.0 * 0.25);
    let runs = (0..300).map(|seed| {
        let (mut drift, mut rng) = (Drift::ZEROED, Rng::new(seed));
        (0..).find(|_| drift.observe(&settings, rng.normal()).unwrap() == Signal::Fallen).unwrap() - 20_000
    });
    let mean = f64::from(runs.sum::<i32>()) / 300.0;
    assert!((mean / expected - 1.0).abs() < 0.25, "one in {mean}, not in {expected}");
    let steady = Cusum { reference: 20_000, ..Cusum::STEADY };
    let mut drift = Drift::ZEROED;
    let mut rng = Rng::new(1);
    let alarms = (0..40_000).filter(|_| drift.observe(&steady, rng.normal()).unwrap() == Signal::Fallen).count();
    assert_eq!(alarms, 0);
}

#[test]
fn one_odd_sample_is_no_drift_and_a_restart_takes_a_new_reference() {
    let settings = Cusum { reference: 10, ..Cusum::STEADY };
    let mut drift = Drift::ZEROED;
    for turn in 0..10 {
        drift.observe(&settings, if turn % 2 == 0 { 1.0 } else { -1.0 }).unwrap();
    }
    let signals = [-1e30; 3].map(|odd| drift.observe(&settings, odd).unwrap());
    assert_eq!(signals, [Signal::Steady, Signal::Steady, Signal::Fallen]);
    let before = drift.clone();
    assert!(matches!(drift.observe(&settings, f32::NAN), Err(Error::NotFinite { .. })));
    for bad in [Cusum { reference: 1, ..settings }, Cusum { slack: -0.1, ..settings }, Cusum { limit: 0.0, ..settings }]
    {
        assert!(matches!(drift.observe(&bad, 0.0), Err(Error::Setting { .. })));
    }
    assert_eq!(drift, before);
    // It comes down again by itself, though not at once.
    assert!((0..60).any(|_| drift.observe(&settings, 0.3).unwrap() == Signal::Steady));
    drift.restart();
    assert_eq!(drift.observe(&settings, -1e30), Ok(Signal::Learning));
}

#[test]
fn a_reference_without_any_spread_still_works() {
    let settings = Cusum { reference: 5, ..Cusum::STEADY };
    let mut drift = Drift::ZEROED;
    for _ in 0..50 {
        assert_ne!(drift.observe(&settings, 7.0), Ok(Signal::Fallen));
    }
    assert!((0..5).any(|_| drift.observe(&settings, 6.9).unwrap() == Signal::Fallen));
}

#[test]
fn the_tail_is_the_lowest_values_and_keeps_its_promise() {
    let mut rng = Rng::new(2);
    let samples = LowTail::<16>::samples_for(0.01);
    assert_eq!((samples, LowTail::<2>::samples_for(0.2), LowTail::<3>::samples_for(1.0)), (1599, 9, 2));
    let mut alarms = 0;
    for _ in 0..200 {
        let mut tail = LowTail::<16>::ZEROED;
        let mut values = Vec::new();
        for turn in 0..samples {
            assert_eq!(tail.threshold().is_some(), turn >= 16);
            // Far from normal, as goodness is.
            let value = rng.normal().abs().powi(3);
            values.push(value);
            tail.calibrate(value).unwrap();
        }
        values.sort_by(f32::total_cmp);
        assert_eq!((tail.threshold(), tail.count()), (Some(values[15]), samples));
        assert!((tail.false_alarms().unwrap() - 0.01).abs() < 1e-6);
        alarms += (0..500).filter(|_| tail.is_anomaly(rng.normal().abs().powi(3))).count();
    }
    // 1,000 expected; calibrations alone scatter by 25 % / sqrt(200).
    assert!((880..1120).contains(&alarms), "{alarms} false alarms in 100,000");
}

#[test]
fn a_tail_that_is_not_full_accuses_nobody() {
    let mut tail = LowTail::<3>::ZEROED;
    assert!(!tail.is_anomaly(-1e9) && tail.false_alarms().is_none());
    for bad in [f32::NAN, f32::INFINITY] {
        assert!(matches!(tail.calibrate(bad), Err(Error::NotFinite { .. })));
    }
    [3.0, 1.0, 2.0].iter().for_each(|&goodness| tail.calibrate(goodness).unwrap());
    assert_eq!(tail.threshold(), Some(3.0));
    assert!(tail.is_anomaly(f32::NAN) && tail.is_anomaly(2.9) && !tail.is_anomaly(3.0));
    assert_eq!(LowTail::<3>::samples_for(0.0), u32::MAX - 1);
}

#[test]
fn patience_ends_after_so_many_judgements_without_progress() {
    use Verdict::{Better, Stop, Waiting};
    let settings = Stopping { patience: 3, least: 0.5 };
    let mut patience = Patience::ZEROED;
    assert_eq!(patience.best(), None);
    let judged = [10.0, 9.6, 9.0, 9.0, 8.6, f32::NAN, 8.4, 8.4, 8.4, 8.4, 7.0];
    let verdicts = [Better, Waiting, Better, Waiting, Waiting, Stop, Better, Waiting, Waiting, Stop, Better];
    for (error, verdict) in judged.into_iter().zip(verdicts) {
        assert_eq!(patience.judge(&settings, error), Ok(verdict), "{error}");
    }
    assert_eq!(patience.best(), Some(7.0));
    let mut diverged = Patience::ZEROED;
    let verdicts = [f32::NAN, f32::INFINITY, f32::NAN].map(|error| diverged.judge(&settings, error).unwrap());
    assert_eq!((verdicts, diverged.best()), ([Waiting, Waiting, Stop], None));
    assert_eq!(diverged.judge(&settings, 3.0), Ok(Better));
    for bad in [Stopping { patience: 0, least: 0.0 }, Stopping { patience: 1, least: f32::NAN }] {
        assert!(matches!(patience.judge(&bad, 0.0), Err(Error::Setting { .. })));
    }
}

type Net = Network<Dense2<4, 3, 2>, 2>;

fn mark(net: &mut Net, value: f32) {
    net.layers.0.biases = [value; 3];
}

const TOLERANCE: Tolerance = Tolerance { fall: 0.05 };
const JUDGED: [f32; 7] = [0.70, 0.80, 0.78, 0.75, 0.70, 0.80, 0.90];

/// What the network's mark is after each judgement, when learning marks it with the turn.
const MARKS: [f32; 7] = [0.0, 1.0, 2.0, 3.0, 1.0, 5.0, 6.0];

#[test]
fn rollback_with_a_spare_network() {
    let (mut rollback, mut live, mut spare) = (Rollback::ZEROED, Net::ZEROED, Net::ZEROED);
    for (turn, accuracy) in JUDGED.into_iter().enumerate() {
        mark(&mut live, turn as f32);
        let decision = rollback.judge(TOLERANCE, accuracy).unwrap();
        rollback.act_with_spare(decision, accuracy, &mut live, &mut spare).unwrap();
        assert_eq!(live.layers.0.biases, [MARKS[turn]; 3], "{decision:?} at turn {turn}");
    }
    let mut wrong = [0.0_f32; 3];
    let refused = rollback.act_with_spare(Decision::Restore, 0.1, &mut live, &mut wrong);
    assert!(matches!(refused, Err(snapshot::Error::Shape { .. })));
    assert!(matches!(rollback.judge(TOLERANCE, f32::NAN), Err(Error::NotFinite { .. })));
    assert!(matches!(rollback.judge(Tolerance { fall: -1.0 }, 0.5), Err(Error::Setting { .. })));
    assert_eq!(rollback.judge(TOLERANCE, 0.1), Ok(Decision::Restore));
    rollback.saved(f32::NAN);
    assert_eq!(rollback.judge(TOLERANCE, 0.1), Ok(Decision::Save), "any accuracy is better than none");
    rollback.reset();
    assert_eq!(rollback.judge(TOLERANCE, 0.1), Ok(Decision::Save));
}

#[test]
fn rollback_with_a_store() {
    let flash = Flash::<4, 256>::new(4, 1);
    let mut buffer = [0; 64];
    let mut store = Store::open(flash, [0..512, 512..1024], &mut buffer).unwrap();
    let (mut rollback, mut live) = (Rollback::ZEROED, Net::ZEROED);
    for (turn, accuracy) in JUDGED.into_iter().enumerate() {
        mark(&mut live, turn as f32);
        let now = Meta { steps: turn as u64, ..Meta::START };
        let decision = rollback.judge(TOLERANCE, accuracy).unwrap();
        let meta = rollback.act_with_store(decision, accuracy, now, &mut live, &mut store, &mut buffer).unwrap();
        assert_eq!((live.layers.0.biases, meta.steps as f32), ([MARKS[turn]; 3], MARKS[turn]), "turn {turn}");
    }
}

#[test]
fn every_part_can_be_saved_in_the_middle() {
    let settings = Cusum { reference: 4, ..Cusum::STEADY };
    let mut rng = Rng::new(8);
    let (mut drift, mut tail, mut patience, mut rollback) =
        (Drift::ZEROED, LowTail::<5>::ZEROED, Patience::ZEROED, Rollback::ZEROED);
    let fresh = exported(Meta::START, &[&drift, &tail, &patience, &rollback], 64);
    for _ in 0..9 {
        drift.observe(&settings, rng.normal()).unwrap();
        tail.calibrate(rng.normal()).unwrap();
        patience.judge(&Stopping { patience: 2, least: 0.0 }, rng.unit()).unwrap();
        rollback.saved(rng.unit());
    }
    let bytes = exported(Meta::START, &[&drift, &tail, &patience, &rollback], 64);
    assert_ne!(bytes, fresh);
    let mut loaded = (Drift::ZEROED, LowTail::<5>::ZEROED, Patience::ZEROED, Rollback::ZEROED);
    snapshot::import_bytes(&bytes, &mut [&mut loaded.0, &mut loaded.1, &mut loaded.2, &mut loaded.3]).unwrap();
    assert_eq!(loaded, (drift, tail, patience, rollback));
    assert_eq!(
        size_of::<Drift>() + size_of::<LowTail<5>>() + size_of::<Patience>() + size_of::<Rollback>(),
        20 + 24 + 16
    );
}

#[test]
fn jitter_moves_as_often_and_as_far_as_it_says() {
    let (jitter, mut rng) = (Jitter { probability: 0.25, pixels: 2 }, Rng::new(1));
    let mut counts = [[0_u32; 5]; 5];
    for _ in 0..40_000 {
        let (right, down) = jitter.draw(&mut rng);
        counts[(down + 2) as usize][(right + 2) as usize] += 1;
    }
    // A drawn move may be none: 30,000 stay, and 400 of the others at each of 25 places.
    let stayed = std::mem::take(&mut counts[2][2]);
    assert!((30_400 - 400..30_400 + 400).contains(&stayed), "{stayed}");
    assert!(counts.as_flattened().iter().all(|&count| count == 0 || (300..500).contains(&count)), "{counts:?}");
    assert_eq!(counts.as_flattened().iter().filter(|&&count| count == 0).count(), 1);
}

#[test]
fn jitter_that_cannot_move_draws_nothing_and_a_bad_probability_is_refused() {
    for jitter in [Jitter::NONE, Jitter { probability: 1.0, pixels: 0 }, Jitter { probability: 0.0, pixels: 3 }] {
        let mut rng = Rng::new(1);
        assert_eq!((jitter.draw(&mut rng), rng), ((0, 0), Rng::new(1)));
    }
    for probability in [-0.1, 1.1, f32::NAN] {
        let refused = Jitter { probability, pixels: 1 }.check();
        assert_eq!(refused, Err(Error::Setting { name: "jitter probability" }));
    }
    let mut rng = Rng::new(1);
    let farthest = Jitter { probability: 1.0, pixels: u8::MAX };
    (0..1000).for_each(|_| assert!(farthest.draw(&mut rng).0.abs() <= 255));
}
