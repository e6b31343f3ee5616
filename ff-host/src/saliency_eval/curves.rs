//! Deletion and insertion: what the network makes of an image while its pixels go one by one.

use ff_core::random;

/// Pixels deleted between two points of a curve.
pub const STEP: usize = 8;

/// The order of the features, the largest first; ties in a seeded order.
#[must_use]
pub fn order(map: &[f32], seed: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..map.len()).collect();
    let key = |i: usize| random::hash(seed, i as u32);
    order.sort_by(|&a, &b| map[b].total_cmp(&map[a]).then(key(a).cmp(&key(b))));
    order
}

/// How many points a curve has: the whole image, and after every step.
#[must_use]
pub const fn points(features: usize) -> usize {
    1 + features.div_ceil(STEP)
}

/// Writes the image after every step of deletion in this order, row by row.
pub fn delete(image: &[f32], order: impl Iterator<Item = usize>, rows: &mut Vec<f32>) {
    let mut left = image.to_vec();
    rows.extend_from_slice(&left);
    let mut order = order.peekable();
    while order.peek().is_some() {
        order.by_ref().take(STEP).for_each(|i| left[i] = 0.0);
        rows.extend_from_slice(&left);
    }
}

/// The area under a curve by the trapezoid rule, the axis from 0 to 1.
#[must_use]
pub fn area(curve: &[f64], features: usize) -> f64 {
    let place = |k: usize| (k * STEP).min(features) as f64 / features as f64;
    curve.windows(2).enumerate().map(|(k, p)| (place(k + 1) - place(k)) * (p[0] + p[1]) / 2.0).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_go_in_order_and_areas_are_those_of_trapezoids() {
        let map = [0.5, -1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let order = order(&map, 1);
        assert_eq!((order[0], order[1], order[9]), (2, 0, 1));
        let mut rows = Vec::new();
        delete(&[1.0; 10], order.into_iter(), &mut rows);
        assert_eq!(rows.len(), 10 * points(10));
        assert_eq!(rows[10..20].iter().sum::<f32>(), 2.0);
        assert_eq!(rows[20..].iter().sum::<f32>(), 0.0);
        assert!((area(&[1.0, 0.5, 0.0], 10) - (0.8 * 0.75 + 0.2 * 0.25)).abs() < 1e-12);
    }
}
