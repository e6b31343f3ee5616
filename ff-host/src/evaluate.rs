//! How many images a network gets wrong, and which it takes for which.

use crate::data::Images;
use crate::features::Features;
use crate::kernel::HostKernel;
use crate::network::HostNetwork;
use ff_core::classify::{self, ScoredLayers};
use ff_core::error::Error;

/// The result of classifying a set of images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many images there were.
    pub images: usize,
    /// How many were given another label than their own.
    pub errors: usize,
    /// `confusion[true label][predicted label]`: how many images.
    pub confusion: Vec<Vec<usize>>,
}

impl Outcome {
    /// Errors as a part of the images, 0 to 1.
    #[must_use]
    pub fn error_rate(&self) -> f64 {
        self.errors as f64 / self.images.max(1) as f64
    }
}

/// Images that are classified side by side by goodness, each with all labels.
const BY_GOODNESS: usize = 20;

/// Images that are classified side by side by readout.
const BY_READOUT: usize = 250;

/// Classifies by goodness: every label is tried, the best scored wins.
///
/// # Errors
/// Images of another size, labels out of range.
pub fn by_goodness(
    network: &HostNetwork,
    images: &Images,
    scored: ScoredLayers,
    threads: usize,
) -> Result<Outcome, Error> {
    let floats = classify::goodness_floats(&network.shapes(), network.classes, BY_GOODNESS * network.classes);
    let mut scratch = vec![0.0; floats];
    let mut kernel = HostKernel::new(threads);
    outcome(network, images, BY_GOODNESS, |rows, scores| {
        classify::by_goodness(network, rows, scored, &mut scratch, &mut kernel, scores)
    })
}

/// Classifies by readout: one neutral pass, the likeliest class wins.
///
/// # Errors
/// As [`by_goodness`], and a network without a readout.
pub fn by_readout(network: &HostNetwork, images: &Images, threads: usize) -> Result<Outcome, Error> {
    let floats = classify::readout_floats(&network.shapes(), network.classes, BY_READOUT);
    let mut scratch = vec![0.0; floats];
    let mut kernel = HostKernel::new(threads);
    outcome(network, images, BY_READOUT, |rows, scores| {
        classify::by_readout(network, rows, &mut scratch, &mut kernel, scores)
    })
}

/// Runs `score` over the images, `together` at a time, and counts.
fn outcome(
    network: &HostNetwork,
    images: &Images,
    together: usize,
    mut score: impl FnMut(&[f32], &mut [f32]) -> Result<(), Error>,
) -> Result<Outcome, Error> {
    let classes = network.classes;
    let features = Features::new(images, network.features(), classes)?;
    let mut confusion = vec![vec![0; classes]; classes];
    let mut rows = Vec::new();
    let mut scores = Vec::new();
    let mut index = 0;
    for labels in images.labels.chunks(together) {
        rows.resize(labels.len() * features.len(), 0.0);
        scores.resize(labels.len() * classes, 0.0);
        for (row, image) in rows.chunks_exact_mut(features.len()).zip(index..) {
            if let Some((pixels, _)) = images.get(image) {
                features.write(pixels, (0, 0), row);
            }
        }
        score(&rows, &mut scores)?;
        for ((scores, &label), index) in scores.chunks_exact(classes).zip(labels).zip(index..) {
            let truth = confusion.get_mut(usize::from(label));
            let row = truth.ok_or(Error::Label { index, label, classes })?;
            row[usize::from(classify::best(scores))] += 1;
        }
        index += labels.len();
    }
    let correct: usize = confusion.iter().enumerate().map(|(label, row)| row[label]).sum();
    Ok(Outcome { images: images.len(), errors: images.len() - correct, confusion })
}
