//! The firmware's own program, as `ff-embedded/src/bin/learn.rs` runs it on a board: the same digits, order, rule
//! and seed, pass by pass.

use ff_embedded::app::{App, SEED};
use ff_embedded::learns::Learns;
use ff_embedded::nets::{Memory, Net, Usual};

use crate::vector::Chosen;

/// How often it sees every digit.
pub const PASSES: usize = <Usual as Net>::PASSES;

/// What it learned, and how far it is.
pub struct Device {
    memory: Memory<Usual>,
    passes: usize,
}

impl Device {
    /// Before its first pass.
    pub const ZEROED: Self = Self { memory: <Usual as Net>::MEMORY, passes: 0 };

    /// Learns every digit once: the first of all passes begins with random weights. After the last it begins again.
    ///
    /// # Errors
    /// [`ff_core::error::Error::Diverged`].
    pub fn pass(&mut self, kernel: Chosen) -> Result<(), ff_core::error::Error> {
        self.passes %= PASSES;
        let mut app = if self.passes == 0 {
            App::<Usual, _>::start(&mut self.memory, SEED, kernel)
        } else {
            // To go on is to keep the generator.
            let rng = self.memory.learning.rng.clone();
            let app = App::resume(&mut self.memory, SEED, kernel);
            app.learning.rng = rng;
            app
        };
        app.pass(self.passes)?;
        self.passes += 1;
        Ok(())
    }

    /// The checksum of its weights.
    pub fn checksum(&self) -> u32 {
        ff_core::checksum::parameters(&self.memory.learning.network)
    }

    /// How many of the held-out digits it recognises.
    ///
    /// # Errors
    /// None for these data.
    pub fn recognised(&mut self, kernel: Chosen) -> Result<usize, ff_core::error::Error> {
        let rng = self.memory.learning.rng.clone();
        let mut app = App::<Usual, _>::resume(&mut self.memory, SEED, kernel);
        app.learning.rng = rng;
        app.recognised()
    }
}
