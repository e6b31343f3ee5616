//! CRC-32 (IEEE 802.3), to compare weights between machines and to guard what is stored.

use crate::network::Parameters;

/// A CRC-32 that is fed piece by piece: reflected polynomial `0xEDB88320`, start and final
/// inversion, as in zlib and Ethernet.
///
/// It finds every error confined to 32 neighbouring bits, so every wrong byte, at any length; other
/// damage goes unseen once in 2^32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc32(u32);

impl Crc32 {
    /// The checksum of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(!0)
    }

    /// Adds bytes, four bits at a time: with a table of 64 bytes a byte takes 10 instructions on a
    /// Cortex-M4 instead of 62 bit by bit. The next larger table would cost 1 KB of flash.
    #[cfg_attr(target_os = "none", inline(never))]
    pub const fn bytes(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let [first, tail @ ..] = rest {
            self.0 ^= *first as u32;
            self.0 = (self.0 >> 4) ^ TABLE[(self.0 & 15) as usize];
            self.0 = (self.0 >> 4) ^ TABLE[(self.0 & 15) as usize];
            rest = tail;
        }
    }

    /// Adds floats by their little-endian bytes.
    pub fn floats(&mut self, values: &[f32]) {
        for value in values {
            self.bytes(&value.to_le_bytes());
        }
    }

    /// Adds words by their little-endian bytes.
    pub fn words(&mut self, values: &[u32]) {
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

/// The checksum of everything that a network has learned: weights and biases layer by layer, then
/// the readout.
pub fn parameters<P: Parameters>(network: &P) -> u32 {
    let mut crc = Crc32::new();
    let (layers, readout) = network.views();
    for layer in layers.as_ref() {
        crc.floats(layer.weights);
        crc.floats(layer.biases);
    }
    crc.floats(readout);
    crc.value()
}

impl Default for Crc32 {
    fn default() -> Self {
        Self::new()
    }
}

/// What four bits at the low end do to the register.
const TABLE: [u32; 16] = {
    let mut table = [0; 16];
    let mut entry = 0;
    while entry < 16 {
        let mut register = entry as u32;
        let mut bit = 0;
        while bit < 4 {
            register = (register >> 1) ^ (0xedb8_8320 & (register & 1).wrapping_neg());
            bit += 1;
        }
        table[entry] = register;
        entry += 1;
    }
    table
};
