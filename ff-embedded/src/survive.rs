//! Learning that outlives power cuts: every few hundred steps a snapshot goes to flash, and after
//! a cut the program goes on from the last one.
//!
//! Two slots take turns ([`ff_core::store`]), so a cut in the middle of a save leaves the snapshot
//! before. It holds all that the steps to come depend on: the network, the generator, how many steps
//! were taken, and the generator before it drew the order of this pass. So the end is bit for bit that
//! of a run without a cut.
//!
//! The flash here is memory that start-up leaves alone, and its [`power`](crate::power) ends after so
//! much work, also halfway through writing a word or erasing a page. A product keeps [`live`], and puts
//! its flash driver and nothing in their place.

use core::ops::Range;
use core::sync::atomic::AtomicU32;

use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::random::Rng;
use ff_core::store::{self, Store};
use ff_core::stream::order::Order;

use crate::app::{App, SEED};
use crate::digits::TRAINING;
use crate::learns::Learns;
use crate::nets::{Memory, Net};
use crate::power::{Battery, Flash, Off, PAGE};

/// Steps of the whole run: two passes over the digits.
pub const STEPS: u64 = 2 * TRAINING as u64;

/// Steps from one snapshot to the next.
const STEPS_A_SAVE: u64 = 200;

/// Bytes of a slot: a snapshot of the usual network in whole pages.
const SLOT: u32 = 14 * PAGE as u32;

/// Words of the flash.
pub const WORDS: usize = 2 * SLOT as usize / 4;

const SLOTS: [Range<u32>; 2] = [0..SLOT, SLOT..2 * SLOT];

/// Why a run ended early.
#[derive(Debug)]
#[cfg_attr(target_os = "none", derive(defmt::Format))]
pub enum Ended {
    /// The core refused something.
    Core(Error),
    /// The store did; [`Off`] among the reasons.
    Store(store::Error<Off>),
    /// The power went during a step.
    Off(Off),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<Off> for Ended {
    fn from(off: Off) -> Self {
        Self::Off(off)
    }
}

impl From<store::Error<Off>> for Ended {
    fn from(error: store::Error<Off>) -> Self {
        Self::Store(error)
    }
}

/// From power-on to the last step, or to where the power ends: a checksum of the weights.
/// `resumed` is told which step comes first.
///
/// # Errors
/// See [`Ended`].
pub fn live<N: Net, K: Kernel + Copy>(
    memory: &mut Memory<N>,
    kernel: K,
    flash: &[AtomicU32],
    battery: &Battery,
    resumed: impl FnOnce(u64),
) -> Result<u32, Ended> {
    let mut app = App::start(memory, SEED, kernel);
    let mut buffer = [0; 256];
    let mut store = Store::open(Flash { words: flash, battery }, SLOTS, &mut buffer)?;
    let mut order = match app.trainer(1.0).0.load(&mut store, &mut buffer) {
        Ok(()) => order_before(&app),
        Err(store::Error::Empty) => begin_pass(&mut app),
        Err(error) => return Err(error.into()),
    };
    resumed(app.learning.steps);
    while app.learning.steps < STEPS {
        battery.step()?;
        advance(&mut app, &mut order)?;
        if app.learning.steps.is_multiple_of(STEPS_A_SAVE) {
            app.trainer(1.0).0.save(&mut store, &mut buffer)?;
        }
    }
    Ok(app.checksum())
}

/// The same without cuts, and without flash.
///
/// # Errors
/// As [`Learns::step`].
pub fn uninterrupted<N: Net, K: Kernel + Copy>(memory: &mut Memory<N>, kernel: K) -> Result<u32, Error> {
    let mut app = App::start(memory, SEED, kernel);
    let mut order = begin_pass(&mut app);
    while app.learning.steps < STEPS {
        advance(&mut app, &mut order)?;
    }
    Ok(app.checksum())
}

/// Draws an order, and keeps the generator that it was drawn by where a snapshot keeps it too.
fn begin_pass<N: Net, K: Kernel + Copy>(app: &mut App<'_, N, K>) -> Order {
    let before = app.rng().state();
    let (words, _) = app.learning.user.as_chunks_mut::<4>();
    words.iter_mut().zip(before).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
    app.order()
}

/// The order of the pass that a snapshot was saved in.
fn order_before<N: Net, K: Kernel + Copy>(app: &App<'_, N, K>) -> Order {
    let mut before = [0; 4];
    let (words, _) = app.learning.user.as_chunks::<4>();
    before.iter_mut().zip(words).for_each(|(word, bytes)| *word = u32::from_le_bytes(*bytes));
    Order::draw(&mut Rng::from_state(before), TRAINING as u16)
}

/// Learns the digit whose turn it is.
fn advance<N: Net, K: Kernel + Copy>(app: &mut App<'_, N, K>, order: &mut Order) -> Result<(), Error> {
    let step = app.learning.steps as usize;
    let (pass, turn) = (step / TRAINING, step % TRAINING);
    if turn == 0 && pass > 0 {
        *order = begin_pass(app);
    }
    app.turn(pass, turn, order).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;

    use crate::nets::Usual;
    use crate::power::Work;
    use ff_core::kernel::Portable;
    use ff_core::random;
    use std::thread_local;
    use std::vec::Vec;

    #[test]
    fn cut_in_the_middle_of_everything_and_the_same_in_the_end() {
        thread_local! {
            static CUTS: Cell<[u32; 3]> = const { Cell::new([0; 3]) };
        }
        fn off(work: Work) -> Off {
            CUTS.with(|cuts| {
                let mut all = cuts.get();
                all[work as usize] += 1;
                cuts.set(all);
            });
            Off
        }
        // Any bits: flash as it comes.
        let flash: Vec<AtomicU32> = (0..WORDS as u32).map(|at| AtomicU32::new(random::hash(9, at))).collect();
        let (mut memory, mut boots) = (Usual::MEMORY, 0);
        let checksum = loop {
            boots += 1;
            assert!(boots < 500, "no progress");
            match live(&mut memory, Portable, &flash, &Battery::of_boot(boots, off), |_| {}) {
                Ok(checksum) => break checksum,
                Err(Ended::Off(Off) | Ended::Store(store::Error::Storage(Off))) => {}
                Err(other) => panic!("{other:?}"),
            }
        };
        let cuts = CUTS.with(Cell::get);
        assert!(cuts.iter().all(|&count| count > 0), "{cuts:?} over {boots} boots");
        assert_eq!(checksum, uninterrupted(&mut memory, Portable).unwrap());
    }
}
