//! A snapshot on its way into the idle slot.

use super::record::Content;
use super::{Error, Storage, Store};
use crate::snapshot::{self, Saved};

/// Writes a snapshot that comes in chunks of any size, and makes it count at the end.
///
/// Dropped without a commit, or after an error, it leaves the newest snapshot as it was.
///
/// ```text
/// let mut writer = store.begin(&mut buffer)?;
/// while let Some(chunk) = serial_line.receive() {
///     writer.write(chunk)?;
/// }
/// writer.commit_for(&mut [&mut net])?; // only if it would load
/// ```
pub struct Writer<'a, S> {
    store: &'a mut Store<S>,
    /// Whole words; the first `filled` bytes wait to be written.
    buffer: &'a mut [u8],
    filled: usize,
    /// Where in the slot the buffer's first byte goes.
    at: u32,
    /// How many bytes of the slot, from its beginning, are erased.
    erased: u32,
    content: Content,
    /// Whether anything went wrong: what the slot holds is then unknown, and no word of it may be
    /// written again.
    failed: bool,
}

impl<S> core::fmt::Debug for Writer<'_, S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl<'a, S: Storage> Writer<'a, S> {
    pub(super) fn new(store: &'a mut Store<S>, buffer: &'a mut [u8]) -> Self {
        // From here on the slot is written, so the next writer erases it again.
        let erased = core::mem::take(&mut store.erased);
        let sequence = store.sequence().map_or(0, |newest| newest.wrapping_add(1));
        Self {
            at: Store::<S>::BUFFER as u32,
            store,
            buffer,
            filled: 0,
            erased,
            content: Content::new(sequence),
            failed: false,
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`Error::Full`] and [`Error::Storage`]; after either, [`Error::Failed`] whatever is to be written or committed.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error<S::Error>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            self.fill(|room| {
                let count = room.len().min(rest.len());
                let (now, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
                room.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
                rest = later;
                count
            })?;
        }
        Ok(())
    }

    /// Adds as many bytes as `put` puts into the room it is given, and returns how many.
    pub(super) fn fill(&mut self, put: impl FnOnce(&mut [u8]) -> usize) -> Result<usize, Error<S::Error>> {
        if self.filled == self.buffer.len() {
            self.flush()?;
        }
        let room = self.buffer.get_mut(self.filled..).unwrap_or(&mut []);
        let count = put(room).min(room.len());
        self.content.add(room.get(..count).unwrap_or(&[]));
        self.filled += count;
        Ok(count)
    }

    /// Makes what was written the newest snapshot, once it reads back as it was written.
    ///
    /// # Errors
    /// [`Error::Empty`] where nothing was written, [`Error::Full`], [`Error::Storage`] and
    /// [`Error::NotKept`].
    pub fn commit(mut self) -> Result<(), Error<S::Error>> {
        self.flush()?;
        if self.content.length() == 0 {
            return Err(Error::Empty);
        }
        self.read_back()?;
        self.write_record()
    }

    /// Like [`commit`](Writer::commit), for bytes from elsewhere: only if they are a snapshot that
    /// these states could load. The states are not changed.
    ///
    /// # Errors
    /// [`Error::Snapshot`] and those of `commit`.
    pub fn commit_for(mut self, state: &mut [&mut dyn Saved]) -> Result<(), Error<S::Error>> {
        self.flush()?;
        self.read_back()?;
        let mut slot = self.store.slot(self.store.idle_index(), self.content.length());
        snapshot::verify(&mut slot, state, self.buffer)?;
        self.write_record()
    }

    /// Writes what waits, padded to whole words, onto pages that it erases first.
    fn flush(&mut self) -> Result<(), Error<S::Error>> {
        if core::mem::replace(&mut self.failed, true) {
            return Err(Error::Failed);
        }
        self.write_out()?;
        self.failed = false;
        Ok(())
    }

    fn write_out(&mut self) -> Result<(), Error<S::Error>> {
        let length = self.filled.next_multiple_of(S::WORD);
        let bytes = self.buffer.get_mut(..length).unwrap_or(&mut []);
        bytes.iter_mut().skip(self.filled).for_each(|byte| *byte = 0xff);
        let place = self.store.idle();
        let end = self.at.checked_add(length as u32).filter(|&end| end <= place.size());
        let capacity = place.capacity::<S>() as usize;
        let end = end.ok_or(Error::Full { expected: self.content.length() as usize, capacity })?;
        // At least the first page, which holds the record of what was there before.
        while self.erased < end {
            self.erased = self.store.erase_page(self.erased)?;
        }
        if !bytes.is_empty() {
            self.store.storage.write(place.start + self.at, bytes).map_err(Error::Storage)?;
        }
        self.at = end;
        self.filled = 0;
        Ok(())
    }

    fn read_back(&mut self) -> Result<(), Error<S::Error>> {
        let expected = self.content.record();
        let index = self.store.idle_index();
        let found = self.store.content(index, expected.sequence, expected.length, self.buffer)?;
        if found.record() == expected { Ok(()) } else { Err(Error::NotKept) }
    }

    fn write_record(self) -> Result<(), Error<S::Error>> {
        let (index, start) = (self.store.idle_index(), self.store.idle().start);
        let record = self.content.record();
        let room = self.buffer.get_mut(..Store::<S>::BUFFER).unwrap_or(&mut []);
        room.fill(0xff);
        room.iter_mut().zip(record.encode()).for_each(|(to, from)| *to = from);
        self.store.storage.write(start, room).map_err(Error::Storage)?;
        room.fill(0);
        self.store.storage.read(start, room).map_err(Error::Storage)?;
        if super::record::Record::decode(room) != Some(record) {
            return Err(Error::NotKept);
        }
        self.store.set_record(index, Some(record));
        Ok(())
    }
}
