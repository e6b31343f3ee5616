//! Seeded randomness with a fixed golden sequence.
//!
//! [`Rng`] is xoshiro128++ (Blackman and Vigna, 2019): 16 bytes of state and 32-bit arithmetic
//! only. [`hash`] is for masks: a value per position, in any order and from any thread.

/// A small pseudo-random generator, xoshiro128++.
///
/// Not for secrets. The same seed gives the same sequence on every machine and in every version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
pub struct Rng {
    state: [u32; 4],
}

impl Rng {
    /// Before it is seeded: all bytes zero, for memory that begins so.
    pub(crate) const ZEROED: Self = Self { state: [0; 4] };

    /// A generator whose state is filled from `seed` by splitmix64, so that close seeds give
    /// unrelated sequences.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let (low, seed) = splitmix(seed);
        let (high, _) = splitmix(seed);
        Self { state: [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32] }
    }

    /// The state, to be saved with a snapshot.
    #[must_use]
    pub const fn state(&self) -> [u32; 4] {
        self.state
    }

    /// A generator that goes on from a saved state. The all-zero state, which xoshiro cannot
    /// leave, is replaced by seed 0's.
    #[must_use]
    pub const fn from_state(state: [u32; 4]) -> Self {
        if state[0] | state[1] | state[2] | state[3] == 0 { Self::new(0) } else { Self { state } }
    }

    /// The next 32 random bits.
    #[cfg_attr(target_os = "none", inline(never))]
    #[cfg_attr(not(target_os = "none"), inline)]
    pub fn next_u32(&mut self) -> u32 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(7).wrapping_add(a);
        let (c2, d2) = (c ^ a, d ^ b);
        self.state = [a ^ d2, b ^ c2, c2 ^ (b << 9), d2.rotate_left(11)];
        result
    }

    /// A whole number in `0..bound`; 0 where `bound` is 0.
    ///
    /// By multiplication (Lemire) without rejection: the bias is below `bound` / 2^32.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        scale_below(self.next_u32(), bound)
    }

    /// A number in `[0, 1)`, a multiple of 2^-24.
    #[inline]
    pub fn unit(&mut self) -> f32 {
        unit(self.next_u32())
    }

    /// A number with mean 0 and variance 1, close to normal: the sum of twelve 16-bit uniforms
    /// (Irwin-Hall), so within ±6, with no transcendental function and so the same bits everywhere.
    pub fn normal(&mut self) -> f32 {
        let mut sum = 0_u32;
        for _ in 0..6 {
            let bits = self.next_u32();
            sum += (bits & 0xffff) + (bits >> 16);
        }
        // Twelve uniforms over 0..=65535 have mean 12 * 32767.5 and, over 65536, variance 1.
        (sum as f32 - 393_210.0) * (1.0 / 65_536.0)
    }
}

#[cfg(feature = "rand_core")]
impl rand_core::TryRng for Rng {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let low = u64::from(self.next_u32());
        Ok(u64::from(self.next_u32()) << 32 | low)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(4) {
            chunk.iter_mut().zip(self.next_u32().to_le_bytes()).for_each(|(byte, random)| *byte = random);
        }
        Ok(())
    }
}

/// The seed is the state itself, as words in little-endian order; `seed_from_u64` is [`Rng::new`].
///
/// ```
/// use ff_core::random::Rng;
/// use rand_core::{Rng as _, SeedableRng};
///
/// let mut rng = Rng::seed_from_u64(1);
/// assert_eq!(rng.next_u32(), Rng::new(1).next_u32());
/// ```
#[cfg(feature = "rand_core")]
impl rand_core::SeedableRng for Rng {
    type Seed = [u8; 16];

    fn from_seed(seed: [u8; 16]) -> Self {
        let (words, _) = seed.as_chunks::<4>();
        let mut state = [0; 4];
        state.iter_mut().zip(words).for_each(|(word, bytes)| *word = u32::from_le_bytes(*bytes));
        Self::from_state(state)
    }

    fn seed_from_u64(seed: u64) -> Self {
        Self::new(seed)
    }
}

/// Mixes a key and a position into 32 random-looking bits (the finaliser of a good 32-bit hash,
/// two multiplications). No state: rows of a mask can be made in any order.
#[inline(always)]
#[must_use]
pub const fn hash(key: u32, position: u32) -> u32 {
    let mut x = key ^ position.wrapping_mul(0x9e37_79b9);
    x = (x ^ (x >> 16)).wrapping_mul(0x21f0_aaad);
    x = (x ^ (x >> 15)).wrapping_mul(0x735a_2d97);
    x ^ (x >> 15)
}

/// Maps 32 random bits to `[0, 1)` by their top 24.
#[inline]
pub(crate) fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Maps 32 random bits to `0..bound`.
#[inline]
pub(crate) fn scale_below(bits: u32, bound: u32) -> u32 {
    ((u64::from(bits) * u64::from(bound)) >> 32) as u32
}

/// One step of splitmix64: the output and the next state.
const fn splitmix(seed: u64) -> (u64, u64) {
    let state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31), state)
}
