//! Probabilities from scores: p = softmax(score / T), with one T for all images.

/// T with the least mean negative log-likelihood over held-out images.
///
/// In 1 / T the likelihood has one minimum, so a golden-section search over ln T finds it, to
/// 1e-3. `scores` is labels x classes; an empty set gives 1.
pub fn fit(scores: &[f32], labels: &[u8]) -> f32 {
    if labels.is_empty() {
        return 1.0;
    }
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = ((1e-4_f64).ln(), (1e6_f64).ln());
    while high - low > 1e-3 {
        let step = ratio * (high - low);
        let (left, right) = (high - step, low + step);
        let loss = |t: f64| mean_loss(scores, labels, t.exp() as f32);
        if loss(left) < loss(right) { high = right } else { low = left }
    }
    ((low + high) / 2.0).exp() as f32
}

/// softmax(scores / T).
pub fn softmax(scores: &[f32], temperature: f32) -> Vec<f32> {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = scores.iter().map(|s| ((s - top) / temperature).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn mean_loss(scores: &[f32], labels: &[u8], temperature: f32) -> f64 {
    let classes = scores.len() / labels.len();
    let rows = scores.chunks_exact(classes).zip(labels);
    let loss = rows.map(|(row, &label)| {
        let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = row.iter().map(|s| ((s - top) / temperature).exp()).sum();
        f64::from(sum.ln() - (row[usize::from(label)] - top) / temperature)
    });
    loss.sum::<f64>() / labels.len() as f64
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_known_temperature_is_found() {
        // Two classes, score difference 2 ln 3, right three times of four: at T = 2 the
        // probability is 3 / 4, which is the truth.
        let scores = [2.0 * 3.0_f32.ln(), 0.0].repeat(4);
        let t = super::fit(&scores, &[0, 0, 0, 1]);
        assert!((t - 2.0).abs() < 0.01, "{t}");
        let p = super::softmax(&scores[..2], t);
        assert!((p[0] - 0.75).abs() < 0.005, "{p:?}");
    }
}
