//! What a set of answers is worth, beyond how many are wrong: class by class, over every threshold, and whether
//! probabilities are what they say.
//!
//! Pure functions of scores and labels; [`Measures`] is all of them for one reading of one set.

mod counts;
mod curves;
mod probabilities;

use serde::{Deserialize, Serialize};

pub use counts::{ClassCounts, balanced_accuracy, by_class, macro_f1};
pub use curves::{Curves, Point, thinned};
pub use probabilities::{calibration_error, log_loss, top_k};

use crate::temperature::softmax;

/// The ranks of [`Measures::top`]: as far as there are more classes.
const RANKS: [usize; 3] = [2, 3, 5];

/// Points of a curve that are kept, at most.
const POINTS: usize = 33;

/// What one reading of a labelled set is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Probabilities are `softmax(logits / temperature)`: fitted on validation samples, or 1.
    pub temperature: f64,
    /// The mean recall of the classes.
    pub balanced_accuracy: Option<f64>,
    /// The mean F1 of the classes.
    pub macro_f1: Option<f64>,
    /// The mean of `-ln p(true class)`.
    pub log_loss: f64,
    /// The expected calibration error, in 15 bins.
    pub calibration_error: f64,
    /// The part of the samples whose class is among the likeliest.
    pub top: Vec<Top>,
    /// Class by class.
    pub classes: Vec<ClassMeasures>,
    /// With two classes, where the second's probability divides them best; none otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
}

/// The part of the samples whose class is among the `k` likeliest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Top {
    /// How many.
    pub k: usize,
    /// That part.
    pub accuracy: f64,
}

/// One class against all others. What cannot be said, for lack of samples, is null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMeasures {
    /// Samples of this class.
    pub samples: usize,
    /// See [`ClassCounts::precision`].
    pub precision: Option<f64>,
    /// See [`ClassCounts::recall`].
    pub recall: Option<f64>,
    /// See [`ClassCounts::f1`].
    pub f1: Option<f64>,
    /// The area under the ROC curve of the class's probability.
    pub auc: Option<f64>,
    /// The mean precision over recall.
    pub average_precision: Option<f64>,
    /// The ROC curve, at no more than 33 points.
    pub roc: Vec<Point>,
    /// Precision over recall, at no more than 33 points.
    pub precision_recall: Vec<Point>,
}

/// A threshold for the second of two classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// A sample whose probability of the second class is this or more counts as that.
    pub probability: f64,
    /// The part of the second class that it then finds.
    pub recall: f64,
    /// The part of the first class that is then taken for the second.
    pub false_positives: f64,
}

impl Measures {
    /// Of logits (samples x classes) and the confusion matrix of the same answers.
    #[must_use]
    pub fn of(logits: &[f32], labels: &[u8], confusion: &[Vec<usize>], temperature: f64) -> Self {
        let count = confusion.len();
        let rows = logits.chunks_exact(count.max(1));
        let probabilities: Vec<f64> = rows.flat_map(|row| softmax(row, temperature)).collect();
        let counts = by_class(confusion);
        let curves: Vec<_> = (0..count).map(|class| one_against_rest(&probabilities, labels, class, count)).collect();
        let second = curves.get(1).filter(|_| count == 2).and_then(Option::as_ref);
        let ranks = RANKS.into_iter().filter(|&k| k < count);
        Self {
            temperature,
            balanced_accuracy: balanced_accuracy(&counts),
            macro_f1: macro_f1(&counts),
            log_loss: log_loss(&probabilities, labels),
            calibration_error: calibration_error(&probabilities, labels),
            top: ranks.map(|k| Top { k, accuracy: top_k(&probabilities, labels, k) }).collect(),
            threshold: second.and_then(Threshold::of),
            classes: counts.iter().zip(&curves).map(|(counts, curves)| ClassMeasures::of(counts, curves)).collect(),
        }
    }
}

impl ClassMeasures {
    fn of(counts: &ClassCounts, curves: &Option<Curves>) -> Self {
        let curves = curves.as_ref();
        Self {
            samples: counts.samples,
            precision: counts.precision,
            recall: counts.recall,
            f1: counts.f1,
            auc: curves.map(|curves| curves.auc),
            average_precision: curves.map(|curves| curves.average_precision),
            roc: curves.map_or(Vec::new(), |curves| thinned(&curves.roc, POINTS)),
            precision_recall: curves.map_or(Vec::new(), |curves| thinned(&curves.precision_recall, POINTS)),
        }
    }
}

impl Threshold {
    /// Where both classes are told best: see [`Curves::best`].
    fn of(curves: &Curves) -> Option<Self> {
        let best = curves.best()?;
        Some(Self { probability: best.threshold?, recall: best.y, false_positives: best.x })
    }
}

/// The curves of one class's probability.
fn one_against_rest(probabilities: &[f64], labels: &[u8], class: usize, classes: usize) -> Option<Curves> {
    let scores: Vec<_> = probabilities.iter().skip(class).step_by(classes.max(1)).copied().collect();
    let is_class: Vec<_> = labels.iter().map(|&label| usize::from(label) == class).collect();
    Curves::of(&scores, &is_class)
}

#[cfg(test)]
mod tests;
