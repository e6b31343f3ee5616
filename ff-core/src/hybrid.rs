//! Negative images for learning without labels: hybrids of two real ones.
//!
//! A smooth random mask takes large regions from one image and the rest from another: short-range
//! correlations stay real, long-range ones do not, so a layer that tells hybrids from images must
//! learn shapes. Source: Hinton 2022, section 3.2.

use crate::random::Rng;

/// How often a mask is blurred where nothing else is said.
pub const BLURS: usize = 6;

/// Draws a mask of zeros and ones, in rows of `width`: random bits, blurred `blurs` times with
/// `[1/4, 1/2, 1/4]` in both directions, then cut at a half.
///
/// Cost: `8 * blurs` additions and multiplications a pixel, no memory but the mask.
pub fn draw_mask(width: usize, blurs: usize, rng: &mut Rng, mask: &mut [f32]) {
    mask.iter_mut().for_each(|bit| *bit = (rng.next_u32() >> 31) as f32);
    let width = width.clamp(1, mask.len().max(1));
    for _ in 0..blurs {
        mask.chunks_mut(width).for_each(|row| blur(row, 0, 1));
        (0..width).for_each(|column| blur(mask, column, width));
    }
    mask.iter_mut().for_each(|value| *value = if *value > 0.5 { 1.0 } else { 0.0 });
}

/// Blurs every `stride`-th value from `start` in place; the ends count twice.
fn blur(values: &mut [f32], start: usize, stride: usize) {
    let mut left = values.get(start).copied().unwrap_or(0.0);
    for at in (start..values.len()).step_by(stride.max(1)) {
        let here = values.get(at).copied().unwrap_or(0.0);
        let right = values.get(at + stride).copied().unwrap_or(here);
        if let Some(value) = values.get_mut(at) {
            *value = 0.25 * left + 0.5 * here + 0.25 * right;
        }
        left = here;
    }
}

/// `hybrid <- mask a + (1 - mask) b`, pixel by pixel, for a mask of zeros and ones; values between count
/// as the nearer of the two.
pub fn mix(mask: &[f32], a: &[f32], b: &[f32], hybrid: &mut [f32]) {
    let pixels = mask.iter().zip(a).zip(b);
    hybrid.iter_mut().zip(pixels).for_each(|(h, ((m, a), b))| *h = if *m > 0.5 { *a } else { *b });
}
