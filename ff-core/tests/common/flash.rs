//! NOR flash in memory whose power can be cut at any single operation.

use ff_core::random::Rng;
use ff_core::store::Storage;

/// What the medium reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The power is off.
    NoPower,
    /// It does not answer.
    Silent,
}

/// What the operation leaves behind during which the power goes.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// Nothing was done yet.
    Before,
    /// The first half of the word is written, or of the page erased.
    Half,
    /// Some of the bits that should have changed have.
    SomeBits,
    /// Any bits at all, which is all that drivers promise.
    Garbage,
    /// Everything was done, but nobody was told.
    After,
}

pub const CUTS: [Cut; 5] = [Cut::Before, Cut::Half, Cut::SomeBits, Cut::Garbage, Cut::After];

/// Flash of words of `WORD` bytes and pages of `PAGE`, which panics where real flash would be
/// misused: a word written twice, an address within a word, an erasure within a page.
#[derive(Clone)]
pub struct Flash<const WORD: usize, const PAGE: usize> {
    pub bytes: Vec<u8>,
    written: Vec<bool>,
    /// Operations until the power goes, if it does.
    countdown: Option<usize>,
    cut: Cut,
    off: bool,
    rng: Rng,
    /// How many words were written and pages erased.
    pub operations: usize,
    /// How often each page was erased.
    pub erasures: Vec<u32>,
    /// Addresses whose bits stay as they are when written.
    pub stuck: Option<usize>,
    /// Addresses that cannot be read.
    pub silent: core::ops::Range<usize>,
}

impl<const WORD: usize, const PAGE: usize> Flash<WORD, PAGE> {
    /// Flash as it comes: whatever was there before, here noise.
    pub fn new(pages: usize, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        Self {
            bytes: (0..pages * PAGE).map(|_| rng.next_u32() as u8).collect(),
            written: vec![true; pages * PAGE / WORD],
            countdown: None,
            cut: Cut::Before,
            off: false,
            rng,
            operations: 0,
            erasures: vec![0; pages],
            stuck: None,
            silent: 0..0,
        }
    }

    /// Cuts the power during the operation after the next `operations`.
    pub fn cut_after(mut self, operations: usize, cut: Cut) -> Self {
        self.countdown = Some(operations);
        self.cut = cut;
        self
    }

    /// Whether the power is still on.
    pub fn is_on(&self) -> bool {
        !self.off
    }

    /// The power is back.
    pub fn restart(mut self) -> Self {
        self.off = false;
        self.countdown = None;
        self
    }

    /// Counts an operation; what it leaves behind if the power goes during it.
    fn operate(&mut self) -> Option<Cut> {
        self.operations += 1;
        self.off = self.countdown == Some(0);
        self.countdown = self.countdown.map(|left| left.saturating_sub(1));
        self.off.then_some(self.cut)
    }

    /// Changes bytes to `to`, or as far as a cut lets it.
    fn change(&mut self, at: usize, to: &[u8], cut: Option<Cut>) {
        for (index, &value) in to.iter().enumerate() {
            let byte = &mut self.bytes[at + index];
            let noise = self.rng.next_u32() as u8;
            *byte = match cut {
                None | Some(Cut::After) => value,
                Some(Cut::Before) => *byte,
                Some(Cut::Half) if index < to.len() / 2 => value,
                Some(Cut::Half) => *byte,
                Some(Cut::SomeBits) => (*byte & noise) | (value & !noise),
                Some(Cut::Garbage) => noise,
            };
        }
    }
}

impl<const WORD: usize, const PAGE: usize> Storage for Flash<WORD, PAGE> {
    type Error = Fault;
    const WORD: usize = WORD;
    const PAGE: usize = PAGE;

    fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Fault> {
        let at = at as usize;
        assert!(
            at.is_multiple_of(WORD) && into.len().is_multiple_of(WORD),
            "read {at}+{}: not whole words",
            into.len()
        );
        into.copy_from_slice(&self.bytes[at..at + into.len()]);
        if self.off {
            return Err(Fault::NoPower);
        }
        let hit = at < self.silent.end && self.silent.start < at + into.len();
        if hit { Err(Fault::Silent) } else { Ok(()) }
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Fault> {
        let at = at as usize;
        assert!(
            at.is_multiple_of(WORD) && bytes.len().is_multiple_of(WORD),
            "write {at}+{}: no whole words",
            bytes.len()
        );
        for (index, word) in bytes.chunks(WORD).enumerate() {
            if self.off {
                return Err(Fault::NoPower);
            }
            let at = at + index * WORD;
            let cut = self.operate();
            assert!(!core::mem::replace(&mut self.written[at / WORD], true), "word at {at} is written twice");
            let mut word = word.to_vec();
            if let Some(stuck) = self.stuck.filter(|stuck| (at..at + WORD).contains(stuck)) {
                word[stuck - at] = 0xff;
            }
            self.change(at, &word, cut);
        }
        if self.off { Err(Fault::NoPower) } else { Ok(()) }
    }

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        let (from, to) = (from as usize, to as usize);
        assert!(
            from.is_multiple_of(PAGE) && to.is_multiple_of(PAGE) && from <= to,
            "erase {from}..{to}: no whole pages"
        );
        for page in from / PAGE..to / PAGE {
            if self.off {
                return Err(Fault::NoPower);
            }
            let cut = self.operate();
            self.erasures[page] += 1;
            self.change(page * PAGE, &[0xff; PAGE], cut);
            // A page whose erasing was cut short must be erased again before it is written.
            self.written[page * PAGE / WORD..(page + 1) * PAGE / WORD].fill(cut.is_some());
        }
        if self.off { Err(Fault::NoPower) } else { Ok(()) }
    }
}

/// The same flash by its `embedded-storage` name.
pub struct Driver<F>(pub F);

impl embedded_storage::nor_flash::NorFlashError for Fault {
    fn kind(&self) -> embedded_storage::nor_flash::NorFlashErrorKind {
        embedded_storage::nor_flash::NorFlashErrorKind::Other
    }
}

impl<F: Storage<Error = Fault>> embedded_storage::nor_flash::ErrorType for Driver<F> {
    type Error = Fault;
}

impl<const WORD: usize, const PAGE: usize> embedded_storage::nor_flash::ReadNorFlash for Driver<Flash<WORD, PAGE>> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        self.0.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.bytes.len()
    }
}

impl<const WORD: usize, const PAGE: usize> embedded_storage::nor_flash::NorFlash for Driver<Flash<WORD, PAGE>> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        self.0.erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault> {
        self.0.write(offset, bytes)
    }
}
