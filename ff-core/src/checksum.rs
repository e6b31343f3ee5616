//! CRC-32 (IEEE 802.3), to compare weights between machines and to guard what is stored.

/// A CRC-32 that is fed piece by piece: reflected polynomial `0xEDB88320`, start and final
/// inversion, as in zlib and Ethernet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc32(u32);

impl Crc32 {
    /// The checksum of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(!0)
    }

    /// Adds bytes. Bit by bit, without a table: 1 KB of flash is worth more here than speed.
    pub const fn bytes(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let [first, tail @ ..] = rest {
            self.0 ^= *first as u32;
            let mut bit = 0;
            while bit < 8 {
                self.0 = (self.0 >> 1) ^ (0xedb8_8320 & (self.0 & 1).wrapping_neg());
                bit += 1;
            }
            rest = tail;
        }
    }

    /// Adds floats by their little-endian bytes.
    pub fn floats(&mut self, values: &[f32]) {
        for value in values {
            self.bytes(&value.to_le_bytes());
        }
    }

    /// The checksum of all that was added.
    #[must_use]
    pub const fn value(self) -> u32 {
        !self.0
    }
}

impl Default for Crc32 {
    fn default() -> Self {
        Self::new()
    }
}
