//! The planted patch: images on which a small patch alone tells the label.
//!
//! Pictures keep their pixels and are given labels at random, and a square at a fixed place is filled
//! with one of several patterns, each with half of its pixels lit, that names the label. A network that
//! classifies new images of this kind has learned to look at the patch, so a map that tells the truth
//! has its contrast there.
//!
//! What else a network looks at is kept small: the labels are drawn anew in every epoch, so that no
//! picture can be learned by heart, and weights decay until little is left of what they began with.
//! Something remains, and is no map's fault: all inputs count in the length that an input is divided by.

use std::ops::ControlFlow;

use anyhow::ensure;
use ff_core::classify;
use ff_core::random::Rng;
use serde::{Deserialize, Serialize};

use super::methods::{Aim, Method};
use super::{Case, Subject};
use ff_host::augment::Variation;
use ff_host::data::{Dataset, Samples};
use ff_host::features::Features;
use ff_host::network::HostNetwork;
use ff_host::recipe::Recipe;
use ff_host::train::Trainer;

/// The part of the absolute contrast that should be inside the patch.
pub const SHARE: f64 = 0.8;

/// A square and what it is filled with.
#[derive(Clone, Copy, Debug)]
pub struct Patch {
    /// Its left column and its upper row.
    pub corner: usize,
    /// Its side.
    pub side: usize,
    /// How many labels it tells apart, at most its pixels.
    pub classes: usize,
}

/// A network that learned from planted images, with new ones to ask it about.
pub struct Planted {
    /// What was learned.
    pub network: HostNetwork,
    /// How.
    pub recipe: Recipe,
    /// Where its label is.
    pub patch: Patch,
    /// New images, as the network takes them.
    pub images: Vec<Vec<f32>>,
    /// Their labels.
    pub labels: Vec<u8>,
    /// Features in a row of the picture.
    pub width: usize,
}

/// A method's part of the contrast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The method, against the mean of the other labels.
    pub method: String,
    /// Its absolute contrast inside the patch over all of it, a mean over rightly seen images.
    pub share: f64,
    /// Of the worst image.
    pub least: f64,
    /// Whether the mean is at least [`SHARE`].
    pub passes: bool,
}

/// What was found of one recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The data set whose pictures were taken.
    pub dataset: String,
    /// The recipe.
    pub recipe: String,
    /// The widths of the layers.
    pub layers: Vec<usize>,
    /// The seed.
    pub seed: u64,
    /// Images learned from.
    pub train_images: usize,
    /// New images asked about.
    pub images: usize,
    /// How many of them are classified rightly.
    pub right: usize,
    /// The part of the pixels that the patch is.
    pub area: f64,
    /// One a method.
    pub shares: Vec<Share>,
}

impl Patch {
    /// The patch of pictures of this size, near the upper left corner: 4x4 pixels that tell ten labels
    /// apart or, on pictures less than 16 pixels wide, 2x2 that tell four. It is one cell of the methods
    /// that work by cells.
    #[must_use]
    pub fn new(width: usize, classes: usize) -> Self {
        let (corner, side) = if width < 16 { (0, 2) } else { (4, 4) };
        Self { corner, side, classes: classes.min(side * side) }
    }

    /// The pixels inside.
    pub fn pixels(self, width: usize) -> impl Iterator<Item = usize> {
        let Self { corner, side, .. } = self;
        (0..side * side).map(move |k| (corner + k / side) * width + corner + k % side)
    }

    /// Whether the patch's pixel `k` is lit for a label: half of them in a row, from a place that
    /// belongs to the label.
    const fn lit(self, label: usize, k: usize) -> bool {
        let count = self.side * self.side;
        (k + count - label * count / self.classes) % count < count / 2
    }

    /// Fills the patch of the first `count` images, each with a label drawn at random.
    fn plant(self, images: &Samples, count: usize, seed: u64) -> Samples {
        let (size, mut rng) = (images.features(), Rng::new(seed));
        let count = count.min(images.len());
        let labels: Vec<u8> = (0..count).map(|_| rng.below(self.classes as u32) as u8).collect();
        let mut pixels: Vec<u8> = images.iter().take(count).flat_map(|(sample, _)| sample.bytes().to_vec()).collect();
        let (width, height, maximum) = (images.shape().columns(), images.shape().rows(), images.maximum());
        for (image, &label) in pixels.chunks_exact_mut(size).zip(&labels) {
            for (k, i) in self.pixels(width).enumerate() {
                image[i] = if self.lit(usize::from(label), k) { maximum } else { 0 };
            }
        }
        Samples::grey(width, height, maximum, pixels, labels)
    }
}

impl Planted {
    /// The part of the pixels that the patch is.
    #[must_use]
    pub fn area(&self) -> f64 {
        let pixels = self.images.first().map_or(1, Vec::len);
        (self.patch.side * self.patch.side) as f64 / pixels as f64
    }
}

/// Trains a network on the first `train` planted images and gives it with `count` planted test images.
///
/// # Errors
/// A recipe that pools, centres or standardises images or lets labels take the place of pixels, which would
/// move or hide the patch; what training refuses.
pub fn train(
    recipe: &Recipe,
    data: &Dataset,
    [train, count]: [usize; 2],
    threads: usize,
    seed: u64,
) -> anyhow::Result<Planted> {
    let patch = Patch::new(data.train.shape().columns(), data.classes);
    ensure!(
        recipe.pool == 1 && recipe.black_is_zero() && recipe.dropped(patch.classes) == 0,
        "the recipe {} pools, centres or standardises images, or its labels take the place of pixels: the patch \
         would not stay where it is",
        recipe.name
    );
    // A patch that is moved, turned or mirrored is not at a fixed place.
    let still = Recipe {
        weight_decay: washing(recipe, train.min(data.train.len())),
        jitter: 0,
        flip: false,
        rotate: 0.0,
        stretch: 0.0,
        shear: 0.0,
        elastic: 0.0,
        ..recipe.clone()
    };
    // Other labels in every epoch: a picture that kept its own could be learned by heart.
    let planted = |epoch: usize| patch.plant(&data.train, train, (seed << 32).wrapping_add(epoch as u64));
    let mut trainer = Trainer::new(&still, &planted(0), patch.classes, seed, threads)?;
    for epoch in 0..still.epochs {
        trainer.epoch(&planted(epoch), &mut |_, _| ControlFlow::Continue(()))?;
    }
    let test = patch.plant(&data.test, count, !seed);
    let features = Features::new(&test, &still, patch.classes)?;
    let row = |i: usize| {
        let mut row = vec![0.0; features.len()];
        if let Some((pixels, _)) = test.get(i) {
            features.write(pixels, &Variation::NONE, &mut row);
        }
        row
    };
    let images = (0..test.len()).map(row).collect();
    let network = trainer.network().clone();
    Ok(Planted { network, recipe: still, patch, images, labels: test.labels, width: features.width() })
}

/// The weight decay that leaves a fiftieth of what the weights began with, or more where the rate falls.
fn washing(recipe: &Recipe, images: usize) -> f32 {
    let steps = recipe.epochs * images.div_ceil(recipe.batch_size);
    recipe.weight_decay.max(4.0 / (recipe.learning_rate * steps as f32))
}

/// How many of the images a network classifies rightly, and each method's share of those.
///
/// # Errors
/// What a method refuses.
pub fn shares(subject: &mut dyn Subject, planted: &Planted, seed: u64) -> anyhow::Result<(usize, Vec<Share>)> {
    let mut cases = Vec::new();
    for (image, &truth) in planted.images.iter().zip(&planted.labels) {
        let labels = classify::best_two(&subject.scores(image)?);
        if labels[0] == truth {
            cases.push(Case { image, width: planted.width, labels, seed });
        }
    }
    let mut found = Vec::new();
    for kind in subject.kinds() {
        let method = Method { kind, aim: Some(Aim::Mean) };
        let mut shares = Vec::new();
        for case in &cases {
            let Some(told) = subject.map(method, case)? else { break };
            let inside: f64 = planted.patch.pixels(planted.width).map(|i| f64::from(told.map[i].abs())).sum();
            let all: f64 = told.map.iter().map(|m| f64::from(m.abs())).sum();
            shares.push(if all > 0.0 { inside / all } else { 0.0 });
        }
        if !shares.is_empty() {
            let share = shares.iter().sum::<f64>() / shares.len() as f64;
            let least = shares.iter().copied().fold(1.0, f64::min);
            found.push(Share { method: kind.name().to_owned(), share, least, passes: share >= SHARE });
        }
    }
    Ok((cases.len(), found))
}

#[cfg(test)]
mod tests {
    use super::Patch;

    #[test]
    fn every_label_lights_half_of_the_patch_in_its_own_way() {
        for (width, classes, told) in [(28, 10, 10), (8, 10, 4), (8, 2, 2)] {
            let patch = Patch::new(width, classes);
            assert_eq!(patch.classes, told);
            let count = patch.side * patch.side;
            let pattern = |label| (0..count).map(|k| patch.lit(label, k)).collect::<Vec<_>>();
            for label in 0..told {
                assert_eq!(pattern(label).iter().filter(|lit| **lit).count(), count / 2);
                assert!((0..label).all(|other| pattern(other) != pattern(label)), "{label}");
            }
            assert_eq!(patch.pixels(width).count(), count);
        }
    }
}
