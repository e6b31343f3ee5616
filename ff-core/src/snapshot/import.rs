//! From bytes to states: a reading that only checks, then one that loads.

use super::header::{HEADER_BYTES, Header, Meta};
use super::saved::{self, Block, BlockMut, Saved};
use super::{Error, TRAILER_BYTES};
use crate::checksum::Crc32;

/// The first reading: checks every byte of a snapshot and changes nothing.
///
/// Feed it the whole snapshot in chunks of any size, then ask for the [`Load`].
pub struct Import<'a, 's> {
    state: &'a mut [&'s mut dyn Saved],
    pass: Pass,
}

/// The second reading: writes into the states.
///
/// Feed it the same bytes again. Dropped halfway, or fed other bytes than before
/// ([`Error::Changed`]), it leaves a mixture of old and new behind.
pub struct Load<'a, 's> {
    state: &'a mut [&'s mut dyn Saved],
    pass: Pass,
    verified: Header,
    /// The checksum that the first reading found right.
    checksum: u32,
}

impl<'a, 's> Import<'a, 's> {
    /// Begins to check a snapshot that is to be loaded into these states, the same ones in the same
    /// order as were saved.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn new(state: &'a mut [&'s mut dyn Saved]) -> Result<Self, Error> {
        let pass = Pass::new(state)?;
        Ok(Self { state, pass })
    }

    /// Checks the next bytes.
    ///
    /// # Errors
    /// Why the snapshot is refused, as soon as it shows. Every later call says the same.
    pub fn verify(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let state = &*self.state;
        self.pass.feed(chunk, |place, bytes| place.check(state, bytes))
    }

    /// What the snapshot says of its run, when all of it was read and is right: the end for who only
    /// wants to check.
    ///
    /// # Errors
    /// Why the snapshot is refused.
    pub fn meta(self) -> Result<Meta, Error> {
        Ok(self.pass.finish()?.0.meta)
    }

    /// Ends the first reading.
    ///
    /// # Errors
    /// Why the snapshot is refused; the states are as they were.
    pub fn verified(self) -> Result<Load<'a, 's>, Error> {
        let (verified, checksum) = self.pass.finish()?;
        if let Some(state) = self.state.iter_mut().position(|part| !saved::is_writable(*part)) {
            return Err(Error::ReadOnly { state });
        }
        let pass = Pass::new(self.state)?;
        Ok(Load { state: self.state, pass, verified, checksum })
    }
}

impl Load<'_, '_> {
    /// What the snapshot says of its run.
    #[must_use]
    pub const fn meta(&self) -> Meta {
        self.verified.meta
    }

    /// Loads the next bytes.
    ///
    /// # Errors
    /// [`Error::Changed`]. Every later call says the same.
    pub fn load(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let state = &mut *self.state;
        self.pass.feed(chunk, |place, bytes| Ok(place.write(state, bytes))).map_err(|_| Error::Changed)
    }

    /// Ends the second reading: the states are those that were saved.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub fn finish(self) -> Result<Meta, Error> {
        let same = self.pass.finish().is_ok_and(|(_, checksum)| checksum == self.checksum);
        if same { Ok(self.verified.meta) } else { Err(Error::Changed) }
    }
}

/// One reading of a snapshot.
struct Pass {
    /// How many bytes of payload there must be.
    payload: usize,
    shape: u32,
    /// How many bytes have been read.
    at: usize,
    header: [u8; HEADER_BYTES],
    trailer: [u8; TRAILER_BYTES],
    place: Place,
    crc: Crc32,
    /// The first thing found wrong.
    fate: Result<(), Error>,
}

/// Where in the states the payload's next byte belongs.
#[derive(Clone, Copy, Default)]
struct Place {
    state: usize,
    block: usize,
    offset: usize,
    /// The bytes of a float or word of which not all have come yet.
    partial: [u8; 4],
}

impl Pass {
    fn new(state: &[&mut dyn Saved]) -> Result<Self, Error> {
        Ok(Self {
            payload: saved::bytes(state.iter().map(|part| &**part))?,
            shape: saved::shape_hash(state.iter().map(|part| &**part)),
            at: 0,
            header: [0; HEADER_BYTES],
            trailer: [0; TRAILER_BYTES],
            place: Place::default(),
            crc: Crc32::new(),
            fate: Ok(()),
        })
    }

    /// Takes a chunk; `payload` takes bytes of the payload and returns how many it took.
    fn feed(
        &mut self,
        chunk: &[u8],
        mut payload: impl FnMut(&mut Place, &[u8]) -> Result<usize, Error>,
    ) -> Result<(), Error> {
        let mut rest = chunk;
        while self.fate.is_ok() && !rest.is_empty() {
            match self.feed_some(rest, &mut payload) {
                Ok(count) => rest = rest.get(count..).unwrap_or(&[]),
                Err(error) => self.fate = Err(error),
            }
        }
        self.fate
    }

    /// Takes bytes of the header, of one block, or of the trailer; returns how many, at least one.
    fn feed_some(
        &mut self,
        bytes: &[u8],
        payload: &mut impl FnMut(&mut Place, &[u8]) -> Result<usize, Error>,
    ) -> Result<usize, Error> {
        let end = HEADER_BYTES + self.payload;
        let count = if let Some(room) = self.header.get_mut(self.at..).filter(|room| !room.is_empty()) {
            saved::copy_bytes(bytes, room)
        } else if self.at < end {
            payload(&mut self.place, bytes)?
        } else {
            let room = self.trailer.get_mut(self.at - end..).unwrap_or(&mut []);
            saved::copy_bytes(bytes, room)
        };
        if count == 0 {
            return Err(self.length(self.at.saturating_add(bytes.len())));
        }
        if self.at < end {
            self.crc.bytes(bytes.get(..count).unwrap_or(&[]));
        }
        self.at += count;
        if self.at == HEADER_BYTES {
            self.check_header()?;
        }
        Ok(count)
    }

    /// Refuses a header that does not fit these states, before a byte of the payload is used.
    fn check_header(&self) -> Result<Header, Error> {
        let header = Header::decode(&self.header)?;
        if header.shape != self.shape {
            return Err(Error::Shape { expected: self.shape, found: header.shape });
        }
        let claimed = header.payload as usize;
        if claimed != self.payload {
            return Err(self.length(claimed.saturating_add(HEADER_BYTES + TRAILER_BYTES)));
        }
        Ok(header)
    }

    /// The header and the checksum of a snapshot that is whole and right.
    fn finish(self) -> Result<(Header, u32), Error> {
        self.fate?;
        if self.at != HEADER_BYTES + self.payload + TRAILER_BYTES {
            return Err(self.length(self.at));
        }
        let checksum = self.crc.value();
        if checksum != u32::from_le_bytes(self.trailer) {
            return Err(Error::Checksum);
        }
        Ok((self.check_header()?, checksum))
    }

    fn length(&self, found: usize) -> Error {
        Error::Length { expected: HEADER_BYTES + self.payload + TRAILER_BYTES, found }
    }
}

impl Place {
    /// Looks at bytes of the payload, up to the end of a block; returns how many.
    fn check(&mut self, state: &[&mut dyn Saved], bytes: &[u8]) -> Result<usize, Error> {
        while let Some(part) = state.get(self.state) {
            let count = match part.block(self.block) {
                Some(block) => self.check_block(block, bytes)?,
                None => {
                    self.next_state();
                    continue;
                }
            };
            if count > 0 {
                return Ok(count);
            }
            self.next_block();
        }
        Ok(0)
    }

    /// Loads bytes of the payload, up to the end of a block; returns how many.
    fn write(&mut self, state: &mut [&mut dyn Saved], bytes: &[u8]) -> usize {
        while let Some(part) = state.get_mut(self.state) {
            let count = match part.block_mut(self.block) {
                Some(block) => self.write_block(block, bytes),
                None => {
                    self.next_state();
                    continue;
                }
            };
            if count > 0 {
                return count;
            }
            self.next_block();
        }
        0
    }

    fn next_block(&mut self) {
        *self = Self { state: self.state, block: self.block + 1, ..Self::default() };
    }

    fn next_state(&mut self) {
        *self = Self { state: self.state + 1, ..Self::default() };
    }

    fn check_block(&mut self, block: Block<'_>, bytes: &[u8]) -> Result<usize, Error> {
        let (length, not_finite) = (block.bytes(), Error::NotFinite { state: self.state, block: self.block });
        let mut all_finite = true;
        let count = match block {
            Block::Floats(_) => {
                self.take_words(length, bytes, |_, word| all_finite &= f32::from_le_bytes(word).is_finite())
            }
            Block::Words(_) => self.take_words(length, bytes, |_, _| ()),
            Block::Bytes(_) => self.take_bytes(length, bytes),
        };
        if all_finite { Ok(count) } else { Err(not_finite) }
    }

    fn write_block(&mut self, block: BlockMut<'_>, bytes: &[u8]) -> usize {
        match block {
            BlockMut::Floats(floats) => self.take_words(4 * floats.len(), bytes, |index, word| {
                floats.iter_mut().skip(index).take(1).for_each(|value| *value = f32::from_le_bytes(word));
            }),
            BlockMut::Words(words) => self.take_words(4 * words.len(), bytes, |index, word| {
                words.iter_mut().skip(index).take(1).for_each(|value| *value = u32::from_le_bytes(word));
            }),
            BlockMut::Bytes(values) => {
                let from = self.offset;
                let count = self.take_bytes(values.len(), bytes);
                saved::copy_bytes(bytes, values.get_mut(from..from + count).unwrap_or(&mut []));
                count
            }
        }
    }

    /// Passes over bytes of a block of `length` bytes; returns how many.
    fn take_bytes(&mut self, length: usize, bytes: &[u8]) -> usize {
        let count = bytes.len().min(length.saturating_sub(self.offset));
        self.offset += count;
        count
    }

    /// Puts the words of a block of `length` bytes together; returns how many bytes it took. Each
    /// word that is whole goes to `put` with its index.
    fn take_words(&mut self, length: usize, bytes: &[u8], mut put: impl FnMut(usize, [u8; 4])) -> usize {
        let (start, mut rest) = (self.offset, bytes);
        while self.offset < length && !rest.is_empty() {
            let room = self.partial.get_mut(self.offset % 4..).unwrap_or(&mut []);
            let (count, wanted) = (saved::copy_bytes(rest, room), room.len());
            self.offset += count;
            rest = rest.get(count..).unwrap_or(&[]);
            if count == wanted {
                put((self.offset - 1) / 4, self.partial);
            }
        }
        self.offset - start
    }
}
