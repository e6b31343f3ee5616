//! From bytes to states: a reading that only checks, then one that loads.

use super::header::{HEADER_BYTES, Header, Meta};
use super::place::Place;
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
pub struct Load<'a, 's>(Import<'a, 's>);

impl core::fmt::Debug for Import<'_, '_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Import").finish_non_exhaustive()
    }
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
        self.pass.feed(self.state, chunk)
    }

    /// What the snapshot says of its run, when all of it was read and is right: the end for who only
    /// wants to check.
    ///
    /// # Errors
    /// Why the snapshot is refused.
    pub fn meta(self) -> Result<Meta, Error> {
        self.pass.checksum()?;
        Ok(Meta::decode(&self.pass.header))
    }

    /// Ends the first reading.
    ///
    /// # Errors
    /// Why the snapshot is refused; the states are as they were.
    pub fn verified(mut self) -> Result<Load<'a, 's>, Error> {
        let checksum = self.pass.checksum()?;
        if let Some(state) = self.state.iter_mut().position(|part| !saved::is_writable(*part)) {
            return Err(Error::ReadOnly { state });
        }
        self.pass.begin_again(checksum);
        Ok(Load(self))
    }
}

impl core::fmt::Debug for Load<'_, '_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Load").finish_non_exhaustive()
    }
}

impl Load<'_, '_> {
    /// What the snapshot says of its run: as it was verified, until the first bytes are loaded again.
    #[must_use]
    pub fn meta(&self) -> Meta {
        Meta::decode(&self.0.pass.header)
    }

    /// Loads the next bytes.
    ///
    /// # Errors
    /// [`Error::Changed`]. Every later call says the same.
    pub fn load(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.0.pass.feed(self.0.state, chunk).map_err(|_| Error::Changed)
    }

    /// Ends the second reading: the states are those that were saved.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub fn finish(self) -> Result<Meta, Error> {
        let same = self.0.pass.checksum().is_ok_and(|checksum| self.0.pass.verified == Some(checksum));
        if same { Ok(self.meta()) } else { Err(Error::Changed) }
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
    /// The bytes of a value of which not all have come yet, the last one on top.
    partial: u32,
    crc: Crc32,
    /// The checksum that the first reading found right: this is the second, which writes.
    verified: Option<u32>,
    /// The first thing found wrong.
    fate: Result<(), Error>,
}

impl Pass {
    fn new(state: &[&mut dyn Saved]) -> Result<Self, Error> {
        Ok(Self {
            payload: saved::bytes(&state)?,
            shape: saved::shape_hash(&state),
            at: 0,
            header: [0; HEADER_BYTES],
            trailer: [0; TRAILER_BYTES],
            place: Place::default(),
            partial: 0,
            crc: Crc32::new(),
            verified: None,
            fate: Ok(()),
        })
    }

    /// From the first byte, into the same states.
    fn begin_again(&mut self, verified: u32) {
        (self.at, self.place, self.crc) = (0, Place::default(), Crc32::new());
        self.verified = Some(verified);
    }

    /// Takes a chunk.
    #[cfg_attr(target_os = "none", inline(never))]
    fn feed(&mut self, state: &mut [&mut dyn Saved], chunk: &[u8]) -> Result<(), Error> {
        let mut rest = chunk;
        while self.fate.is_ok() && !rest.is_empty() {
            match self.feed_some(state, rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or(&[]),
                Err(error) => self.fate = Err(error),
            }
        }
        self.fate
    }

    /// Takes bytes of the header, of one block, or of the trailer; returns how many, at least one.
    fn feed_some(&mut self, state: &mut [&mut dyn Saved], bytes: &[u8]) -> Result<usize, Error> {
        let end = HEADER_BYTES + self.payload;
        let count = if let Some(room) = self.header.get_mut(self.at..).filter(|room| !room.is_empty()) {
            saved::copy_bytes(bytes, room)
        } else if self.at < end {
            self.feed_block(state, bytes)?
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
    fn check_header(&self) -> Result<(), Error> {
        let header = Header::decode(&self.header)?;
        if header.shape != self.shape {
            return Err(Error::Shape { expected: self.shape, found: header.shape });
        }
        let claimed = header.payload as usize;
        if claimed != self.payload {
            return Err(self.length(claimed.saturating_add(HEADER_BYTES + TRAILER_BYTES)));
        }
        Ok(())
    }

    /// Puts the values of a block together, up to its end; returns how many bytes it took.
    fn feed_block(&mut self, state: &mut [&mut dyn Saved], bytes: &[u8]) -> Result<usize, Error> {
        let states = &*state;
        let Some(block) = self.place.block(&states) else { return Ok(0) };
        let (width, is_floats) = (block.width(), matches!(block, Block::Floats(_)));
        let count = bytes.len().min(block.bytes() - self.place.offset);
        let Place { state: part, block, .. } = self.place;
        let loaded = self.verified.and_then(|_| state.get_mut(part));
        let mut loaded = loaded.and_then(|part| part.block_mut(block));
        let mut largest = 0;
        for &byte in bytes.iter().take(count) {
            self.partial = self.partial >> 8 | u32::from(byte) << 24;
            self.place.offset += 1;
            if !self.place.offset.is_multiple_of(width) {
                continue;
            }
            let bits = self.partial >> (32 - 8 * width);
            largest = largest.max(bits << 1);
            put(&mut loaded, (self.place.offset - 1) / width, bits);
        }
        // Bits without the sign are in the order of magnitude.
        let all_finite = largest < f32::INFINITY.to_bits() << 1;
        if all_finite || !is_floats { Ok(count) } else { Err(Error::NotFinite { state: part, block }) }
    }

    /// The checksum of a snapshot that is whole and right.
    fn checksum(&self) -> Result<u32, Error> {
        self.fate?;
        if self.at != HEADER_BYTES + self.payload + TRAILER_BYTES {
            return Err(self.length(self.at));
        }
        let checksum = self.crc.value();
        if checksum != u32::from_le_bytes(self.trailer) {
            return Err(Error::Checksum);
        }
        Ok(checksum)
    }

    fn length(&self, found: usize) -> Error {
        Error::Length { expected: HEADER_BYTES + self.payload + TRAILER_BYTES, found }
    }
}

/// Writes the bits of one value of a block; nothing where there is no block, or past its end.
#[cfg_attr(target_os = "none", inline(never))]
fn put(block: &mut Option<BlockMut<'_>>, index: usize, bits: u32) {
    match block {
        Some(BlockMut::Floats(floats)) => floats.get_mut(index).map(|value| *value = f32::from_bits(bits)),
        Some(BlockMut::Words(words)) => words.get_mut(index).map(|value| *value = bits),
        Some(BlockMut::Bytes(bytes)) => bytes.get_mut(index).map(|value| *value = bits as u8),
        None => None,
    };
}
