//! Power that ends in the middle of work, and flash that it leaves half written: what a program needs to
//! show that it survives, and a product does not.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use ff_core::random;
use ff_core::store::Storage;

/// Bytes that are erased at once.
pub const PAGE: usize = 1024;

/// What the power can end in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A training step.
    Step,
    /// Writing a word of flash.
    Write,
    /// Erasing a page of flash.
    Erase,
}

impl Work {
    /// What it takes: as much as writing so many words.
    const fn effort(self) -> u32 {
        match self {
            Self::Step => 16,
            Self::Write => 1,
            Self::Erase => 64,
        }
    }
}

/// The power is off. A device never gets to see this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(target_os = "none", derive(defmt::Format))]
pub struct Off;

/// A supply that ends after a while.
pub struct Battery {
    left: Cell<u32>,
    /// What happens then: a device resets and does not return.
    off: fn(Work) -> Off,
}

impl Battery {
    /// PathEndpoints somewhere, in a way that depends on the number of the boot alone.
    pub fn of_boot(boot: u32, off: fn(Work) -> Off) -> Self {
        const SEED: u32 = 1;
        Self { left: Cell::new(random::hash(SEED, boot) % 12_000), off }
    }

    /// Whether the power lasts for this.
    fn lasts(&self, work: Work) -> bool {
        let left = self.left.get().checked_sub(work.effort());
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Takes what a training step takes.
    ///
    /// # Errors
    /// Where the power does not last for it.
    pub fn step(&self) -> Result<(), Off> {
        if self.lasts(Work::Step) { Ok(()) } else { Err((self.off)(Work::Step)) }
    }
}

/// Flash in memory, its power a battery's.
pub struct Flash<'a> {
    /// What is kept.
    pub words: &'a [AtomicU32],
    /// Its power.
    pub battery: &'a Battery,
}

impl Flash<'_> {
    fn words(&self, from: u32, bytes: usize) -> &[AtomicU32] {
        let start = from as usize / 4;
        self.words.get(start..start + bytes / 4).unwrap_or_default()
    }
}

impl Storage for Flash<'_> {
    type Error = Off;
    const WORD: usize = 4;
    const PAGE: usize = PAGE;

    fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Off> {
        let (chunks, _) = into.as_chunks_mut::<4>();
        let words = self.words(at, 4 * chunks.len());
        chunks.iter_mut().zip(words).for_each(|(chunk, word)| *chunk = word.load(Relaxed).to_le_bytes());
        Ok(())
    }

    /// A cut leaves any bits in the word that is being written.
    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Off> {
        let (chunks, _) = bytes.as_chunks::<4>();
        for (chunk, word) in chunks.iter().zip(self.words(at, bytes.len())) {
            let value = u32::from_le_bytes(*chunk);
            if !self.battery.lasts(Work::Write) {
                word.store(random::hash(value, at), Relaxed);
                return Err((self.battery.off)(Work::Write));
            }
            word.store(value, Relaxed);
        }
        Ok(())
    }

    /// A cut leaves half a page erased.
    fn erase(&mut self, from: u32, to: u32) -> Result<(), Off> {
        for page in self.words(from, (to - from) as usize).chunks(PAGE / 4) {
            let lasts = self.battery.lasts(Work::Erase);
            let erased = if lasts { page.len() } else { page.len() / 2 };
            page.iter().take(erased).for_each(|word| word.store(u32::MAX, Relaxed));
            if !lasts {
                return Err((self.battery.off)(Work::Erase));
            }
        }
        Ok(())
    }
}
