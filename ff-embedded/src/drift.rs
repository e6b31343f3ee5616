//! The stream changes: first the contrast is inverted, then the camera slips as well. A flag rises, the
//! network learns on, and recognises digits again.
//!
//! What is watched is the goodness of the best label, which needs no label to be known: while nothing
//! changes it stays where it is, and it falls when digits look otherwise than those learned. The
//! digits that are watched are the held-out ones, which are never learned.
//!
//! Nothing but the flag decides when to learn again; only learning itself needs true labels. Limits
//! and passes were chosen on training digits.

use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::stream::drift::{Cusum, Drift, Signal};

use crate::app::App;
use crate::digits::{self, Digit, PIXELS};
use crate::learns::{Learns, Share};
use crate::nway::ByGoodness;

/// When the flag goes up: after 200 digits of reference, and hardly ever by chance.
pub const SETTINGS: Cusum = Cusum { limit: 12.0, ..Cusum::STEADY };

/// The most digits of a changed stream until the flag is up.
pub const LATEST: usize = 40;

/// The per cent of the accuracy before the change that learning must bring back.
pub const RECOVERED: usize = 90;

/// How the camera sees a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// For a report.
    pub name: &'static str,
    /// Pixels to the right and down.
    pub shift: (isize, isize),
    /// Whether dark is bright.
    pub inverted: bool,
}

/// What the network learns first.
pub const USUAL: View = View { name: "as usual", shift: (0, 0), inverted: false };

/// What happens to the stream, one after the other.
pub const CHANGES: [View; 2] = [
    View { name: "inverted", shift: (0, 0), inverted: true },
    View { name: "inverted and shifted", shift: (2, 1), inverted: true },
];

impl View {
    /// The features of a digit that is seen so.
    ///
    /// # Errors
    /// None for these data.
    pub fn see(self, digit: Digit, image: &mut [f32; PIXELS]) -> Result<(), Error> {
        digits::features(digit.pixels(), self.shift, image)?;
        if self.inverted {
            image.iter_mut().for_each(|feature| *feature = 1.0 - *feature);
        }
        Ok(())
    }
}

/// What a change did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episode {
    /// Digits watched before the change, those of the reference included.
    pub watched: usize,
    /// Those of them at which the flag was up: false alarms.
    pub false_alarms: usize,
    /// How many changed digits it took until the flag was up, and which way goodness went.
    pub noticed: Option<(usize, Signal)>,
    /// Recognised before the change.
    pub before: Share,
    /// Recognised after it, with nothing learned.
    pub changed: Share,
    /// Recognised once it was learned.
    pub after: Share,
}

impl Episode {
    /// Whether the flag was neither early nor late, and enough was recovered.
    pub fn is_good(&self) -> bool {
        let in_time = self.noticed.is_some_and(|(digits, _)| digits <= LATEST);
        self.false_alarms == 0 && in_time && self.after.reaches(RECOVERED, self.before)
    }
}

/// Watches the stream, changes it, waits for the flag, and learns.
///
/// # Errors
/// [`Error::Diverged`].
pub fn episode<K: Kernel + Copy>(app: &mut App<'_, ByGoodness, K>, from: View, to: View) -> Result<Episode, Error> {
    let before = recognised(app, from)?;
    let mut drift = Drift::ZEROED;
    let (mut watched, mut false_alarms) = (0, 0);
    for digit in digits::held_out().chain(digits::held_out()) {
        watched += 1;
        false_alarms += usize::from(is_up(watch(app, &mut drift, from, digit)?));
    }
    let noticed = notice(app, &mut drift, to)?;
    let changed = recognised(app, to)?;
    learn(app, to)?;
    Ok(Episode { watched, false_alarms, noticed, before, changed, after: recognised(app, to)? })
}

/// What an application does with every digit that it sees.
///
/// # Errors
/// None for these data.
pub fn watch<K: Kernel + Copy>(
    app: &mut App<'_, ByGoodness, K>,
    drift: &mut Drift,
    view: View,
    digit: Digit,
) -> Result<Signal, Error> {
    let mut image = [0.0; PIXELS];
    view.see(digit, &mut image)?;
    let scores = app.scores_of(&image)?;
    drift.observe(&SETTINGS, scores.iter().copied().fold(0.0, f32::max))
}

/// Whether the data are others than those of the reference. Goodness may also rise, as it does for
/// parts of digits.
pub fn is_up(signal: Signal) -> bool {
    matches!(signal, Signal::Fallen | Signal::Risen)
}

fn notice<K: Kernel + Copy>(
    app: &mut App<'_, ByGoodness, K>,
    drift: &mut Drift,
    view: View,
) -> Result<Option<(usize, Signal)>, Error> {
    for (digit, seen) in digits::held_out().zip(1..) {
        let signal = watch(app, drift, view, digit)?;
        if is_up(signal) {
            return Ok(Some((seen, signal)));
        }
    }
    Ok(None)
}

/// Learns the training digits as they are seen now, from the weights that are there.
///
/// # Errors
/// [`Error::Diverged`].
pub fn learn<K: Kernel + Copy>(app: &mut App<'_, ByGoodness, K>, view: View) -> Result<(), Error> {
    app.train(|app, number, lr_scale| {
        let digit = digits::training_digit(number);
        let mut image = [0.0; PIXELS];
        view.see(digit, &mut image)?;
        app.learn(&image, digit.label(), lr_scale).map(drop)
    })
}

/// How many of the held-out digits are recognised when they are seen so.
///
/// # Errors
/// None for these data.
pub fn recognised<K: Kernel + Copy>(app: &mut App<'_, ByGoodness, K>, view: View) -> Result<Share, Error> {
    let mut share = Share::NONE;
    for digit in digits::held_out() {
        let mut image = [0.0; PIXELS];
        view.see(digit, &mut image)?;
        share.count(ff_core::classify::best(app.scores_of(&image)?) == digit.label());
    }
    Ok(share)
}
