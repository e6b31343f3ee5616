//! The snapshot's first 64 bytes.

use super::Error;
use crate::random::Rng;

/// The format's version.
pub const VERSION: u16 = 1;

/// How many bytes come before the payload.
pub const HEADER_BYTES: usize = 64;

pub(super) const MAGIC: [u8; 4] = *b"FFSN";

/// Where a run stands: what a snapshot holds besides the states themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Meta {
    /// Samples seen.
    pub samples: u64,
    /// Steps taken, from which a schedule follows.
    pub steps: u64,
    /// [`Rng::state`]; [`Rng::from_state`] goes on from it.
    pub rng: [u32; 4],
    /// The application's own, kept as it is: a place in the data, a calibrated threshold, which
    /// label slots are taken.
    pub user: [u8; 16],
}

impl Meta {
    /// Before the first sample, with the generator of seed 0.
    pub const START: Self = Self { samples: 0, steps: 0, rng: Rng::new(0).state(), user: [0; 16] };

    /// What a header says, whatever else is in it.
    pub(super) fn decode(bytes: &[u8; HEADER_BYTES]) -> Self {
        Self {
            samples: u64::from_le_bytes(field(bytes, 16)),
            steps: u64::from_le_bytes(field(bytes, 24)),
            rng: [32, 36, 40, 44].map(|at| u32::from_le_bytes(field(bytes, at))),
            user: field(bytes, 48),
        }
    }
}

/// The whole header.
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub payload: u32,
    pub shape: u32,
    pub meta: Meta,
}

impl Header {
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut fields = Fields(&mut bytes);
        fields.put(MAGIC);
        fields.put(VERSION.to_le_bytes());
        fields.put((HEADER_BYTES as u16).to_le_bytes());
        fields.put(self.payload.to_le_bytes());
        fields.put(self.shape.to_le_bytes());
        fields.put(self.meta.samples.to_le_bytes());
        fields.put(self.meta.steps.to_le_bytes());
        self.meta.rng.iter().for_each(|word| fields.put(word.to_le_bytes()));
        fields.put(self.meta.user);
        bytes
    }

    /// Refuses another magic, version or header length.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, Error> {
        let (version, length) = (u16::from_le_bytes(field(bytes, 4)), u16::from_le_bytes(field(bytes, 6)));
        if field(bytes, 0) != MAGIC {
            return Err(Error::Magic);
        }
        if version != VERSION {
            return Err(Error::Version { found: version });
        }
        if usize::from(length) != HEADER_BYTES {
            return Err(Error::Length { expected: HEADER_BYTES, found: usize::from(length) });
        }
        let [payload, shape] = [8, 12].map(|at| u32::from_le_bytes(field(bytes, at)));
        Ok(Self { payload, shape, meta: Meta::decode(bytes) })
    }
}

/// Fields of a fixed size, written one after the other.
struct Fields<'a>(&'a mut [u8]);

impl Fields<'_> {
    fn put<const N: usize>(&mut self, value: [u8; N]) {
        if let Some((field, rest)) = core::mem::take(&mut self.0).split_first_chunk_mut() {
            *field = value;
            self.0 = rest;
        }
    }
}

/// The `N` bytes from `at` on; zeros past the end, which no caller asks for.
pub(crate) fn field<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}
