//! Where in the states a snapshot's next byte belongs.

use super::saved::{Block, States};

/// A block of a state, and how many of its bytes are done.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    pub state: usize,
    pub block: usize,
    pub offset: usize,
}

impl Place {
    /// Goes on to the first block with bytes that are not done; none after the last.
    pub fn block<'a>(&mut self, states: &'a dyn States) -> Option<Block<'a>> {
        loop {
            let next = match states.part(self.state)?.block(self.block) {
                Some(block) if self.offset < block.bytes() => return Some(block),
                Some(_) => Self { state: self.state, block: self.block + 1, offset: 0 },
                None => Self { state: self.state + 1, ..Self::default() },
            };
            *self = next;
        }
    }
}
