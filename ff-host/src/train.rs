//! Training on a host: epochs over shuffled images, with ff-core's own step.

use crate::data::Images;
use crate::features::Features;
use crate::kernel::HostKernel;
use crate::network::HostNetwork;
use crate::recipe::Recipe;
use ff_core::classic::{LayerReport, Learner, Report};
use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::network;
use ff_core::random::Rng;
use ff_core::sample::Batch;
use std::ops::ControlFlow;
use std::time::Instant;

/// A network in training, with all that its training needs.
pub struct Trainer {
    recipe: Recipe,
    network: HostNetwork,
    velocity: HostNetwork,
    means: Vec<f32>,
    scratch: Vec<f32>,
    rng: Rng,
    kernel: HostKernel,
    epoch: usize,
}

/// What an epoch saw.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochReport {
    /// Its number, from 1.
    pub epoch: usize,
    /// How long it took.
    pub seconds: f64,
    /// The schedule's gain at its end.
    pub gain: f32,
    /// Each layer's goodness per unit, a mean over the epoch, before each step.
    pub layers: Vec<LayerReport>,
    /// The part of the training images that the readout got wrong in its neutral passes, with
    /// dropout and before it learned from them; none without a readout.
    pub readout_error: Option<f64>,
    /// Whether it came to its end; otherwise it was stopped by its watcher.
    pub finished: bool,
}

impl Trainer {
    /// A fresh network for images of `pixels` pixels, its weights drawn from `seed`.
    ///
    /// # Errors
    /// [`Error::Shape`] where the overlay leaves no feature.
    pub fn new(recipe: &Recipe, pixels: usize, classes: usize, seed: u64, threads: usize) -> Result<Self, Error> {
        let features = pixels.checked_sub(recipe.overlay.dropped(classes)).filter(|&features| features > 0);
        let features = features.ok_or(Error::Shape { what: "the overlay leaves no pixel of the image" })?;
        let velocity = HostNetwork::zeroed(features, classes, &recipe.layers, recipe.readout);
        let mut network = velocity.clone();
        let mut rng = Rng::new(seed);
        network::randomise(&mut network, &mut rng);
        let scratch = vec![0.0; recipe.settings(0.0).scratch_floats(&network.shapes(), classes, recipe.batch)];
        let means = vec![0.0; recipe.layers.iter().sum()];
        let kernel = HostKernel::new(threads);
        Ok(Self { recipe: recipe.clone(), network, velocity, means, scratch, rng, kernel, epoch: 0 })
    }

    /// What it has learned so far.
    #[must_use]
    pub const fn network(&self) -> &HostNetwork {
        &self.network
    }

    /// Learns from every image once, in a new order. After each batch `watch` is told how many of
    /// how many images are done, and may stop the epoch.
    ///
    /// # Errors
    /// What [`ff_core::classic::Classic::step`] refuses, and images of another size.
    pub fn epoch(
        &mut self,
        images: &Images,
        watch: &mut dyn FnMut(usize, usize) -> ControlFlow<()>,
    ) -> Result<EpochReport, Error> {
        let start = Instant::now();
        let mut loader = Loader::new(images, &self.network, &self.recipe)?;
        let order = shuffled(images.len(), &mut self.rng);
        let mut sums = Sums::default();
        let mut finished = true;
        for picks in order.chunks(self.recipe.batch) {
            let done = (self.epoch * images.len() + sums.samples) as f64 / (self.recipe.epochs * images.len()) as f64;
            loader.load(picks, self.recipe.jitter, &mut self.rng, &mut self.kernel);
            let report = self.step(done, loader.batch())?;
            sums.add(&report, picks.len());
            if watch(sums.samples, images.len()).is_break() && sums.samples < images.len() {
                finished = false;
                break;
            }
        }
        self.epoch += usize::from(finished);
        let done = self.epoch as f64 / self.recipe.epochs as f64;
        let (layers, readout_error) = sums.means();
        let gain = self.recipe.schedule.gain(done);
        let epoch = self.epoch + usize::from(!finished);
        Ok(EpochReport { epoch, seconds: start.elapsed().as_secs_f64(), gain, layers, readout_error, finished })
    }

    fn step(&mut self, done: f64, batch: Batch<'_>) -> Result<Report, Error> {
        let mut learner = Learner {
            network: &mut self.network,
            velocity: &mut self.velocity,
            means: &mut self.means,
            scratch: &mut self.scratch,
            rng: &mut self.rng,
            kernel: &mut self.kernel,
        };
        self.recipe.settings(done).step(&mut learner, batch)
    }
}

/// Every index below `count` once, in random order (Fisher and Yates).
fn shuffled(count: usize, rng: &mut Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, rng.below(last as u32 + 1) as usize);
    }
    order
}

/// Gathers batches: picked images, moved about, as floats.
struct Loader<'a> {
    images: &'a Images,
    features: Features,
    rows: Vec<f32>,
    labels: Vec<u8>,
}

impl<'a> Loader<'a> {
    fn new(images: &'a Images, network: &HostNetwork, recipe: &Recipe) -> Result<Self, Error> {
        let features = Features::new(images, network.features(), network.classes)?;
        let rows = Vec::with_capacity(recipe.batch * features.len());
        Ok(Self { images, features, rows, labels: Vec::with_capacity(recipe.batch) })
    }

    fn load(&mut self, picks: &[usize], jitter: usize, rng: &mut Rng, kernel: &mut HostKernel) {
        let shifts: Vec<_> = picks.iter().map(|_| (shift(jitter, rng), shift(jitter, rng))).collect();
        self.labels.clear();
        self.labels.extend(picks.iter().filter_map(|&pick| self.images.labels.get(pick)));
        self.rows.resize(picks.len() * self.features.len(), 0.0);
        let (images, features) = (self.images, self.features);
        kernel.rows(features.len(), &mut self.rows, |r, row| {
            if let Some((image, _)) = images.get(picks[r]) {
                features.write(image, shifts[r], row);
            }
        });
    }

    fn batch(&self) -> Batch<'_> {
        Batch { images: &self.rows, labels: &self.labels }
    }
}

/// A whole number from `-jitter` to `jitter`; draws nothing where there is no jitter.
fn shift(jitter: usize, rng: &mut Rng) -> isize {
    if jitter == 0 { 0 } else { rng.below(2 * jitter as u32 + 1) as isize - jitter as isize }
}

/// Running sums over an epoch.
#[derive(Default)]
struct Sums {
    samples: usize,
    layers: Vec<(f64, f64)>,
    readout_errors: Option<usize>,
}

impl Sums {
    fn add(&mut self, report: &Report, samples: usize) {
        self.samples += samples;
        self.layers.resize(report.layers.len(), (0.0, 0.0));
        for (sum, layer) in self.layers.iter_mut().zip(&report.layers) {
            sum.0 += f64::from(layer.positive) * samples as f64;
            sum.1 += f64::from(layer.negative) * samples as f64;
        }
        if let Some(errors) = report.readout_errors {
            *self.readout_errors.get_or_insert(0) += errors;
        }
    }

    fn means(&self) -> (Vec<LayerReport>, Option<f64>) {
        let samples = self.samples.max(1) as f64;
        let mean =
            |sum: &(f64, f64)| LayerReport { positive: (sum.0 / samples) as f32, negative: (sum.1 / samples) as f32 };
        (self.layers.iter().map(mean).collect(), self.readout_errors.map(|errors| errors as f64 / samples))
    }
}
