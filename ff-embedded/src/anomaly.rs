//! Is this a digit like those that were learned?
//!
//! The network learns the digits 0 to 4 and nothing else. The goodness of the best label is then a
//! score of normality: a threshold is calibrated on normal digits that were not learned, and the
//! held-out digits are judged, the normal ones and four kinds of others. How well the two are told
//! apart is the area under the ROC curve, the probability that a normal digit has the higher
//! goodness of the two; 0.5 is chance.
//!
//! Width, passes and jitter were chosen on every fourth training digit.

use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::layer::Layer;
use ff_core::network::{FeaturesOnly, Network, Readout};
use ff_core::onepass::{NWay, OnePass};
use ff_core::optimiser::{Sgd, StepSize};
use ff_core::random::Rng;
use ff_core::stream::anomaly::LowTail;
use ff_core::stream::jitter::Jitter;

use crate::app::App;
use crate::digits::{self, CLASSES, Digit, PIXELS, WIDTH};
use crate::learns::{Learns, Share};
use crate::nets::{Memory, Net};

/// The threshold, at the 8th lowest goodness of the normal digits that it is calibrated on.
pub type Threshold = LowTail<8>;

/// The most normal digits held out.
pub const MOST: usize = 200;

/// The digits below this are normal.
const FIRST_ODD: u8 = 5;

/// Every so many training digits one is not learned, but calibrated on.
const STRIDE: usize = 4;

const UNITS: usize = 48;

type Shape = Network<(Layer<PIXELS, UNITS>,), CLASSES, Readout<UNITS, CLASSES>, FeaturesOnly>;

/// How it learns.
const SETTINGS: OnePass = OnePass::new(NWay::STANDARD, Sgd, StepSize { learning_rate: 0.01, weight_decay: 0.0 });

/// What knows the normal digits.
pub enum Watchman {}

impl Net for Watchman {
    type Rule = OnePass;
    type Network = Shape;
    type Scratch = [f32; SETTINGS.floats::<Shape>(1)];
    const MEMORY: Memory<Self> = Memory::ZEROED;
    const JITTER: Jitter = Jitter { probability: 0.2, pixels: 1 };
    const PASSES: usize = 20;

    fn rule(lr_scale: f32) -> OnePass {
        OnePass { lr_scale, ..SETTINGS }
    }
}

/// What is to be told from normal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// The digits 5 to 9, never seen before.
    OtherDigits,
    /// Normal digits, dark for bright.
    Inverted,
    /// Pixels at random.
    Noise,
    /// The left half of normal digits.
    Halves,
}

/// All kinds.
pub const ALL: [Odd; 4] = [Odd::OtherDigits, Odd::Inverted, Odd::Noise, Odd::Halves];

impl Odd {
    /// For a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OtherDigits => "other digits",
            Self::Inverted => "inverted digits",
            Self::Noise => "noise",
            Self::Halves => "half digits",
        }
    }

    /// The area under the ROC curve that it must have, in thousandths. Half digits are found by
    /// chance or not at all: what is left of a normal digit is normal.
    pub const fn enough(self) -> usize {
        match self {
            Self::OtherDigits => 800,
            Self::Inverted | Self::Noise => 900,
            Self::Halves => 0,
        }
    }

    /// Whether it is made of this digit.
    fn takes(self, digit: Digit) -> bool {
        (self == Self::OtherDigits) != is_normal(digit)
    }

    fn change(self, rng: &mut Rng, image: &mut [f32; PIXELS]) {
        match self {
            Self::OtherDigits => {}
            Self::Inverted => image.iter_mut().for_each(|feature| *feature = 1.0 - *feature),
            Self::Noise => image.iter_mut().for_each(|feature| *feature = rng.unit()),
            Self::Halves => {
                image.as_chunks_mut::<WIDTH>().0.iter_mut().for_each(|row| row[WIDTH / 2..].fill(0.0));
            }
        }
    }
}

/// How well a kind is told from normal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Those with a goodness below the threshold.
    pub flagged: Share,
    /// The area under the ROC curve, in thousandths.
    pub area: usize,
}

/// Learns the normal digits, but for those to calibrate on.
///
/// # Errors
/// [`Error::Diverged`].
pub fn learn<K: Kernel + Copy>(app: &mut App<'_, Watchman, K>) -> Result<(), Error> {
    app.train(|app, number, lr_scale| {
        let digit = digits::training_digit(number);
        let learned = is_normal(digit) && !is_kept(number);
        if learned { app.step(digit, lr_scale).map(drop) } else { Ok(()) }
    })
}

/// The threshold: a normal digit falls below it with a probability that is known.
///
/// # Errors
/// None for these data.
pub fn calibrate<K: Kernel + Copy>(app: &mut App<'_, Watchman, K>) -> Result<Threshold, Error> {
    let mut threshold = Threshold::ZEROED;
    for number in (0..digits::TRAINING).filter(|&number| is_kept(number)) {
        let digit = digits::training_digit(number);
        if is_normal(digit) {
            threshold.calibrate(goodness(app, &pixels(digit)?)?)?;
        }
    }
    Ok(threshold)
}

/// The goodness of every normal digit held out: as many as there are, `MOST` at most, are written.
///
/// # Errors
/// None for these data.
pub fn normal<'s, K: Kernel + Copy>(
    app: &mut App<'_, Watchman, K>,
    scores: &'s mut [f32; MOST],
) -> Result<&'s [f32], Error> {
    let mut count = 0;
    for (score, digit) in scores.iter_mut().zip(digits::held_out().filter(|&digit| is_normal(digit))) {
        *score = goodness(app, &pixels(digit)?)?;
        count += 1;
    }
    Ok(scores.get(..count).unwrap_or_default())
}

/// Judges one kind, beside the scores of normal digits.
///
/// # Errors
/// None for these data.
pub fn judge<K: Kernel + Copy>(
    app: &mut App<'_, Watchman, K>,
    threshold: &Threshold,
    normal: &[f32],
    odd: Odd,
) -> Result<Found, Error> {
    let (mut rng, mut flagged, mut halves) = (Rng::new(1), Share::NONE, 0);
    for digit in digits::held_out().filter(|&digit| odd.takes(digit)) {
        let mut image = pixels(digit)?;
        odd.change(&mut rng, &mut image);
        let goodness = goodness(app, &image)?;
        flagged.count(threshold.is_anomaly(goodness));
        halves += normal.iter().map(|&normal| half_wins(normal, goodness)).sum::<usize>();
    }
    let pairs = normal.len() * flagged.of;
    Ok(Found { flagged, area: (1000 * halves).checked_div(2 * pairs).unwrap_or(0) })
}

/// 2 where the first is higher, 1 where both are the same: over all pairs, twice Mann and Whitney's U.
fn half_wins(normal: f32, odd: f32) -> usize {
    usize::from(normal > odd) + usize::from(normal >= odd)
}

/// The best label's goodness.
fn goodness<K: Kernel + Copy>(app: &mut App<'_, Watchman, K>, image: &[f32; PIXELS]) -> Result<f32, Error> {
    Ok(app.scores_of(image)?.iter().copied().fold(0.0, f32::max))
}

fn pixels(digit: Digit) -> Result<[f32; PIXELS], Error> {
    let mut image = [0.0; PIXELS];
    digits::features(digit.pixels(), (0, 0), &mut image)?;
    Ok(image)
}

fn is_normal(digit: Digit) -> bool {
    digit.label() < FIRST_ODD
}

/// Whether a training digit is calibrated on instead of being learned.
const fn is_kept(number: usize) -> bool {
    number % STRIDE == STRIDE - 1
}
