//! Numbers as IDX and NPY files store them.

use super::super::Values;

/// The type of a stored number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unsigned,
    Signed,
    Float,
}

/// How a number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub kind: Kind,
    /// 1, 2, 4 or 8.
    pub bytes: usize,
    /// Whether the highest byte comes first.
    pub big_endian: bool,
}

impl Element {
    /// Whether it is a byte from 0 to 255.
    pub fn is_byte(self) -> bool {
        self.kind == Kind::Unsigned && self.bytes == 1
    }

    /// One number.
    pub fn number(self, stored: &[u8]) -> f64 {
        let mut bytes = [0; 8];
        let from = &mut bytes[..self.bytes];
        from.copy_from_slice(stored);
        if self.big_endian {
            from.reverse();
        }
        let word = u64::from_le_bytes(bytes);
        let above = 64 - 8 * self.bytes as u32;
        match (self.kind, self.bytes) {
            (Kind::Unsigned, _) => word as f64,
            (Kind::Signed, _) => ((word << above).cast_signed() >> above) as f64,
            (Kind::Float, 2) => half(word as u16),
            (Kind::Float, 4) => f64::from(f32::from_bits(word as u32)),
            (Kind::Float, _) => f64::from_bits(word),
        }
    }

    /// All numbers, one after the other.
    pub fn numbers(self, stored: &[u8]) -> impl Iterator<Item = f64> {
        stored.chunks_exact(self.bytes).map(move |stored| self.number(stored))
    }

    /// All numbers as a set keeps them: bytes stay bytes.
    pub fn values(self, stored: Vec<u8>) -> Values {
        if self.is_byte() {
            Values::Bytes(stored)
        } else {
            Values::Floats(self.numbers(&stored).map(|x| x as f32).collect())
        }
    }
}

/// A number of 16 bits as IEEE 754 has it.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023) / 1024.0);
    match exponent {
        0 => sign * fraction * 2_f64.powi(-14),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1.0 + fraction) * 2_f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_type() {
        let read = |kind, big_endian, stored: &[u8]| Element { kind, bytes: stored.len(), big_endian }.number(stored);
        assert_eq!(read(Kind::Unsigned, true, &[1, 2]), 258.0);
        assert_eq!(read(Kind::Unsigned, false, &[1, 2]), 513.0);
        assert_eq!(read(Kind::Signed, false, &[0xfe]), -2.0);
        assert_eq!(read(Kind::Signed, true, &[0xff, 0xff, 0xff, 0xfd]), -3.0);
        assert_eq!(read(Kind::Float, true, &1.5_f32.to_be_bytes()), 1.5);
        assert_eq!(read(Kind::Float, false, &(-0.25_f64).to_le_bytes()), -0.25);
        assert_eq!(read(Kind::Float, false, &0x3c00_u16.to_le_bytes()), 1.0);
        assert_eq!(read(Kind::Float, false, &0xc100_u16.to_le_bytes()), -2.5);
    }
}
