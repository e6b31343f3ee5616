//! What a model sees in each image of a set.

use anyhow::Context;
use ff_core::classify;

use super::explainer::Explainer;
use crate::augment::Variation;
use crate::data::Samples;
use crate::progress::Progress;
use crate::temperature;

/// Images that are scored between two steps of a progress bar.
const TOGETHER: usize = 100;

/// What the model sees in one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Its number in the set; none for the user's own image.
    pub index: Option<usize>,
    /// Its label, where it is known.
    pub truth: Option<u8>,
    /// The label with the best score.
    pub label: u8,
    /// The label with the second score.
    pub runner_up: u8,
    /// Every class's score.
    pub scores: Vec<f32>,
    /// softmax(scores / T).
    pub probabilities: Vec<f32>,
}

impl Prediction {
    /// Orders an image's scores.
    pub fn new(index: Option<usize>, truth: Option<u8>, scores: &[f32], temperature: f64) -> Self {
        let [label, runner_up] = classify::best_two(scores);
        let probabilities = temperature::softmax(scores, temperature).into_iter().map(|p| p as f32).collect();
        Self { index, truth, label, runner_up, scores: scores.to_vec(), probabilities }
    }

    /// The probability of the predicted label.
    pub fn sureness(&self) -> f32 {
        self.probability(self.label)
    }

    /// A label's probability.
    pub fn probability(&self, label: u8) -> f32 {
        self.probabilities.get(usize::from(label)).copied().unwrap_or_default()
    }

    /// Whether the label is known and another one was seen.
    pub fn is_wrong(&self) -> bool {
        self.truth.is_some_and(|truth| truth != self.label)
    }
}

/// All scores of a set, images x classes, with a progress bar on long work.
///
/// # Errors
/// Images that do not fit the model.
pub fn scores(explainer: &mut Explainer<'_>, images: &Samples, what: &'static str) -> anyhow::Result<Vec<f32>> {
    let network = &explainer.model().network;
    let features = network.features_of(images, &explainer.model().about.recipe)?;
    let mut progress = Progress::new(what, "images", images.len());
    let mut scores = Vec::with_capacity(images.len() * network.classes);
    let mut rows = Vec::new();
    for first in (0..images.len()).step_by(TOGETHER) {
        let some = first..images.len().min(first + TOGETHER);
        rows.resize(some.len() * features.len(), 0.0);
        for (row, index) in rows.chunks_exact_mut(features.len()).zip(some.clone()) {
            let (pixels, _) = images.get(index).context("an image past the end")?;
            features.write(pixels, &Variation::NONE, row);
        }
        scores.extend(explainer.scores(&rows)?);
        progress.advance(some.len());
    }
    Ok(scores)
}

/// `confusion[true][predicted]`.
pub fn confusion(predictions: &[Prediction], classes: usize) -> Vec<Vec<usize>> {
    let mut confusion = vec![vec![0; classes]; classes];
    for prediction in predictions {
        if let Some(row) = prediction.truth.and_then(|truth| confusion.get_mut(usize::from(truth))) {
            row[usize::from(prediction.label)] += 1;
        }
    }
    confusion
}
