//! What `micromath` costs in accuracy: the handwritten digits, learned by either arithmetic.
//!
//! The same tests run with both features, `cargo xtask test` sees to it.

use ff_core::classic::Classic;
use ff_core::classify::{self, ScoredLayers};
use ff_core::kernel::Portable;
use ff_core::learner::Learner;
use ff_core::math;
use ff_core::network::{Dense2, Network};
use ff_core::optimiser::{Stateless, StepSize};
use ff_core::random::Rng;
use ff_core::sample::Batch;

/// 1,797 records of 64 pixels (0 to 16) and a label.
static RECORDS: &[u8] = include_bytes!("data/digits8x8.bin");

type Net = Network<Dense2<74, 32, 32>, 10>;
const SETTINGS: Classic = Classic { layers: StepSize { learning_rate: 0.01, weight_decay: 0.0 }, ..Classic::SMALL };
const PASSES: usize = 20;

/// The images and labels of one part; every fifth record is held out.
fn part(held_out: bool) -> (Vec<f32>, Vec<u8>) {
    let records = RECORDS.chunks_exact(65).enumerate().filter(|(index, _)| (index % 5 == 4) == held_out);
    let (pixels, labels): (Vec<_>, Vec<_>) = records.map(|(_, record)| (&record[..64], record[64])).unzip();
    (pixels.concat().into_iter().map(|pixel| f32::from(pixel) / 16.0).collect(), labels)
}

/// Learns the digits one at a time; returns how many of the 359 held-out ones it then gets wrong.
fn errors(seed: u64) -> usize {
    let mut net = Box::new(Net::ZEROED);
    let mut rng = Rng::new(seed);
    net.randomise(&mut rng);
    let mut scratch = vec![0.0; 100_000];
    let (images, labels) = part(false);
    for turn in 0..PASSES * labels.len() {
        let index = turn % labels.len();
        let mut learner = Learner {
            network: &mut *net,
            state: &mut Stateless,
            means: &mut [],
            scratch: &mut scratch,
            rng: &mut rng,
            kernel: &mut Portable,
        };
        let batch = Batch { samples: &images[index * 64..][..64], labels: &labels[index..=index] };
        // The full rate for the first half, then down to 0, so that the last steps are no lottery.
        let lr_scale = (2.0 * (1.0 - turn as f32 / (PASSES * labels.len()) as f32)).min(1.0);
        Classic { lr_scale, ..SETTINGS }.step(&mut learner, batch).unwrap();
    }
    let (images, labels) = part(true);
    let mut scores = vec![0.0; 10 * labels.len()];
    classify::by_goodness(&*net, &images, ScoredLayers::ALL, &mut scratch, &mut Portable, &mut scores).unwrap();
    scores.chunks(10).zip(&labels).filter(|(scores, label)| classify::best(scores) != **label).count()
}

/// Errors that four seeds may make together by `libm`: a fifth more than they did (67).
const EXACT: usize = 80;
/// How many more approximate arithmetic may cost: one image of a hundred.
const DROP: usize = 4 * 359 / 100;

#[test]
fn either_arithmetic_learns_the_digits() {
    let errors = [1, 2, 3, 4].map(errors);
    let bound = if cfg!(feature = "micromath") { EXACT + DROP } else { EXACT };
    println!("errors of 359 for four seeds: {errors:?}");
    assert!(errors.iter().sum::<usize>() <= bound, "{errors:?} of 359 wrong: together at most {bound} are allowed");
}

/// The largest relative error of a function over some arguments.
fn worst(arguments: impl Iterator<Item = f32>, ours: fn(f32) -> f32, exact: fn(f64) -> f64) -> f64 {
    let error = |x: f32| (f64::from(ours(x)) / exact(f64::from(x)) - 1.0).abs();
    arguments.map(error).fold(0.0, f64::max)
}

#[test]
fn exp_and_sqrt_are_as_close_as_promised() {
    let bound = if cfg!(feature = "micromath") { 0.065 } else { 1e-6 };
    let exp = worst((-800..=800).map(|i| i as f32 * 0.1), math::exp, f64::exp);
    let sqrt = worst((1..4000).map(|i| i as f32 * i as f32 * 1e-3), math::sqrt, f64::sqrt);
    println!("largest relative errors: exp {exp:.2e}, sqrt {sqrt:.2e}");
    assert!(exp <= bound && sqrt <= bound, "exp {exp}, sqrt {sqrt}: at most {bound} is promised");
}

#[test]
fn the_edges_stay_finite_and_in_range() {
    for x in [f32::MIN, -1e4, -88.0, -1e-30, 0.0, 1e-30, 88.0, 1e4, f32::MAX] {
        let p = math::sigmoid(x);
        assert!((0.0..=1.0).contains(&p), "sigmoid({x}) = {p}");
        assert!(math::exp(-x.abs()).is_finite(), "exp({})", -x.abs());
    }
    assert!(math::sqrt(0.0).abs() < 1e-15, "sqrt(0) = {}", math::sqrt(0.0));
    let mut row = [1e30, -1e30, 3.0];
    math::softmax(&mut row);
    assert!(row.iter().all(|p| (0.0..=1.0).contains(p)), "{row:?}");
}
