//! How many images a network gets wrong, and which it takes for which.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::augment::Variation;
use crate::data::Samples;
use crate::kernel::HostKernel;
use crate::network::HostNetwork;
use crate::recipe::Recipe;
use crate::rule::{Reading, logit};
use crate::train::Watch;
use ff_core::classify;
use ff_core::error::Error;
use ff_core::kernel::Kernel;

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

/// Values that are scored side by side, about: enough to fill the kernel, small enough for caches.
const TOGETHER: usize = 250_000;

/// A trained network with the recipe that says how it is read.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// What was learned.
    pub network: &'a HostNetwork,
    /// How.
    pub recipe: &'a Recipe,
    /// Threads to use.
    pub threads: usize,
}

/// The scores that images were given: a row of classes each, the higher the likelier.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// Classes.
    pub classes: usize,
    /// Images x classes.
    pub values: Vec<f32>,
    /// Whether they are a softmax readout's probabilities, or a sum of such.
    pub are_probabilities: bool,
}

impl Scores {
    /// What the class with the highest score of each image makes of these labels.
    ///
    /// # Errors
    /// [`Error::Label`].
    pub fn outcome(&self, labels: &[u8]) -> Result<Outcome, Error> {
        let classes = self.classes;
        let mut confusion = vec![vec![0; classes]; classes];
        for (index, (&label, scores)) in labels.iter().zip(self.values.chunks_exact(classes)).enumerate() {
            let row = confusion.get_mut(usize::from(label)).ok_or(Error::Label { index, label, classes })?;
            row[usize::from(classify::best(scores))] += 1;
        }
        let correct: usize = confusion.iter().enumerate().map(|(label, row)| row[label]).sum();
        Ok(Outcome { images: labels.len(), errors: labels.len() - correct, confusion })
    }

    /// The same as logits, for a softmax: see [`Recipe::logits`].
    #[must_use]
    pub fn logits(&self) -> Cow<'_, [f32]> {
        match self.are_probabilities {
            true => self.values.iter().map(|&p| logit(p)).collect(),
            false => Cow::Borrowed(&self.values),
        }
    }
}

/// Scores images by the sum of the scores that several networks give each class, and each network
/// to every [view](views); nothing where one of them cannot be read that way, or where `watch` ends it.
/// That is told how many of how many looks at an image are done.
///
/// Layers' goodnesses are added in the same way: a committee is one more sum.
///
/// # Errors
/// Images of another size, networks of other classes.
pub fn scores(
    readers: &[Reader<'_>],
    images: &Samples,
    reading: Reading,
    watch: Watch<'_>,
) -> Result<Option<Scores>, Error> {
    let Some(first) = readers.first() else { return Ok(None) };
    let classes = first.network.classes;
    if !readers.iter().all(|reader| reader.recipe.rule.reads_by(reading)) {
        return Ok(None);
    }
    if readers.iter().any(|reader| reader.network.classes != classes) {
        return Err(Error::Shape { what: "the networks have other numbers of classes" });
    }
    let mut sums = vec![0.0; images.len() * classes];
    let asked = readers.iter().flat_map(|reader| views(reader.recipe).iter().map(move |view| (reader, view)));
    let asked: Vec<_> = asked.collect();
    for (n, (reader, view)) in asked.iter().enumerate() {
        let looks = reader.scores(images, view, reading, |start, scores| {
            sums[start * classes..].iter_mut().zip(scores).for_each(|(sum, score)| *sum += score);
            watch(n * images.len() + start + scores.len() / classes, asked.len() * images.len())
        })?;
        if looks.is_break() {
            return Ok(None);
        }
    }
    let are_probabilities = first.recipe.rule.gives_probabilities(reading);
    Ok(Some(Scores { classes, values: sums, are_probabilities }))
}

/// Classifies images by their [scores].
///
/// # Errors
/// As there; labels out of range.
pub fn classify(
    readers: &[Reader<'_>],
    images: &Samples,
    reading: Reading,
    watch: Watch<'_>,
) -> Result<Option<Outcome>, Error> {
    let scores = scores(readers, images, reading, watch)?;
    scores.map(|scores| scores.outcome(&images.labels)).transpose()
}

/// How an image is looked at before it is classified: as it is, and mirrored where the recipe says so.
#[must_use]
pub const fn views(recipe: &Recipe) -> &'static [Variation] {
    const BOTH: &[Variation] = &[Variation::NONE, Variation::MIRRORED];
    if recipe.flip_tta { BOTH } else { BOTH.split_at(1).0 }
}

impl Reader<'_> {
    /// Classifies images by this network alone; nothing where it cannot be read that way.
    ///
    /// # Errors
    /// Images of another size, labels out of range.
    pub fn classify(&self, images: &Samples, reading: Reading) -> Result<Option<Outcome>, Error> {
        classify(std::slice::from_ref(self), images, reading, &mut |_, _| ControlFlow::Continue(()))
    }

    /// Tells `each` the scores of some images at a time, and which is the first of them, until it ends that:
    /// a row of classes for each image, seen in one view, the higher the likelier.
    ///
    /// # Errors
    /// Images of another size.
    pub fn scores(
        &self,
        images: &Samples,
        view: &Variation,
        reading: Reading,
        mut each: impl FnMut(usize, &[f32]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error> {
        let classes = self.network.classes;
        let features = self.network.features_of(images, self.recipe)?;
        let (together, floats) = self.scratch(reading);
        let mut scratch = vec![0.0; floats];
        let mut kernel = HostKernel::new(self.threads);
        let (mut rows, mut scores) = (Vec::new(), Vec::new());
        for start in (0..images.len()).step_by(together) {
            let count = together.min(images.len() - start);
            rows.resize(count * features.len(), 0.0);
            scores.resize(count * classes, 0.0);
            kernel.rows(features.len(), &mut rows, |r: usize, row: &mut [f32]| {
                if let Some((pixels, _)) = images.get(start + r) {
                    features.write(pixels, view, row);
                }
            });
            self.recipe.scores(self.network, reading, &rows, &mut scratch, &mut kernel, &mut scores)?;
            if each(start, &scores).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// How many images to score side by side, and the scratch for it.
    pub(crate) fn scratch(&self, reading: Reading) -> (usize, usize) {
        let (shapes, classes) = (self.network.shapes(), self.network.classes);
        let widest = shapes.iter().map(|shape| shape.outputs).max().unwrap_or(1);
        let images = (TOGETHER / widest).max(1);
        // By goodness every label of a contrastive rule is a row of its own.
        let labelled = self.recipe.rule.is_contrastive() && reading == Reading::Goodness;
        let images = if labelled { (images / classes).max(1) } else { images };
        (images, self.recipe.score_floats(&shapes, classes, reading, images))
    }
}
