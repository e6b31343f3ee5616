//! In which order are stored samples learned?

use crate::pieces;
use crate::random::Rng;

/// An order of `count` samples without a table: multiples of a stride that shares no factor with
/// the count, from a random start. Each sample comes once in `count` turns.
///
/// Use for samples in flash, drawing a new order for each pass. Avoid when neighbours in the stream
/// must be independent: a stride is far from a fair shuffle, which takes memory for a table.
///
/// ```
/// # use ff_core::{random::Rng, stream::order::Order};
/// let order = Order::draw(&mut Rng::new(1), 6);
/// let mut seen = [false; 6];
/// (0..6).for_each(|turn| seen[order.at(turn)] = true);
/// assert_eq!(seen, [true; 6]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    start: u32,
    stride: u32,
    count: u32,
}

impl Order {
    /// Draws an order of `count` samples; none count as one.
    pub fn draw(rng: &mut Rng, count: u16) -> Self {
        let count = u32::from(count.max(1));
        let start = rng.below(count);
        let mut stride = 1 + if count > 1 { rng.below(count - 1) } else { 0 };
        while common_factor(stride, count) != 1 {
            stride = if stride + 1 < count { stride + 1 } else { 1 };
        }
        Self { start, stride, count }
    }

    /// The sample whose turn it is, below the count; past the last it begins again.
    #[must_use]
    pub const fn at(&self, turn: u16) -> usize {
        // Both factors are below 2^16, so this cannot overflow.
        let (_, place) = pieces::place((self.start + turn as u32 * self.stride) as usize, self.count as usize);
        place
    }
}

fn common_factor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
