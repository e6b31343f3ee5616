//! Paired comparison of methods over the same images.

use ff_core::random::Rng;

/// The mean of some values.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The 95 % interval of the mean: the percentile bootstrap with `draws` seeded resamples.
#[must_use]
pub fn interval(values: &[f64], draws: usize, seed: u64) -> [f64; 2] {
    if values.is_empty() || draws == 0 {
        return [0.0; 2];
    }
    let mut rng = Rng::new(seed);
    let count = values.len();
    let mut means: Vec<f64> = (0..draws)
        .map(|_| (0..count).map(|_| values[rng.below(count as u32) as usize]).sum::<f64>() / count as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    [0.025, 0.975].map(|part| means[((draws - 1) as f64 * part).round() as usize])
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
        assert_eq!(wilcoxon(&[0.0; 4]), 1.0);
        assert_eq!(wilcoxon(&[1.0, -1.0]), 1.0);
        assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
        let [low, high] = interval(&all, 2000, 1);
        assert!(3.0 < low && low < 5.5 && 5.5 < high && high < 8.0, "{low} {high}");
    }
}
