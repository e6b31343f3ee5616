//! The few bytes at a slot's beginning that make the rest count.

use crate::checksum::Crc32;
use crate::snapshot::field;

/// How many bytes a record has before it is padded to words.
pub(super) const RECORD_BYTES: usize = 20;

const MAGIC: [u8; 4] = *b"FFST";

/// What a slot holds.
///
/// | at | bytes | what |
/// |---|---|---|
/// | 0 | 4 | magic `FFST` |
/// | 4 | 4 | sequence number, one more with every save |
/// | 8 | 4 | length of the snapshot |
/// | 12 | 4 | CRC-32 of sequence number, snapshot, length |
/// | 16 | 4 | CRC-32 of the 16 bytes before |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub sequence: u32,
    pub length: u32,
    pub checksum: u32,
}

impl Record {
    pub fn encode(&self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        let words = [u32::from_le_bytes(MAGIC), self.sequence, self.length, self.checksum];
        let mut crc = Crc32::new();
        crc.words(&words);
        let words = words.into_iter().chain([crc.value()]);
        bytes.as_chunks_mut::<4>().0.iter_mut().zip(words).for_each(|(to, word)| *to = word.to_le_bytes());
        bytes
    }

    /// The record in these bytes, if there is a whole one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let [magic, sequence, length, checksum, own] = [0, 4, 8, 12, 16].map(|at| u32::from_le_bytes(field(bytes, at)));
        let mut crc = Crc32::new();
        crc.words(&[magic, sequence, length, checksum]);
        let whole = magic == u32::from_le_bytes(MAGIC) && own == crc.value();
        whole.then_some(Self { sequence, length, checksum })
    }

    /// Whether it was written after `other`. Sequence numbers wrap.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.sequence.wrapping_sub(other.sequence) as i32 > 0
    }
}

/// The checksum of a slot's content, fed piece by piece.
#[derive(Clone, Copy)]
pub(super) struct Content {
    sequence: u32,
    length: u32,
    crc: Crc32,
}

impl Content {
    pub fn new(sequence: u32) -> Self {
        let mut crc = Crc32::new();
        crc.words(&[sequence]);
        Self { sequence, length: 0, crc }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len() as u32);
        self.crc.bytes(bytes);
    }

    pub fn length(&self) -> u32 {
        self.length
    }

    pub fn record(mut self) -> Record {
        self.crc.words(&[self.length]);
        Record { sequence: self.sequence, length: self.length, checksum: self.crc.value() }
    }
}
