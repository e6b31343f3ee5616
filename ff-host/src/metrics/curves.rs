//! Curves over every threshold: how well a score tells the samples of one class from all others.

use serde::{Deserialize, Serialize};

/// A point of a curve: both coordinates, and the threshold there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Across.
    pub x: f64,
    /// Upwards.
    pub y: f64,
    /// Scores from here on count as the class; none where no score is high enough.
    pub threshold: Option<f64>,
}

/// How a class is told from the others at every threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// Receiver operating characteristic: the part of the others taken for the class (x), the part of the class
    /// (y), from no sample to all.
    pub roc: Vec<Point>,
    /// Recall (x) and precision (y), from the highest threshold to the lowest.
    pub precision_recall: Vec<Point>,
    /// The area under the ROC curve, by trapezia: the probability that a sample of the class scores higher than
    /// one of the others.
    pub auc: f64,
    /// The mean precision over the steps in recall, weighted by them.
    pub average_precision: f64,
}

impl Curves {
    /// Of scores, and of which samples are of the class; none where all are, or none is.
    #[must_use]
    pub fn of(scores: &[f64], is_class: &[bool]) -> Option<Self> {
        let own = is_class.iter().filter(|&&is_class| is_class).count();
        let others = is_class.len() - own;
        if own == 0 || others == 0 {
            return None;
        }
        let (own, others) = (own as f64, others as f64);
        let mut roc = vec![Point { x: 0.0, y: 0.0, threshold: None }];
        let (mut precision_recall, mut auc, mut average_precision) = (Vec::new(), 0.0, 0.0);
        for (score, right, wrong) in cuts(scores, is_class) {
            let threshold = Some(score);
            let (x, y, last) = (wrong / others, right / own, roc[roc.len() - 1]);
            let precision = right / (right + wrong);
            auc += (x - last.x) * f64::midpoint(y, last.y);
            average_precision += (y - last.y) * precision;
            roc.push(Point { x, y, threshold });
            precision_recall.push(Point { x: y, y: precision, threshold });
        }
        Some(Self { roc, precision_recall, auc, average_precision })
    }

    /// The point of the ROC curve that is farthest above the diagonal, where the two parts that are right have the
    /// highest sum (Youden); of equals the highest threshold.
    #[must_use]
    pub fn best(&self) -> Option<Point> {
        // By more than rounding, so that the first of equals stays.
        let is_higher = |point: &Point, best: &Point| point.y - point.x > best.y - best.x + 1e-12;
        let higher = |best: Point, point: Point| if is_higher(&point, &best) { point } else { best };
        self.roc.get(1..)?.iter().copied().reduce(higher)
    }
}

/// Some points of a curve, the first and the last among them, as evenly spread as its points are: no more than
/// `count`.
#[must_use]
pub fn thinned(points: &[Point], count: usize) -> Vec<Point> {
    let (last, count) = (points.len().saturating_sub(1), count.max(2));
    if points.len() <= count {
        return points.to_vec();
    }
    (0..count).map(|n| points[n * last / (count - 1)]).collect()
}

/// At every score, from the highest down: it, and how many of the class and of the others score as much.
fn cuts(scores: &[f64], is_class: &[bool]) -> Vec<(f64, f64, f64)> {
    let mut ranked: Vec<_> = scores.iter().copied().zip(is_class.iter().copied()).collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let (mut right, mut wrong) = (0.0, 0.0);
    let equal = ranked.chunk_by(|(a, _), (b, _)| a == b);
    let cuts = equal.map(|chunk| {
        let own = chunk.iter().filter(|(_, is_class)| *is_class).count();
        right += own as f64;
        wrong += (chunk.len() - own) as f64;
        (chunk[0].0, right, wrong)
    });
    cuts.collect()
}
