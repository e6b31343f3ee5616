//! The few transcendental functions, from one place, so that host and device agree bit for bit.
//!
//! `libm` gives the same bits on x86-64 and Cortex-M. Its fused multiply-add is never used: it is
//! emulated where the hardware has none, and rounds differently where it has.

#[cfg(not(any(feature = "libm", feature = "micromath")))]
compile_error!("ff-core needs `exp` and `sqrt`: enable the feature `libm` (the default) or `micromath`");

/// e^x.
#[cfg(not(feature = "micromath"))]
#[inline]
#[must_use]
pub fn exp(x: f32) -> f32 {
    libm::expf(x)
}

/// e^x, by micromath's approximation.
#[cfg(feature = "micromath")]
#[inline]
#[must_use]
pub fn exp(x: f32) -> f32 {
    // Outside this range the approximation's exponent arithmetic wraps; f32 itself ends at 88.
    micromath::F32Ext::exp(x.clamp(-87.0, 88.0))
}

/// The square root.
#[cfg(not(feature = "micromath"))]
#[inline]
#[must_use]
pub fn sqrt(x: f32) -> f32 {
    libm::sqrtf(x)
}

/// The square root, by micromath's approximation.
#[cfg(feature = "micromath")]
#[inline]
#[must_use]
pub fn sqrt(x: f32) -> f32 {
    micromath::F32Ext::sqrt(x)
}

/// 1 / sqrt(x) for a normal x > 0, to about 1 in 10^7: a first guess from the exponent and three of Newton's
/// steps. Multiplications only, so it vectorises, costs less than a root and a division on any
/// core, and gives the same bits everywhere. For x = 0 and subnormal x it is finite; for an infinite x
/// it is no use.
#[inline(always)]
#[must_use]
pub fn inverse_sqrt(x: f32) -> f32 {
    let mut y = f32::from_bits(0x5f37_59df_u32.wrapping_sub(x.to_bits() >> 1));
    let half = 0.5 * x;
    for _ in 0..3 {
        y *= 1.5 - half * y * y;
    }
    y
}

/// z where it is positive, else +0. A NaN stays one, so that a network that has overflowed is
/// reported and not silenced.
///
/// Written as a comparison: `f32::max` may give either zero for `-0.0`, and the bits would differ
/// between machines.
#[cfg(not(target_arch = "arm"))]
#[inline(always)]
pub(crate) fn rectified(z: f32) -> f32 {
    if z <= 0.0 { 0.0 } else { z }
}

/// The same in whole numbers: two instructions where a comparison takes four, or is a call.
///
/// A NaN with its sign bit set becomes 0 here, but Arm makes all of its NaNs without.
#[cfg(target_arch = "arm")]
#[inline(always)]
pub(crate) fn rectified(z: f32) -> f32 {
    let bits = z.to_bits().cast_signed();
    f32::from_bits((bits & !(bits >> 31)).cast_unsigned())
}

/// `relu(z + u)`: a unit under a label row. A NaN stays one, so that a network that has overflowed is reported.
#[inline(always)]
pub(crate) fn lifted(z: f32, u: f32) -> f32 {
    rectified(z + u)
}

/// The logistic function, 1 / (1 + e^-x): 0 and 1 at the infinities, where the exponential is libm's.
#[inline]
#[must_use]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Turns logits into probabilities in place: p_i = e^(x_i - max) / sum e^(x_j - max).
pub fn softmax(row: &mut [f32]) {
    softmax_above(row, 0.0);
}

/// The same, but probabilities that cannot exceed `least / n`, with n logits, are 0, and their exponentials,
/// each as dear as dozens of multiplications on a device, are not taken. So all that are left out are no
/// more than `least`, which is below 1, and no other is further off than that.
pub fn softmax_above(row: &mut [f32], least: f32) {
    let top = row.iter().fold(f32::NEG_INFINITY, |top, &v| if v > top { v } else { top });
    let lowest = logarithm_below(least / row.len() as f32);
    let mut sum = 0.0;
    for value in row.iter_mut() {
        let below = *value - top;
        // The other way round a NaN would become a 0.
        *value = if below < lowest { 0.0 } else { exp(below) };
        sum += *value;
    }
    let scale = 1.0 / sum;
    row.iter_mut().for_each(|value| *value *= scale);
}

/// The natural logarithm of the largest power of two that is not above |x|: by its exponent alone. Below
/// -87, where e^x is no normal f32, for 0.
fn logarithm_below(x: f32) -> f32 {
    let exponent = (x.abs().to_bits() >> 23) as i32 - 127;
    exponent as f32 * core::f32::consts::LN_2
}

/// The sum of a slice's squares, in [`LANES`] interleaved partial sums.
///
/// The order is fixed, so the result has the same bits everywhere, and independent partial sums
/// let a vector unit work.
#[cfg_attr(target_os = "none", inline(never))]
#[cfg_attr(not(target_os = "none"), inline(always))]
#[must_use]
pub fn square_sum(values: &[f32]) -> f32 {
    let (blocks, tail) = values.as_chunks::<LANES>();
    let Some((first, blocks)) = blocks.split_first() else {
        // One value a lane: what the sum over lanes would do.
        return tail.iter().fold(0.0, |sum, v| sum + v * v);
    };
    let mut lanes = first.map(|v| v * v);
    for block in blocks {
        lanes.iter_mut().zip(block).for_each(|(lane, v)| *lane += v * v);
    }
    if !tail.is_empty() {
        // A copy, since the lanes that a loop goes over cannot stay in registers.
        let mut copy = lanes;
        copy.iter_mut().zip(tail).for_each(|(lane, v)| *lane += v * v);
        lanes = copy;
    }
    lanes.iter().sum()
}

/// The sum of a slice, in [`LANES`] interleaved partial sums; see [`square_sum`].
#[inline(always)]
#[must_use]
pub fn sum(values: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (blocks, tail) = values.as_chunks::<LANES>();
    for block in blocks {
        for (lane, v) in lanes.iter_mut().zip(block) {
            *lane += v;
        }
    }
    for (lane, v) in lanes.iter_mut().zip(tail) {
        *lane += v;
    }
    lanes.iter().sum()
}

/// How many partial sums all these sums keep: one AVX-512 register, half of a Cortex-M4F's.
pub const LANES: usize = 16;
