//! Figures of a confusion matrix: what is right class by class.

/// How one class was recognised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassCounts {
    /// Samples of this class.
    pub samples: usize,
    /// Of what was taken for this class, the part that is; none where nothing was.
    pub precision: Option<f64>,
    /// Of the class's samples, the part that was taken for it; none without samples.
    pub recall: Option<f64>,
    /// The harmonic mean of both, `2 tp / (2 tp + fp + fn)`; none where neither is there.
    pub f1: Option<f64>,
}

/// Every class of `confusion[true][predicted]`.
#[must_use]
pub fn by_class(confusion: &[Vec<usize>]) -> Vec<ClassCounts> {
    let taken = |class: usize| confusion.iter().map(|row| row.get(class).copied().unwrap_or(0)).sum::<usize>();
    let classes = confusion.iter().enumerate().map(|(class, row)| {
        let (right, samples, taken) = (row.get(class).copied().unwrap_or(0), row.iter().sum(), taken(class));
        ClassCounts {
            samples,
            precision: part(right, taken),
            recall: part(right, samples),
            f1: part(2 * right, samples + taken),
        }
    });
    classes.collect()
}

/// The mean recall of the classes that have samples; none without samples.
#[must_use]
pub fn balanced_accuracy(classes: &[ClassCounts]) -> Option<f64> {
    mean(classes.iter().filter_map(|class| class.recall))
}

/// The mean F1 of the classes that have samples or were seen; none where none has.
#[must_use]
pub fn macro_f1(classes: &[ClassCounts]) -> Option<f64> {
    mean(classes.iter().filter_map(|class| class.f1))
}

/// A mean of what there is.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

fn part(some: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| some as f64 / all as f64)
}
