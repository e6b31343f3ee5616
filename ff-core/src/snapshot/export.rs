//! From states to bytes.

use super::header::{HEADER_BYTES, Header, Meta};
use super::place::Place;
use super::saved::{self, Saved};
use super::{Error, TRAILER_BYTES};
use crate::checksum::Crc32;

/// A snapshot that is read out in chunks of any size.
///
/// It borrows the states, so they cannot change meanwhile. Cost: one pass over the state and its
/// CRC; memory: about 150 bytes.
pub struct Export<'a> {
    state: &'a [&'a dyn Saved],
    header: [u8; HEADER_BYTES],
    payload: usize,
    /// How many bytes have been read.
    at: usize,
    place: Place,
    crc: Crc32,
}

impl core::fmt::Debug for Export<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}

impl<'a> Export<'a> {
    /// Begins a snapshot of these states, in this order.
    ///
    /// # Errors
    /// [`Error::NotFinite`], so that a diverged network never takes the place of a good snapshot,
    /// and [`Error::TooLarge`].
    pub fn new(meta: Meta, state: &'a [&'a dyn Saved]) -> Result<Self, Error> {
        let payload = saved::bytes(&state)?;
        for (index, &part) in state.iter().enumerate() {
            if let Some(block) = saved::blocks(part).position(|block| !block.is_finite()) {
                return Err(Error::NotFinite { state: index, block });
            }
        }
        let shape = saved::shape_hash(&state);
        let header = Header { payload: payload as u32, shape, meta }.encode();
        Ok(Self { state, header, payload, at: 0, place: Place::default(), crc: Crc32::new() })
    }

    /// How long the snapshot is, in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no snapshot is empty")]
    pub const fn len(&self) -> usize {
        HEADER_BYTES + self.payload + TRAILER_BYTES
    }

    /// Fills `chunk` with the next bytes; returns how many, fewer than its length only at the end,
    /// where it is 0.
    pub fn read(&mut self, chunk: &mut [u8]) -> usize {
        let mut done = 0;
        while let Some(room) = chunk.get_mut(done..).filter(|room| !room.is_empty()) {
            let count = self.read_some(room);
            if count == 0 {
                break;
            }
            done += count;
        }
        done
    }

    /// The next bytes of the header, of one block, or of the trailer.
    fn read_some(&mut self, room: &mut [u8]) -> usize {
        let end = HEADER_BYTES + self.payload;
        let count = if let Some(rest) = self.header.get(self.at..).filter(|rest| !rest.is_empty()) {
            saved::copy_bytes(rest, room)
        } else if self.at < end {
            self.read_payload(room)
        } else {
            let crc = self.crc.value().to_le_bytes();
            saved::copy_bytes(crc.get(self.at - end..).unwrap_or(&[]), room)
        };
        if self.at < end {
            self.crc.bytes(room.get(..count).unwrap_or(&[]));
        }
        self.at += count;
        count
    }

    fn read_payload(&mut self, room: &mut [u8]) -> usize {
        let Some(block) = self.place.block(&self.state) else { return 0 };
        let count = block.read(self.place.offset, room);
        self.place.offset += count;
        count
    }
}
