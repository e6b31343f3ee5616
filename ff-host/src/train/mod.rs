//! Training on a host: epochs over shuffled images, with ff-core's own step.

mod checkpoint;

use crate::augment::Augment;
use crate::data::{Samples, shuffled};
use crate::features::{Features, Standard};
use crate::kernel::HostKernel;
use crate::network::{HostMemory, HostNetwork};
use crate::recipe::{Optimiser, Recipe};
use ff_core::error::Error;
use ff_core::hybrid;
use ff_core::kernel::Kernel;
use ff_core::layer::Shape;
use ff_core::learner::{LayerReport, Report};
use ff_core::optimiser::{self, Adam, Moments, Momentum};
use ff_core::random::Rng;
use ff_core::sample::Batch;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::time::Instant;

pub use checkpoint::{AtHand, Position};

/// What is called after each batch: how many images are done, of how many. It may stop the epoch.
pub type Watch<'a> = &'a mut dyn FnMut(usize, usize) -> ControlFlow<()>;

/// A network in training, with all that its training needs.
pub struct Trainer<K = HostKernel> {
    recipe: Recipe,
    memory: HostMemory,
    average: Option<Average>,
    kernel: K,
    epoch: usize,
    /// The epoch that was begun last, and whether it is not over.
    at_hand: Option<AtHand>,
    is_amid: bool,
}

/// What an epoch saw.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochReport {
    /// Its number, from 1.
    pub epoch: usize,
    /// How long it took.
    pub seconds: f64,
    /// The schedule's lr_scale at its end.
    pub lr_scale: f32,
    /// What each layer gives positive and negative rows ([`Rule::layer_scores`](crate::rule::Rule::layer_scores)),
    /// a mean over the epoch, before each step.
    pub layers: Vec<LayerReport>,
    /// The part of the training images that were given another label, with dropout and before they
    /// were learned from; none where the rule does not classify as it learns.
    pub error: Option<f64>,
    /// Whether it came to its end; otherwise it was stopped by its watcher.
    pub finished: bool,
}

impl Trainer {
    /// A fresh network for images of this size, its weights drawn from `seed`.
    ///
    /// # Errors
    /// [`Error::Shape`] where pooling or the overlay leaves no feature.
    pub fn new(recipe: &Recipe, images: &Samples, classes: usize, seed: u64, threads: usize) -> Result<Self, Error> {
        Self::with_kernel(recipe, images, classes, seed, HostKernel::new(threads))
    }
}

impl<K: Kernel> Trainer<K> {
    /// The same on another kernel.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn with_kernel(recipe: &Recipe, images: &Samples, classes: usize, seed: u64, kernel: K) -> Result<Self, Error> {
        let features = Features::new(images, recipe, classes)?;
        let mut network = HostNetwork::zeroed(features.len(), classes, recipe);
        let first = HostNetwork { standard: Standard::NONE, ..network.clone() };
        let second = if recipe.optimiser == Optimiser::Adam { first.clone() } else { HostNetwork::none() };
        network.standard = Standard::fit(recipe, &features, images);
        let floats = scratch_floats(recipe, &network.shapes(), classes);
        let means = vec![0.0; recipe.layers.iter().sum()];
        let mut memory = HostMemory::new(network, Moments { first, second }, vec![0.0; floats], means);
        memory.rng = Rng::new(seed);
        recipe.randomise(&mut memory.network, &mut memory.rng);
        Ok(Self { recipe: recipe.clone(), memory, average: None, kernel, epoch: 0, at_hand: None, is_amid: false })
    }

    /// What it has learned so far: the averaged weights, once they are being averaged.
    #[must_use]
    pub fn network(&self) -> &HostNetwork {
        self.average.as_ref().map_or(&self.memory.network, |average| &average.network)
    }

    /// The kernel that it trains with.
    pub const fn kernel_mut(&mut self) -> &mut K {
        &mut self.kernel
    }

    /// Learns from every image once, in a new order. After each batch `watch` is told how many of
    /// how many images are done, and may stop the epoch, which the next call then brings to its end.
    ///
    /// # Errors
    /// What [`ff_core::classic::Classic::step`] refuses, and images of another size.
    pub fn epoch(&mut self, images: &Samples, watch: Watch<'_>) -> Result<EpochReport, Error> {
        let start = Instant::now();
        let recipe = self.recipe.of_epoch(self.epoch);
        let mut loader = Loader::new(images, self.memory.network.features_of(images, &recipe)?, &recipe);
        let (order, AtHand { order: drawn_by, seconds, mut sums }) = self.begin(images);
        let mut finished = true;
        for picks in order.get(sums.samples..).unwrap_or_default().chunks(recipe.batch_size) {
            let done = (self.epoch * images.len() + sums.samples) as f64 / (recipe.epochs * images.len()) as f64;
            loader.load(picks, &mut self.memory.rng, &mut self.kernel);
            let report = self.step(&recipe, done, &loader)?;
            sums.add(&report, picks.len());
            if watch(sums.samples, images.len()).is_break() && sums.samples < images.len() {
                finished = false;
                break;
            }
        }
        // Weights without an activity that shows it, such as a readout's: one look an epoch.
        if let Some(layer) = self.memory.network.diverged().or_else(|| self.network().diverged()) {
            return Err(Error::Diverged { layer });
        }
        self.epoch += usize::from(finished);
        let done = self.epoch as f64 / recipe.epochs as f64;
        let (layers, error) = sums.means();
        let lr_scale = recipe.schedule.lr_scale(done);
        let epoch = self.epoch + usize::from(!finished);
        let seconds = seconds + start.elapsed().as_secs_f64();
        (self.at_hand, self.is_amid) = (Some(AtHand { order: drawn_by, seconds, sums }), !finished);
        Ok(EpochReport { epoch, seconds, lr_scale, layers, error, finished })
    }

    /// The order of samples in the epoch at hand, and what it saw so far; a new one where none is at hand.
    fn begin(&mut self, samples: &Samples) -> (Vec<usize>, AtHand) {
        let is_balanced = self.recipe.balanced;
        let draw = |rng: &mut Rng| if is_balanced { samples.balanced(rng) } else { shuffled(samples.len(), rng) };
        match self.at_hand.take().filter(|_| self.is_amid) {
            Some(at_hand) => (draw(&mut Rng::from_state(at_hand.order)), at_hand),
            None => {
                let at_hand = AtHand { order: self.memory.rng.state(), seconds: 0.0, sums: Sums::default() };
                (draw(&mut self.memory.rng), at_hand)
            }
        }
    }

    fn step(&mut self, recipe: &Recipe, done: f64, loader: &Loader<'_>) -> Result<Report, Error> {
        let (batch, negatives) = (loader.batch(), &loader.negatives);
        let steps = u32::try_from(self.memory.steps).unwrap_or(u32::MAX);
        let mut learner = self.memory.learner(&mut self.kernel);
        let lr_scale = recipe.schedule.lr_scale(done);
        let report = match recipe.optimiser {
            Optimiser::Momentum => recipe.step(momentum(recipe), lr_scale, &mut learner, batch, negatives)?,
            Optimiser::Adam => recipe.step(adam(recipe, steps), lr_scale, &mut learner, batch, negatives)?,
        };
        self.memory.count(batch.labels.len());
        if recipe.weight_average > 0.0
            && done >= 1.0 - recipe.weight_average
            && self.memory.steps.is_multiple_of(Average::EVERY)
        {
            Average::add(&mut self.average, &self.memory.network);
        }
        Ok(report)
    }
}

/// Floats of scratch for a step.
fn scratch_floats(recipe: &Recipe, shapes: &[Shape], classes: usize) -> usize {
    match recipe.optimiser {
        Optimiser::Momentum => recipe.scratch_floats(momentum(recipe), shapes, classes),
        Optimiser::Adam => recipe.scratch_floats(adam(recipe, 0), shapes, classes),
    }
}

/// Floats that training needs beside networks: its scratch, a batch of samples and one of hybrids, and the
/// kernel's copies of the widest layer's rows.
#[must_use]
pub fn batch_floats(recipe: &Recipe, features: usize, classes: usize) -> usize {
    let shapes = HostNetwork::shapes_of(features, classes, recipe);
    let row = shapes.iter().map(|shape| shape.inputs + shape.outputs).max().unwrap_or(0);
    scratch_floats(recipe, &shapes, classes) + 2 * recipe.batch_size * (features + row)
}

const fn momentum(recipe: &Recipe) -> Momentum {
    Momentum { coefficient: recipe.momentum }
}

const fn adam(recipe: &Recipe, steps: u32) -> Adam {
    Adam { first: recipe.momentum, steps, ..Adam::PUBLISHED }
}

/// The mean of the weights over the end of training.
struct Average {
    network: HostNetwork,
    count: u32,
}

impl Average {
    /// Steps from one reading of the weights to the next: neighbours hardly differ, and a reading
    /// costs a pass over all weights.
    const EVERY: u64 = 10;

    /// Takes the network as it is now into the mean.
    fn add(average: &mut Option<Self>, network: &HostNetwork) {
        match average {
            Some(average) => {
                average.count += 1;
                optimiser::average(network, &mut average.network, 1.0 / average.count as f32);
            }
            None => *average = Some(Self { network: network.clone(), count: 1 }),
        }
    }
}

/// Gathers batches: picked images, varied, as floats.
pub struct Loader<'a> {
    images: &'a Samples,
    features: Features,
    augment: Augment,
    rows: Vec<f32>,
    /// A hybrid of each image and the next; empty where the rule needs none.
    negatives: Vec<f32>,
    hybrids: bool,
    labels: Vec<u8>,
}

impl<'a> Loader<'a> {
    /// Of these images, varied as the recipe says.
    #[must_use]
    pub fn new(images: &'a Samples, features: Features, recipe: &Recipe) -> Self {
        let rows = Vec::with_capacity(recipe.batch_size * features.len());
        let labels = Vec::with_capacity(recipe.batch_size);
        let hybrids = recipe.rule.learns_without_labels();
        let augment = Augment::from_recipe(recipe).on(images.shape());
        Self { images, features, augment, rows, negatives: Vec::new(), hybrids, labels }
    }

    /// Gathers the images of these numbers; the kernel shares the work among its threads.
    pub fn load(&mut self, picks: &[usize], rng: &mut Rng, kernel: &mut impl Kernel) {
        // Each image draws from a generator of its own, so that threads may share the work.
        let seeds: Vec<_> = picks.iter().map(|_| rng.next_u32()).collect();
        self.labels.clear();
        self.labels.extend(picks.iter().filter_map(|&pick| self.images.labels.get(pick)));
        self.rows.resize(picks.len() * self.features.len(), 0.0);
        let (images, features, augment) = (self.images, &self.features, self.augment);
        // The kernel's threads are those of the run: a pool beside it would compete with it.
        kernel.rows(features.len(), &mut self.rows, |r: usize, row: &mut [f32]| {
            if let Some((image, _)) = images.get(picks[r]) {
                let variation = augment.draw(&mut Rng::new(u64::from(seeds[r])));
                features.write(image, &variation, row);
            }
        });
        if self.hybrids {
            self.mix(&seeds, kernel);
        }
    }

    /// Mixes every image of the batch with the next one.
    fn mix(&mut self, seeds: &[u32], kernel: &mut impl Kernel) {
        let (length, width, plane) = (self.features.len(), self.features.width(), self.features.plane());
        let rows = &self.rows;
        self.negatives.resize(rows.len(), 0.0);
        kernel.rows(length, &mut self.negatives, |r: usize, row: &mut [f32]| {
            let image = |r: usize| &rows[(r % seeds.len()) * length..][..length];
            let mut mask = vec![0.0; plane.min(length)];
            hybrid::draw_mask(width, hybrid::BLURS, &mut Rng::new(!u64::from(seeds[r])), &mut mask);
            // All channels of a place come from one of the two.
            let mask: Vec<f32> = mask.iter().copied().cycle().take(length).collect();
            hybrid::mix(&mask, image(r), image(r + 1), row);
        });
    }

    /// What was gathered last.
    #[must_use]
    pub fn batch(&self) -> Batch<'_> {
        Batch { samples: &self.rows, labels: &self.labels }
    }
}

/// Running sums over an epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sums {
    samples: usize,
    layers: Vec<(f64, f64)>,
    errors: Option<usize>,
}

impl Sums {
    fn add(&mut self, report: &Report, samples: usize) {
        self.samples += samples;
        self.layers.resize(report.layers.len(), (0.0, 0.0));
        for (sum, layer) in self.layers.iter_mut().zip(&report.layers) {
            sum.0 += f64::from(layer.positive) * samples as f64;
            sum.1 += f64::from(layer.negative) * samples as f64;
        }
        if let Some(errors) = report.errors {
            *self.errors.get_or_insert(0) += errors;
        }
    }

    fn means(&self) -> (Vec<LayerReport>, Option<f64>) {
        let samples = self.samples.max(1) as f64;
        let mean =
            |sum: &(f64, f64)| LayerReport { positive: (sum.0 / samples) as f32, negative: (sum.1 / samples) as f32 };
        (self.layers.iter().map(mean).collect(), self.errors.map(|errors| errors as f64 / samples))
    }
}
