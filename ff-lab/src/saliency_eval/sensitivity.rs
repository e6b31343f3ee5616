//! Max-sensitivity: how far a map moves when the image hardly does.
//!
//! The largest `|map(x + e) - map(x)| / |map(x)|` (Euclidean lengths) over some draws of noise e,
//! uniform from -r to r on every feature, with the target held. Source:
//! [arXiv 1901.09392](https://arxiv.org/abs/1901.09392). Maps that are themselves drawn keep their seed.

use ff_core::random::Rng;

use super::methods::Method;
use super::{Case, Subject};

/// The two r.
pub const NOISE: [f32; 2] = [0.05, 0.2];

/// Draws of each.
const DRAWS: usize = 10;

/// Max-sensitivity at each of [`NOISE`], given the image's own map; none where that is zero.
///
/// # Errors
/// What the method refuses.
pub fn max_sensitivity(
    subject: &mut dyn Subject,
    method: Method,
    case: &Case<'_>,
    map: &[f32],
) -> anyhow::Result<Option<[f64; 2]>> {
    let size = length(map.iter().copied());
    if size == 0.0 {
        return Ok(None);
    }
    let mut worst = [0.0_f64; 2];
    let mut rng = Rng::new(!case.seed);
    for (worst, r) in worst.iter_mut().zip(NOISE) {
        for _ in 0..DRAWS {
            let noisy: Vec<f32> = case.image.iter().map(|x| x + r * (2.0 * rng.unit() - 1.0)).collect();
            let Some(told) = subject.map(method, &Case { image: &noisy, ..*case })? else { return Ok(None) };
            *worst = worst.max(length(told.map.iter().zip(map).map(|(a, b)| a - b)) / size);
        }
    }
    Ok(Some(worst))
}

fn length(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|value| f64::from(value).powi(2)).sum::<f64>().sqrt()
}
