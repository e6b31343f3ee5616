//! What programs ask of a network that learns the digits, whatever its rule.

use ff_core::error::Error;
use ff_core::learner::Report;
use ff_core::random::Rng;
use ff_core::stream::order::Order;

use crate::digits::{self, Digit};

/// A network in training, one digit a step, its learning rate falling linearly over all passes.
pub trait Learns {
    /// How often it sees every digit.
    const PASSES: usize;

    /// The generator of order and wrong labels.
    fn rng(&mut self) -> &mut Rng;

    /// Learns one digit.
    ///
    /// # Errors
    /// [`Error::Diverged`]; the data themselves are in range.
    fn step(&mut self, digit: Digit, lr_scale: f32) -> Result<Report, Error>;

    /// What the network takes a digit for.
    ///
    /// # Errors
    /// None for these data.
    fn classify(&mut self, digit: Digit) -> Result<u8, Error>;

    /// The learning-rate scale of a turn: from 1 to 0 in a straight line. Both count from 0.
    fn lr_scale(pass: usize, turn: usize) -> f32 {
        let done = (pass * digits::TRAINING + turn) as f32 / (Self::PASSES * digits::TRAINING) as f32;
        1.0 - done
    }

    /// Draws an order for one pass.
    fn order(&mut self) -> Order {
        Order::draw(self.rng(), digits::TRAINING as u16)
    }

    /// Learns the digit whose turn it is, of [`digits::TRAINING`] in a pass. `pass` counts from 0.
    ///
    /// # Errors
    /// As [`Learns::step`].
    fn turn(&mut self, pass: usize, turn: usize, order: &Order) -> Result<Report, Error> {
        self.step(digits::training_digit(order.at(turn as u16)), Self::lr_scale(pass, turn))
    }

    /// Learns every digit once, in an order of its own. `pass` counts from 0.
    ///
    /// # Errors
    /// As [`Learns::step`].
    fn pass(&mut self, pass: usize) -> Result<(), Error> {
        let order = self.order();
        (0..digits::TRAINING).try_for_each(|turn| self.turn(pass, turn, &order).map(drop))
    }

    /// All passes, with `learn` in the place of a step: it is given the training digit's number, from
    /// 0, and the learning-rate scale, and may leave digits out or show them in another way.
    ///
    /// # Errors
    /// Those of `learn`.
    fn train(&mut self, mut learn: impl FnMut(&mut Self, usize, f32) -> Result<(), Error>) -> Result<(), Error> {
        for pass in 0..Self::PASSES {
            let order = self.order();
            for turn in 0..digits::TRAINING {
                learn(self, order.at(turn as u16), Self::lr_scale(pass, turn))?;
            }
        }
        Ok(())
    }

    /// How many of the held-out digits are recognised.
    ///
    /// # Errors
    /// As [`Learns::classify`].
    fn recognised(&mut self) -> Result<usize, Error> {
        self.share(digits::held_out()).map(|share| share.right)
    }

    /// How many of these digits are recognised.
    ///
    /// # Errors
    /// As [`Learns::classify`].
    fn share(&mut self, digits: impl Iterator<Item = Digit>) -> Result<Share, Error> {
        let mut share = Share::NONE;
        for digit in digits {
            share.count(self.classify(digit)? == digit.label());
        }
        Ok(share)
    }
}

/// How many of how many: digits recognised, samples found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(target_os = "none", derive(defmt::Format))]
pub struct Share {
    /// Those that were.
    pub right: usize,
    /// All.
    pub of: usize,
}

impl Share {
    /// Before the first.
    pub const NONE: Self = Self { right: 0, of: 0 };

    /// One more.
    pub fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.of += 1;
    }

    /// Hundredths of a per cent, rounded down; of nothing, none.
    pub const fn hundredths(self) -> usize {
        match (10_000 * self.right).checked_div(self.of) {
            Some(hundredths) => hundredths,
            None => 0,
        }
    }

    /// Whether it is at least so many per cent of another share.
    pub const fn reaches(self, percent: usize, other: Self) -> bool {
        100 * self.right * other.of >= percent * other.right * self.of
    }

    /// Whether it is at least so many per cent.
    pub const fn reaches_percent(self, percent: usize) -> bool {
        self.reaches(percent, Self { right: 1, of: 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_compare_exactly() {
        let share = |right, of| Share { right, of };
        assert_eq!((share(354, 359).hundredths(), share(0, 0).hundredths()), (9860, 0));
        assert!(share(97, 100).reaches_percent(97) && !share(969, 1000).reaches_percent(97));
        assert!(share(45, 100).reaches(90, share(50, 100)) && !share(44, 100).reaches(90, share(50, 100)));
    }
}
