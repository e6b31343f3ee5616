//! Have the data changed?
//!
//! The goodness of a trained network falls when the data become others: a lens gets dirty, a
//! sensor ages, a new writer comes. [`Drift`] watches a running goodness and says when it has
//! fallen (or risen) for good, not for one sample.

use crate::checksum::Crc32;
use crate::error::{self, Error};
use crate::snapshot::{Block, BlockMut, Saved};

use super::moments::Moments;

/// How sensitive a drift flag is: Page's cumulative sum test.
///
/// After a reference period of `reference` values with mean m and deviation s, each value x counts
/// as `z = (x - m) / s`, clipped to ±4 so that no single odd sample is a drift, and
///
/// `low <- max(0, low - z - slack)`, `high <- max(0, high + z - slack)`;
///
/// the flag is up while one of them exceeds `limit`.
///
/// With independent, normally distributed values and b = limit + 1.166 a false alarm comes, on
/// either side, once in about `(e^(2 slack b) - 2 slack b - 1) / (2 slack²)` values, and a fall by
/// d > slack deviations is noticed after about `limit / (d - slack)`. The defaults: one in 140,000
/// a side, and 20 values for a fall by one deviation. The error of the reference's own mean adds
/// to both: make it long, 200 values and more.
///
/// Use when the change is lasting and a threshold on a single sample would either cry wolf or see
/// nothing. Avoid when the network still improves quickly: goodness then rises by itself; watch for
/// [`Signal::Fallen`] only, and [restart](Drift::restart) now and then. Source: Page 1954; the
/// run lengths are Siegmund's approximation (1985).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cusum {
    /// How many values make the reference, at least 2.
    pub reference: u32,
    /// How much of each value is forgiven, in deviations; half the fall that matters is best.
    pub slack: f32,
    /// The sum at which the flag goes up, in deviations.
    pub limit: f32,
}

impl Cusum {
    /// For falls by about a deviation, with hardly a false alarm.
    pub const STEADY: Self = Self { reference: 200, slack: 0.5, limit: 10.0 };

    /// Refuses settings outside their ranges.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting.
    pub fn check(&self) -> Result<(), Error> {
        if self.reference < 2 {
            return Err(Error::Setting { name: "drift reference" });
        }
        error::within("drift slack", self.slack, 0.0, CLIP)?;
        error::within("drift limit", self.limit, f32::MIN_POSITIVE, 1e6)
    }
}

/// What the flag says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Signal {
    /// The reference is still being taken.
    Learning,
    /// Nothing has changed.
    Steady,
    /// Values have fallen for good: the data are others than the network knows.
    Fallen,
    /// Values have risen for good.
    Risen,
}

/// The flag's state: 20 bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    reference: Moments,
    /// The two cumulative sums, low and high.
    sums: [f32; 2],
}

/// The most that one value counts, in deviations.
const CLIP: f32 = 4.0;

impl Drift {
    /// Before the first value.
    pub const ZEROED: Self = Self { reference: Moments::ZEROED, sums: [0.0; 2] };

    /// Takes one value.
    ///
    /// # Errors
    /// [`Error::NotFinite`] and [`Error::Setting`]: nothing has changed.
    pub fn observe(&mut self, settings: &Cusum, value: f32) -> Result<Signal, Error> {
        settings.check()?;
        error::finite("value", &[value])?;
        if self.reference.count() < settings.reference {
            self.reference.add(value)?;
            return Ok(Signal::Learning);
        }
        let z = self.standardised(value);
        let [low, high] = &mut self.sums;
        // Once far above the limit a sum need not grow: it would only take longer to come down.
        let bounded = |sum: f32| sum.clamp(0.0, 2.0 * settings.limit);
        *low = bounded(*low - z - settings.slack);
        *high = bounded(*high + z - settings.slack);
        Ok(match (*low > settings.limit, *high > settings.limit) {
            (true, _) => Signal::Fallen,
            (_, true) => Signal::Risen,
            _ => Signal::Steady,
        })
    }

    /// Takes a new reference from here on: after the network has learned the change.
    pub fn restart(&mut self) {
        *self = Self::ZEROED;
    }

    /// Deviations from the reference's mean, clipped. Where the reference never varied, any
    /// difference counts as much as the clipping lets it.
    fn standardised(&self, value: f32) -> f32 {
        let (difference, deviation) = (value - self.reference.mean(), self.reference.deviation());
        let bound = CLIP * deviation;
        if difference >= bound.max(f32::MIN_POSITIVE) {
            CLIP
        } else if difference <= -bound.max(f32::MIN_POSITIVE) {
            -CLIP
        } else if deviation > 0.0 {
            difference / deviation
        } else {
            0.0
        }
    }
}

impl Saved for Drift {
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"drift");
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        if index == 2 { Some(Block::Floats(&self.sums)) } else { self.reference.block(index) }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        if index == 2 { Some(BlockMut::Floats(&mut self.sums)) } else { self.reference.block_mut(index) }
    }
}
