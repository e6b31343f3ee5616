//! A network that a host has trained on the digits 0 to 7 learns 8 and 9 on the device, and keeps
//! what it knew.
//!
//! It lies in flash ([`digits07`]) and is copied into RAM to go on learning. Digits that come by are
//! offered to a replay memory, as bytes; what is learned is drawn from there, old and new digits
//! alike. A step on new digits alone would wipe out the old ones: [`without_replay`] shows it.
//!
//! Rate, jitter, passes and the memory's size were chosen on every fourth training digit, with a
//! network that had not seen these.

use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::onepass::{LocalCrossEntropy, OnePass};
use ff_core::optimiser::StepSize;
use ff_core::snapshot;
use ff_core::stream::jitter::Jitter;
use ff_core::stream::replay::Balanced;

use crate::app::App;
use crate::digits::{self, CLASSES, Digit, PIXELS};
use crate::digits07;
use crate::learns::{Learns, Share};
use crate::nets::{Memory, Net};

/// The first class that the host has not shown.
pub const FIRST_NEW: u8 = 8;

/// The most that old classes may lose: hundredths of a per cent.
pub const MOST_LOST: usize = 200;

/// The per cent of new digits that must be recognised afterwards.
pub const ENOUGH: usize = 90;

/// Digits that are kept to be learned again, as many of each class as possible.
pub const KEPT: usize = 480;

/// The replay memory: 31 KB.
pub type Replay = Balanced<PIXELS, KEPT, CLASSES>;

/// The host's network, going on.
pub enum Personal {}

impl Net for Personal {
    type Rule = OnePass<LocalCrossEntropy>;
    type Network = digits07::Net;
    type Scratch = [f32; SETTINGS.floats::<digits07::Net>(1)];
    const MEMORY: Memory<Self> = Memory::ZEROED;
    const JITTER: Jitter = Jitter { probability: 0.1, pixels: 1 };
    /// How often as many digits as are kept are drawn.
    const PASSES: usize = 50;

    fn rule(lr_scale: f32) -> Self::Rule {
        OnePass { lr_scale, ..SETTINGS }
    }
}

/// The host's rule, at a rate for single samples.
const SETTINGS: OnePass<LocalCrossEntropy> = OnePass { layers: STEP_SIZE, labels: STEP_SIZE, ..digits07::RULE };

const STEP_SIZE: StepSize = StepSize { learning_rate: 0.01, weight_decay: 0.0 };

/// How many of the held-out digits are recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(target_os = "none", derive(defmt::Format))]
pub struct Accuracy {
    /// Of the classes that the host has shown.
    pub old: Share,
    /// Of the classes that only the device has seen.
    pub new: Share,
}

impl Accuracy {
    /// Hundredths of a per cent of the old digits that were recognised before and no more are.
    pub const fn lost_since(self, before: Self) -> usize {
        before.old.hundredths().saturating_sub(self.old.hundredths())
    }
}

/// What an application calls first: the host's network, from flash into RAM.
///
/// # Errors
/// [`snapshot::Error::Shape`]: none for this network.
pub fn from_flash<K: Kernel + Copy>(
    memory: &mut Memory<Personal>,
    seed: u64,
    kernel: K,
) -> Result<App<'_, Personal, K>, snapshot::Error> {
    snapshot::copy(&digits07::NET, &mut memory.learning.network)?;
    Ok(App::resume(memory, seed, kernel))
}

/// Digits come by, the old classes first: each may be kept.
///
/// # Errors
/// None for these data.
pub fn collect<K: Kernel + Copy>(app: &mut App<'_, Personal, K>, replay: &mut Replay) -> Result<(), Error> {
    let (old, new) = (digits::training().filter(is_old), digits::training().filter(is_new));
    for digit in old.chain(new) {
        replay.offer(digit.pixels(), digit.label(), app.rng())?;
    }
    Ok(())
}

/// Learns what is kept, drawn at random, learning rate falling linearly.
///
/// # Errors
/// [`Error::Diverged`].
pub fn learn<K: Kernel + Copy>(app: &mut App<'_, Personal, K>, replay: &Replay) -> Result<(), Error> {
    let turns = Personal::PASSES * KEPT;
    for turn in 0..turns {
        if let Some((pixels, label)) = replay.kept().draw(app.rng()) {
            app.learn_pixels(pixels, label, 1.0 - turn as f32 / turns as f32)?;
        }
    }
    Ok(())
}

/// What not to do: every new digit is learned as it comes, once, and nothing else.
///
/// # Errors
/// [`Error::Diverged`].
pub fn without_replay<K: Kernel + Copy>(app: &mut App<'_, Personal, K>) -> Result<(), Error> {
    digits::training().filter(is_new).try_for_each(|digit| app.step(digit, 1.0).map(drop))
}

/// Reads the held-out digits.
///
/// # Errors
/// None for these data.
pub fn accuracy<K: Kernel + Copy>(app: &mut App<'_, Personal, K>) -> Result<Accuracy, Error> {
    let old = app.share(digits::held_out().filter(is_old))?;
    Ok(Accuracy { old, new: app.share(digits::held_out().filter(is_new))? })
}

fn is_new(digit: &Digit) -> bool {
    digit.label() >= FIRST_NEW
}

fn is_old(digit: &Digit) -> bool {
    !is_new(digit)
}
