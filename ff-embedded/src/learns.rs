//! What programs ask of a network that learns the digits, whatever its rule.

use ff_core::error::Error;
use ff_core::learner::Report;
use ff_core::random::Rng;
use ff_core::stream::order::Order;

use crate::digits::{self, Digit};

/// A network in training, one digit a step, its gain falling linearly over all passes.
pub trait Learns {
    /// How often it sees every digit.
    const PASSES: usize;

    /// The generator of order and wrong labels.
    fn rng(&mut self) -> &mut Rng;

    /// Learns one digit.
    ///
    /// # Errors
    /// [`Error::Diverged`]; the data themselves are in range.
    fn step(&mut self, digit: Digit, gain: f32) -> Result<Report, Error>;

    /// What the network takes a digit for.
    ///
    /// # Errors
    /// None for these data.
    fn classify(&mut self, digit: Digit) -> Result<u8, Error>;

    /// Draws an order for one pass.
    fn order(&mut self) -> Order {
        Order::draw(self.rng(), digits::TRAINING as u16)
    }

    /// Learns the digit whose turn it is, of [`digits::TRAINING`] in a pass. `pass` counts from 0.
    ///
    /// # Errors
    /// As [`Learns::step`].
    fn turn(&mut self, pass: usize, turn: usize, order: &Order) -> Result<Report, Error> {
        let done = (pass * digits::TRAINING + turn) as f32 / (Self::PASSES * digits::TRAINING) as f32;
        self.step(digits::training_digit(order.at(turn as u16)), 1.0 - done)
    }

    /// Learns every digit once, in an order of its own. `pass` counts from 0.
    ///
    /// # Errors
    /// As [`Learns::step`].
    fn pass(&mut self, pass: usize) -> Result<(), Error> {
        let order = self.order();
        (0..digits::TRAINING).try_for_each(|turn| self.turn(pass, turn, &order).map(drop))
    }

    /// How many of the held-out digits are recognised.
    ///
    /// # Errors
    /// As [`Learns::classify`].
    fn recognised(&mut self) -> Result<usize, Error> {
        let mut right = 0;
        for digit in digits::held_out() {
            right += usize::from(self.classify(digit)? == digit.label());
        }
        Ok(right)
    }
}
