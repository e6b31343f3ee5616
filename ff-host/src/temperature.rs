//! Probabilities from scores: p = softmax(score / T), with one T for all images.

/// `softmax(scores / temperature)`.
#[must_use]
pub fn softmax(scores: &[f32], temperature: f64) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f64> = scores.iter().map(|&s| (f64::from(s - largest) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The T with the least negative log-likelihood of the true labels, `scores` being labels x classes:
/// a golden-section search over its logarithm, in which the likelihood has a single valley. An empty
/// set gives 1.
#[must_use]
pub fn fit(scores: &[f32], labels: &[u8]) -> f64 {
    let classes = scores.len() / labels.len().max(1);
    if classes == 0 {
        return 1.0;
    }
    let loss = |log: f64| -> f64 {
        let rows = scores.chunks_exact(classes).zip(labels);
        rows.map(|(row, &label)| -softmax(row, log.exp())[usize::from(label)].max(1e-300).ln()).sum()
    };
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (1e-4_f64.ln(), 1e6_f64.ln());
    for _ in 0..40 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if loss(left) < loss(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high).exp()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_known_temperature_is_found() {
        // Two classes, right three times of four: at T = 2 a lead of 2 ln 3 says so.
        let scores = [2.0 * 3.0_f32.ln(), 0.0].repeat(4);
        let t = super::fit(&scores, &[0, 0, 0, 1]);
        assert!((t - 2.0).abs() < 0.01, "{t}");
        let p = super::softmax(&scores[..2], t);
        assert!((p[0] - 0.75).abs() < 0.005, "{p:?}");
    }
}
