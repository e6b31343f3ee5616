//! How alike two maps of one image are.

/// Rank correlation and structural similarity of two maps over the pixels with ink: elsewhere all maps
/// but noisy ones are 0, and ties would look like agreement.
#[must_use]
pub fn on_ink(a: &[f32], b: &[f32], image: &[f32], width: usize) -> Option<[f64; 2]> {
    let ink = |map: &[f32]| map.iter().zip(image).filter(|(_, x)| **x != 0.0).map(|(m, _)| *m).collect::<Vec<_>>();
    Some([spearman(&ink(a), &ink(b))?, ssim(a, b, image, width)?])
}

/// Spearman's rank correlation, ties having their mean rank; none where one side is constant.
#[must_use]
pub fn spearman(a: &[f32], b: &[f32]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let middle = (a.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let size = (product(&a, &a) * product(&b, &b)).sqrt();
    (size > 0.0).then(|| product(&a, &b) / size)
}

fn ranks(values: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let (mut ranks, mut below) = (vec![0.0; values.len()], 0);
    for same in order.chunk_by(|&i, &j| values[i] == values[j]) {
        same.iter().for_each(|&i| ranks[i] = below as f64 + (same.len() as f64 + 1.0) / 2.0);
        below += same.len();
    }
    ranks
}

/// The side of a window.
const WINDOW: usize = 7;

/// Structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004) of two signed maps, each scaled to
/// its largest absolute value: the mean over windows of 7x7 pixels, cut at the edge, around every pixel
/// with ink. None where one map is all zeros.
#[must_use]
pub fn ssim(a: &[f32], b: &[f32], image: &[f32], width: usize) -> Option<f64> {
    let (a, b) = (scaled(a)?, scaled(b)?);
    let ink = (0..image.len()).filter(|&i| image[i] != 0.0);
    let (sum, count) = ink.fold((0.0, 0.0), |(sum, count), i| (sum + around(&a, &b, i, width), count + 1.0));
    (count > 0.0).then(|| sum / count)
}

fn scaled(map: &[f32]) -> Option<Vec<f64>> {
    let largest = map.iter().fold(0.0_f32, |largest, m| largest.max(m.abs()));
    (largest > 0.0).then(|| map.iter().map(|m| f64::from(m / largest)).collect())
}

/// The similarity in the window around one pixel.
fn around(a: &[f64], b: &[f64], i: usize, width: usize) -> f64 {
    // The constants of the source, for values from -1 to 1.
    const SMALL: [f64; 2] = [0.02 * 0.02, 0.06 * 0.06];
    let span = |at: usize, length: usize| at.saturating_sub(WINDOW / 2)..length.min(at + WINDOW / 2 + 1);
    let columns = span(i % width, width);
    let window = span(i / width, a.len() / width).flat_map(|y| columns.clone().map(move |x| y * width + x));
    let (mut n, mut sums, mut squares, mut product) = (0.0, [0.0; 2], [0.0; 2], 0.0);
    for j in window {
        n += 1.0;
        sums = [sums[0] + a[j], sums[1] + b[j]];
        squares = [squares[0] + a[j] * a[j], squares[1] + b[j] * b[j]];
        product += a[j] * b[j];
    }
    let [p, q] = sums.map(|sum| sum / n);
    let variances = squares[0] / n - p * p + squares[1] / n - q * q;
    let covariance = product / n - p * q;
    (2.0 * p * q + SMALL[0]) * (2.0 * covariance + SMALL[1]) / ((p * p + q * q + SMALL[0]) * (variances + SMALL[1]))
}

#[cfg(test)]
mod tests {
    use super::{spearman, ssim};

    #[test]
    fn ranks_are_compared_not_values() {
        assert_eq!(spearman(&[1.0, 2.0, 30.0], &[-1.0, 0.0, 0.5]), Some(1.0));
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
        assert_eq!(spearman(&[1.0, 1.0], &[3.0, 2.0]), None);
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        assert!((spearman(&[0.0, 1.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 3.0]).unwrap() - 0.948_683).abs() < 1e-5);
    }

    #[test]
    fn structure_is_compared_not_scale() {
        let map: Vec<f32> = (0..64).map(|i| ((i * 37 % 11) as f32) - 5.0).collect();
        let twice: Vec<f32> = map.iter().map(|m| 2.0 * m).collect();
        let other: Vec<f32> = (0..64).map(|i| ((i * 29 % 13) as f32) - 6.0).collect();
        let ink = [1.0; 64];
        assert!((ssim(&map, &twice, &ink, 8).unwrap() - 1.0).abs() < 1e-9);
        assert!(ssim(&map, &other, &ink, 8).unwrap() < 0.5);
        assert_eq!(ssim(&map, &[0.0; 64], &ink, 8), None);
        assert_eq!(ssim(&map, &twice, &[0.0; 64], 8), None);
    }
}
