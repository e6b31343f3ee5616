//! Deletion and insertion: what a network makes of an image while its pixels go, a few at a time.

use ff_core::random;

/// Pixels changed between two points of a curve.
pub const STEP: usize = 8;

/// The order of the features, the largest first; equal values in an order that the seed alone decides.
///
/// A negative zero equals a positive one: gradients put the one on blank pixels and sweeps the other, and
/// the sign of nothing must not rank them. A map with NaN has no order: NaN goes last, like the least value.
#[must_use]
pub fn order(map: &[f32], seed: u32) -> Vec<usize> {
    // Adding zero turns -0 into 0; the rest keeps its bits.
    let value = |i: usize| if map[i].is_nan() { f32::NEG_INFINITY } else { map[i] + 0.0 };
    let key = |i: usize| random::hash(seed, i as u32);
    let mut order: Vec<usize> = (0..map.len()).collect();
    order.sort_by(|&a, &b| value(b).total_cmp(&value(a)).then(key(a).cmp(&key(b))));
    order
}

/// How many points a curve over so many pixels has: the whole image, and after every step.
#[must_use]
pub const fn points(pixels: usize) -> usize {
    1 + pixels.div_ceil(STEP)
}

/// Images to be scored; one that equals the one before it is kept once.
#[derive(Default)]
pub struct Rows {
    /// The images, one after the other.
    pub values: Vec<f32>,
    /// For every point of every curve, the number of its image.
    pub places: Vec<usize>,
    images: usize,
}

impl Rows {
    /// Adds the image after every step in which the substrate takes the place of the pixels in this
    /// order.
    pub fn delete(&mut self, image: &[f32], substrate: &[f32], order: &[usize]) {
        let mut left = image.to_vec();
        self.add(&left);
        for some in order.chunks(STEP) {
            let changes = some.iter().any(|&i| left[i] != substrate[i]);
            some.iter().for_each(|&i| left[i] = substrate[i]);
            if changes {
                self.add(&left);
            } else {
                self.places.push(self.images - 1);
            }
        }
    }

    fn add(&mut self, image: &[f32]) {
        self.values.extend_from_slice(image);
        self.places.push(self.images);
        self.images += 1;
    }
}

/// The area under a curve over so many pixels by the trapezoid rule, the axis from 0 to 1.
#[must_use]
pub fn area(curve: &[f64], pixels: usize) -> f64 {
    let place = |k: usize| (k * STEP).min(pixels) as f64 / pixels.max(1) as f64;
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
        let mut rows = Rows::default();
        rows.delete(&[1.0; 10], &[0.0; 10], &order);
        assert_eq!((rows.values.len(), points(10)), (10 * points(10), 3));
        assert_eq!(rows.values[10..20].iter().sum::<f32>(), 2.0);
        assert_eq!(rows.values[20..].iter().sum::<f32>(), 0.0);
        assert!((area(&[1.0, 0.5, 0.0], 10) - (0.8 * 0.75 + 0.2 * 0.25)).abs() < 1e-12);
    }

    #[test]
    fn the_seed_alone_decides_among_equal_values() {
        let signed: Vec<f32> = (0..64).map(|i| if i % 3 == 0 { -0.0 } else { 0.0 }).collect();
        for seed in 0..20 {
            assert_eq!(order(&signed, seed), order(&[0.0; 64], seed), "zeros of both signs, seed {seed}");
            assert_eq!(order(&[0.5; 64], seed), order(&[0.0; 64], seed), "any equal values, seed {seed}");
        }
        assert_ne!(order(&signed, 1), order(&signed, 2));
        assert_eq!(order(&[f32::NAN, -1.0, f32::INFINITY], 1), [2, 1, 0]);
    }

    #[test]
    fn an_image_that_does_not_change_is_scored_once() {
        let mut image = [0.0; 20];
        image[19] = 1.0;
        let mut rows = Rows::default();
        rows.delete(&image, &[0.0; 20], &(0..20).collect::<Vec<_>>());
        assert_eq!(rows.places, [0, 0, 0, 1]);
        assert_eq!(rows.values.len(), 40);
    }
}
