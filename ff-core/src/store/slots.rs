//! The two slots: which one counts, and how it is read.

use core::ops::Range;

use super::record::{Content, RECORD_BYTES, Record};
use super::{Error, Storage, Writer};
use crate::snapshot::{self, Export, Failure, Meta, Saved, Source, each_chunk};

/// Two slots of flash of which one always holds a whole snapshot, once there was one.
///
/// Memory: the storage's own and about 60 bytes, besides the buffer lent to each call. A larger
/// buffer, in whole words, only makes it faster.
pub struct Store<S> {
    pub(super) storage: S,
    slots: [Place; 2],
    /// What each slot holds; none where it is not whole.
    records: [Option<Record>; 2],
    /// How many bytes of the idle slot, from its beginning, have been erased and not yet written.
    pub(super) erased: u32,
    /// Whether the idle slot holds a snapshot that was to be given up and could not be erased.
    is_reverting: bool,
}

/// Where a slot lies.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub start: u32,
    pub end: u32,
}

impl<S> core::fmt::Debug for Store<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl<S: Storage> Store<S> {
    /// The least that a buffer must hold: one record in whole words.
    pub const BUFFER: usize = RECORD_BYTES.next_multiple_of(Self::WORD);

    pub(super) const WORD: usize = {
        assert!(S::WORD > 0 && S::PAGE > 0, "a storage has words and pages of at least one byte");
        // Compared as 64 bits, for a processor's `usize` may have 16.
        assert!(S::PAGE.is_multiple_of(S::WORD) && S::PAGE as u64 <= 1 << 30, "a page is a whole number of words");
        S::WORD
    };

    /// Looks at both slots, every byte of them, and finds the newest snapshot that is whole.
    ///
    /// Each slot is a range of whole pages; where pages differ in size, choose ranges that are whole
    /// ones and state the largest size as [`Storage::PAGE`].
    ///
    /// # Errors
    /// [`Error::Layout`], [`Error::Buffer`], and [`Error::Storage`] where neither slot is whole and
    /// one could not be read.
    pub fn open(storage: S, slots: [Range<u32>; 2], buffer: &mut [u8]) -> Result<Self, Error<S::Error>> {
        let mut store = Self::blank(storage, slots)?;
        let mut failed = None;
        for index in [0, 1] {
            match store.examine(index, buffer) {
                Ok(record) => store.set_record(index, record),
                Err(Error::Storage(error)) => failed = Some(error),
                Err(error) => return Err(error),
            }
        }
        match failed {
            Some(error) if store.newest_index().is_none() => Err(Error::Storage(error)),
            _ => Ok(store),
        }
    }

    /// A store that takes both slots as empty without looking. Only for a medium that cannot be
    /// read as it is: the next save overwrites what there was.
    ///
    /// # Errors
    /// [`Error::Layout`].
    pub fn blank(storage: S, slots: [Range<u32>; 2]) -> Result<Self, Error<S::Error>> {
        let [first, second] = &slots;
        let least = Self::BUFFER as u32;
        let whole = |at: u32| at.is_multiple_of(S::PAGE as u32);
        let fits =
            |slot: &Range<u32>| whole(slot.start) && whole(slot.end) && slot.end.saturating_sub(slot.start) > least;
        if !fits(first) || !fits(second) || (first.start < second.end && second.start < first.end) {
            return Err(Error::Layout);
        }
        let slots = slots.map(|slot| Place { start: slot.start, end: slot.end });
        Ok(Self { storage, slots, records: [None; 2], erased: 0, is_reverting: false })
    }

    /// How many bytes a snapshot may have.
    #[must_use]
    pub fn capacity(&self) -> usize {
        let sizes = self.slots.map(Place::capacity::<S>);
        sizes[0].min(sizes[1]) as usize
    }

    /// The newest snapshot's number, one more with every save.
    #[must_use]
    pub fn sequence(&self) -> Option<u32> {
        Some(self.record(self.newest_index()?)?.sequence)
    }

    /// The newest snapshot's bytes, to be sent elsewhere.
    pub fn newest(&mut self) -> Option<Slot<'_, S>> {
        let index = self.newest_index()?;
        let record = self.record(index)?;
        Some(self.slot(index, record.length))
    }

    /// Loads the newest snapshot; the one before, should the newest have been damaged since the
    /// store was opened.
    ///
    /// # Errors
    /// [`Error::Empty`], and [`Error::Snapshot`], too small a buffer among them: the states are as they
    /// were, except with [`snapshot::Error::Changed`]. [`Error::Storage`]: see [`snapshot::import`].
    pub fn load(&mut self, state: &mut [&mut dyn Saved], buffer: &mut [u8]) -> Result<Meta, Error<S::Error>> {
        while let Some(index) = self.newest_index() {
            let Some(record) = self.record(index) else { break };
            match snapshot::import(&mut self.slot(index, record.length), state, buffer) {
                Err(Failure::Refused(error)) if error != snapshot::Error::Changed => {
                    // Damage may look like another shape or version; only whole bytes mean it.
                    if self.content(index, record.sequence, record.length, buffer)?.record() == record {
                        return Err(Error::Snapshot(error));
                    }
                    self.set_record(index, None);
                    self.erased = 0;
                }
                other => return Ok(other?),
            }
        }
        Err(Error::Empty)
    }

    /// Keeps these states. Until it returns without an error, the snapshot before is what counts.
    ///
    /// Time: erasing, unless [prepared](Store::prepare), and one writing and reading of the
    /// snapshot.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Buffer`] and [`Error::Snapshot`] before anything is erased;
    /// [`Error::Storage`] and [`Error::NotKept`], after which it may be tried again.
    pub fn save(&mut self, meta: Meta, state: &[&dyn Saved], buffer: &mut [u8]) -> Result<(), Error<S::Error>> {
        let mut export = Export::new(meta, state)?;
        let (expected, capacity) = (export.len(), self.idle().capacity::<S>() as usize);
        if expected > capacity {
            return Err(Error::Full { expected, capacity });
        }
        let mut writer = self.begin(buffer)?;
        while writer.fill(|room| export.read(room))? > 0 {}
        writer.commit()
    }

    /// Begins a snapshot that comes in chunks, from a serial line, say; see [`Writer`].
    ///
    /// # Errors
    /// [`Error::Buffer`].
    pub fn begin<'a>(&'a mut self, buffer: &'a mut [u8]) -> Result<Writer<'a, S>, Error<S::Error>> {
        let buffer = words::<S>(buffer)?;
        Ok(Writer::new(self, buffer))
    }

    /// Erases one more page of the slot that the next save goes to; returns whether pages are left.
    /// Call it between training steps until it says no, and the next save need not erase. It gives up
    /// the snapshot before the newest, as that save would.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub fn prepare(&mut self) -> Result<bool, Error<S::Error>> {
        let size = self.idle().size();
        if self.erased < size {
            self.erased = self.erase_page(self.erased)?;
        }
        Ok(self.erased < size)
    }

    /// Gives up the newest snapshot for the one before, which then is the newest: the way back when
    /// the network learned something bad. A power cut in between leaves one or the other.
    ///
    /// # Errors
    /// [`Error::Empty`] where there is no snapshot before: nothing is given up. [`Error::Storage`]:
    /// this store counts it as given up, but on the medium it may be whole; call again, or the next
    /// store that is opened may find it.
    pub fn revert(&mut self) -> Result<(), Error<S::Error>> {
        if !self.is_reverting {
            let newest = self.newest_index().ok_or(Error::Empty)?;
            self.record(1 - newest).ok_or(Error::Empty)?;
            self.set_record(newest, None);
            self.is_reverting = true;
        }
        self.erased = self.erase_page(0)?;
        Ok(())
    }

    /// The storage, for what else is kept on it. What it does to the slots is not seen here.
    pub fn storage_mut(&mut self) -> &mut S {
        &mut self.storage
    }

    /// The storage back.
    pub fn release(self) -> S {
        self.storage
    }

    /// The slot's record, if the whole slot is what the record says.
    fn examine(&mut self, index: usize, buffer: &mut [u8]) -> Result<Option<Record>, Error<S::Error>> {
        let buffer = words::<S>(buffer)?;
        let place = self.place(index);
        let room = buffer.get_mut(..Self::BUFFER).unwrap_or(&mut []);
        self.storage.read(place.start, room).map_err(Error::Storage)?;
        let record = Record::decode(room).filter(|record| record.length <= place.capacity::<S>());
        let Some(record) = record else { return Ok(None) };
        let found = self.content(index, record.sequence, record.length, buffer)?;
        Ok((found.record() == record).then_some(record))
    }

    /// Reads a slot's content and sums it up.
    pub(super) fn content(
        &mut self,
        index: usize,
        sequence: u32,
        length: u32,
        buffer: &mut [u8],
    ) -> Result<Content, Error<S::Error>> {
        let mut content = Content::new(sequence);
        let mut slot = self.slot(index, length);
        each_chunk(&mut slot, buffer, |chunk| {
            content.add(chunk);
            Ok(())
        })?;
        Ok(content)
    }

    /// Erases the idle slot's page at `from`, and so the slot's record first of all; returns where
    /// the next page begins.
    pub(super) fn erase_page(&mut self, from: u32) -> Result<u32, Error<S::Error>> {
        let (index, place) = (self.idle_index(), self.idle());
        self.set_record(index, None);
        let next = from + S::PAGE as u32;
        self.storage.erase(place.start + from, place.start + next).map_err(Error::Storage)?;
        self.is_reverting &= from > 0;
        Ok(next)
    }

    pub(super) fn slot(&mut self, index: usize, length: u32) -> Slot<'_, S> {
        let start = self.place(index).start + Self::BUFFER as u32;
        Slot { storage: &mut self.storage, start, length }
    }

    fn newest_index(&self) -> Option<usize> {
        match &self.records {
            [Some(first), Some(second)] => Some(usize::from(second.is_newer_than(first))),
            [Some(_), None] => Some(0),
            [None, Some(_)] => Some(1),
            [None, None] => None,
        }
    }

    /// The slot that the next save goes to. Without any snapshot always the first, so that cuts in
    /// the first save never touch both.
    pub(super) fn idle_index(&self) -> usize {
        self.newest_index().map_or(0, |newest| 1 - newest)
    }

    pub(super) fn idle(&self) -> Place {
        self.place(self.idle_index())
    }

    fn place(&self, index: usize) -> Place {
        let [first, second] = self.slots;
        if index == 0 { first } else { second }
    }

    fn record(&self, index: usize) -> Option<Record> {
        let [first, second] = self.records;
        if index == 0 { first } else { second }
    }

    pub(super) fn set_record(&mut self, index: usize, record: Option<Record>) {
        let [first, second] = &mut self.records;
        *if index == 0 { first } else { second } = record;
    }
}

impl Place {
    pub fn size(self) -> u32 {
        self.end - self.start
    }

    /// How many bytes fit after the record.
    pub fn capacity<S: Storage>(self) -> u32 {
        self.size().saturating_sub(Store::<S>::BUFFER as u32)
    }
}

/// The whole words of a buffer, at least a record's.
fn words<S: Storage>(buffer: &mut [u8]) -> Result<&mut [u8], Error<S::Error>> {
    let expected = Store::<S>::BUFFER;
    let whole = buffer.len() / S::WORD * S::WORD;
    buffer.get_mut(..whole).filter(|whole| whole.len() >= expected).ok_or(Error::Buffer { expected })
}

/// A stored snapshot's bytes, where they lie.
pub struct Slot<'a, S> {
    storage: &'a mut S,
    start: u32,
    length: u32,
}

impl<S> core::fmt::Debug for Slot<'_, S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

impl<S: Storage> Source for Slot<'_, S> {
    type Error = S::Error;
    const GRAIN: usize = S::WORD;

    fn bytes(&self) -> usize {
        self.length as usize
    }

    fn read(&mut self, offset: usize, into: &mut [u8]) -> Result<(), S::Error> {
        self.storage.read(self.start.saturating_add(offset as u32), into)
    }
}
