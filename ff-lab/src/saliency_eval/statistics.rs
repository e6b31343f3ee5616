//! Paired comparison of methods over the same images.

use ff_core::random::Rng;

/// The 95 % interval of the mean over seeds and images, `values[seed][image]`, NaN for what does not
/// count: the percentile bootstrap that draws seeds and images anew, the same images for all seeds.
#[must_use]
pub fn interval(values: &[Vec<f64>], draws: usize, seed: u64) -> [f64; 2] {
    let images = values.first().map_or(0, Vec::len);
    if images == 0 || draws == 0 {
        return [0.0; 2];
    }
    let mut rng = Rng::new(seed);
    let mut means: Vec<f64> = (0..draws)
        .map(|_| {
            let seeds: Vec<_> = values.iter().map(|_| &values[rng.below(values.len() as u32) as usize]).collect();
            let (mut sum, mut count) = (0.0, 0.0);
            for _ in 0..images {
                let image = rng.below(images as u32) as usize;
                for value in seeds.iter().filter_map(|seed| seed.get(image)).filter(|value| value.is_finite()) {
                    sum += value;
                    count += 1.0;
                }
            }
            if count > 0.0 { sum / count } else { 0.0 }
        })
        .collect();
    means.sort_by(f64::total_cmp);
    [0.025, 0.975].map(|part| means[((draws - 1) as f64 * part).round() as usize])
}

/// The mean of all values that count.
#[must_use]
pub fn mean(values: &[Vec<f64>]) -> f64 {
    let counted = || values.iter().flatten().copied().filter(|value| value.is_finite());
    counted().sum::<f64>() / counted().count().max(1) as f64
}

/// Every image's mean over the seeds in which it counts; images that never do are left out.
#[must_use]
pub fn by_image(values: &[Vec<f64>]) -> Vec<f64> {
    let images = values.first().map_or(0, Vec::len);
    let over = |image: usize| {
        let counted: Vec<f64> = values.iter().map(|seed| seed[image]).filter(|value| value.is_finite()).collect();
        (!counted.is_empty()).then(|| counted.iter().sum::<f64>() / counted.len() as f64)
    };
    (0..images).filter_map(over).collect()
}

/// The two-sided p of Wilcoxon's signed rank test of paired differences, by the normal
/// approximation with the correction for ties; differences of 0 are left out. 1 where none is left.
#[must_use]
pub fn wilcoxon(differences: &[f64]) -> f64 {
    let mut left: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    left.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let count = left.len() as f64;
    let (mut positive, mut ties, mut start) = (0.0, 0.0, 0);
    while start < left.len() {
        let size = left[start..].iter().take_while(|d| d.abs() == left[start].abs()).count();
        let rank = start as f64 + (size as f64 + 1.0) / 2.0;
        positive += rank * left[start..start + size].iter().filter(|d| **d > 0.0).count() as f64;
        ties += (size as f64).powi(3) - size as f64;
        start += size;
    }
    let variance = count * (count + 1.0) * (2.0 * count + 1.0) / 24.0 - ties / 48.0;
    if variance <= 0.0 {
        return 1.0;
    }
    let z = (positive - count * (count + 1.0) / 4.0) / variance.sqrt();
    libm::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Holm's correction of some p values, in their order.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let (mut corrected, mut largest) = (vec![0.0; p.len()], 0.0_f64);
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max((p[i] * (p.len() - rank) as f64).min(1.0));
        corrected[i] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // Ten differences of one sign: rank sum 55, z = 27.5 / sqrt(96.25).
        let all: Vec<f64> = (1..=10).map(f64::from).collect();
        assert!((wilcoxon(&all) - 0.005_062).abs() < 1e-5, "{}", wilcoxon(&all));
        // SciPy 1.17: `wilcoxon(d, zero_method="wilcox", correction=False, method="approx").pvalue`.
        let ties_and_a_zero = [0.5, -1.25, 2.0, 2.0, -0.5, 3.75, 0.0, 1.0, -1.0, 4.5, 0.25, 2.5];
        assert!((wilcoxon(&ties_and_a_zero) - 0.074_935_574_719_454_3).abs() < 1e-12);
        let no_ties = [-0.1, -0.2, -0.3, 0.4, -0.5, -0.6, 0.7, -0.8, -0.9];
        assert!((wilcoxon(&no_ties) - 0.173_070_920_804_995_3).abs() < 1e-12);
        assert_eq!(wilcoxon(&[0.0; 4]), 1.0);
        assert_eq!(wilcoxon(&[1.0, -1.0]), 1.0);
        assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
        let with_gap = [vec![1.0, f64::NAN, 5.0], vec![3.0, f64::NAN, 5.0]];
        assert_eq!((mean(&with_gap), by_image(&with_gap)), (3.5, vec![2.0, 5.0]));
        let [low, high] = interval(&[all], 2000, 1);
        assert!(3.0 < low && low < 5.5 && 5.5 < high && high < 8.0, "{low} {high}");
    }
}
