//! Memory that a reset leaves as it was: what start-up neither zeroes nor fills.
//!
//! It stands in for flash where a board's own is not to be worn, and keeps the count of boots. After
//! power-on it holds anything, and so a mark says whether it is in use.
//!
//! Unsafe, because only the linker knows that nothing else lies in a section.

#![expect(unsafe_code, reason = "a static is put into a section by name")]

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use crate::power::Work;
use crate::survive::WORDS;

/// What is kept. All of it is any bits at power-on, which for atomic words are as good as others.
pub struct Retained {
    mark: AtomicU32,
    boots: AtomicU32,
    cuts: [AtomicU32; 3],
    /// In the place of flash.
    pub flash: [AtomicU32; WORDS],
}

/// The one place.
#[unsafe(link_section = ".uninit.retained")]
pub static RETAINED: Retained = Retained {
    mark: AtomicU32::new(0),
    boots: AtomicU32::new(0),
    cuts: [const { AtomicU32::new(0) }; 3],
    flash: [const { AtomicU32::new(0) }; WORDS],
};

const IN_USE: u32 = u32::from_le_bytes(*b"kept");

impl Retained {
    /// Counts this boot, from 1.
    pub fn boot(&self) -> u32 {
        if self.mark.load(Relaxed) != IN_USE {
            self.mark.store(IN_USE, Relaxed);
            self.boots.store(0, Relaxed);
            self.cuts.iter().for_each(|count| count.store(0, Relaxed));
        }
        let boots = self.boots.load(Relaxed).wrapping_add(1);
        self.boots.store(boots, Relaxed);
        boots
    }

    /// Counts a cut.
    pub fn cut(&self, during: Work) {
        let count = &self.cuts[during as usize];
        count.store(count.load(Relaxed).wrapping_add(1), Relaxed);
    }

    /// Cuts during steps, writes and erasures.
    pub fn cuts(&self) -> [u32; 3] {
        self.cuts.each_ref().map(|count| count.load(Relaxed))
    }

    /// Begins anew at the next boot.
    pub fn forget(&self) {
        self.mark.store(0, Relaxed);
    }
}
