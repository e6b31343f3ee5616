//! Figures of probabilities: whether a network is as sure as it is right.

/// Bins of confidence in [`calibration_error`], equally wide.
const BINS: usize = 15;

/// A probability of 0 counts as this, so that one sure mistake is not an infinite loss.
const LEAST: f64 = f64::EPSILON;

/// `-mean ln p(true class)`, of rows of classes.
#[must_use]
pub fn log_loss(probabilities: &[f64], labels: &[u8]) -> f64 {
    let losses = rows(probabilities, labels).map(|(row, label)| -row[label].max(LEAST).ln());
    losses.sum::<f64>() / labels.len().max(1) as f64
}

/// The expected calibration error: samples are sorted into 15 bins by the probability of the class that they were
/// taken for; the distance of a bin's mean probability from the part of it that is right, averaged over samples.
#[must_use]
pub fn calibration_error(probabilities: &[f64], labels: &[u8]) -> f64 {
    let mut bins = [(0.0, 0.0); BINS];
    for (row, label) in rows(probabilities, labels) {
        let (seen, confidence) = highest(row);
        let bin = ((confidence * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        bins[bin].0 += confidence;
        bins[bin].1 += f64::from(u8::from(seen == label));
    }
    let gaps = bins.iter().map(|(confidence, right)| (confidence - right).abs());
    gaps.sum::<f64>() / labels.len().max(1) as f64
}

/// The part of the samples whose own class is among the `k` likeliest. Of equals the first class counts as the
/// likeliest.
#[must_use]
pub fn top_k(probabilities: &[f64], labels: &[u8], k: usize) -> f64 {
    let is_among = |(row, label): &(&[f64], usize)| {
        let own = row[*label];
        let likelier = row.iter().enumerate().filter(|&(class, &p)| p > own || p == own && class < *label).count();
        likelier < k
    };
    rows(probabilities, labels).filter(is_among).count() as f64 / labels.len().max(1) as f64
}

/// The likeliest class, of equals the first, and its probability.
fn highest(row: &[f64]) -> (usize, f64) {
    let better = |best: (usize, f64), (class, &p): (usize, &f64)| if p > best.1 { (class, p) } else { best };
    row.iter().enumerate().fold((0, f64::NEG_INFINITY), better)
}

/// Every sample's row with its label, as far as the label is one of the classes.
fn rows<'a>(probabilities: &'a [f64], labels: &'a [u8]) -> impl Iterator<Item = (&'a [f64], usize)> {
    let classes = (probabilities.len() / labels.len().max(1)).max(1);
    let rows = probabilities.chunks_exact(classes).zip(labels.iter().map(|&label| usize::from(label)));
    rows.filter(move |&(_, label)| label < classes)
}
