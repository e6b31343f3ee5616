//! How fast training and classification are, against what the machine could do, in one run.
//!
//! Absolute times say as much about a machine and its other users as about a program. So the limit
//! is measured in the same run: [`limit`] by fused multiply-adds alone, [`replay`] by the products
//! of a real step alone, and then whole epochs, with an account of where their time goes.

pub mod limit;
pub mod replay;
mod report;

pub use report::{BenchReport, Inference, RuleReport, Seconds};

use std::ops::ControlFlow;
use std::time::Instant;

use ff_core::error::Error;
use ff_core::random::Rng;

use crate::data::Samples;
use crate::evaluate::Reader;
use crate::kernel::HostKernel;
use crate::kernel::watched::Watched;
use crate::recipe::Recipe;
use crate::rule::Reading;
use crate::train::Trainer;

/// What every rule is measured on.
#[derive(Debug)]
pub struct Ground {
    /// Images of an epoch.
    pub train: Samples,
    /// Images to classify.
    pub test: Samples,
    /// How many classes there are.
    pub classes: usize,
    /// Threads.
    pub threads: usize,
    /// Epochs, of which the median is told.
    pub epochs: usize,
    /// The machine's limit, GFLOP/s.
    pub fma_gflops: f64,
}

impl Ground {
    /// Measures one recipe.
    ///
    /// # Errors
    /// What training refuses.
    pub fn measure(&self, recipe: &Recipe) -> Result<RuleReport, Error> {
        let recipe = Recipe { epochs: self.epochs, ..recipe.clone() };
        let trainer = || {
            let kernel = Watched::new(HostKernel::new(self.threads));
            Trainer::with_kernel(&recipe, &self.train, self.classes, 1, kernel)
        };
        // By a trainer of its own: one that was stopped would bring its epoch to an end, which is shorter.
        let first = self.first_step(&mut trainer()?)?;
        let mut trainer = trainer()?;
        let mut epochs = Vec::new();
        for _ in 0..self.epochs {
            let watched = trainer.kernel_mut();
            *watched = Watched::new(HostKernel::new(self.threads));
            let report = trainer.epoch(&self.train, &mut |_, _| ControlFlow::Continue(()))?;
            let watched = trainer.kernel_mut();
            let (products, rows) = (watched.products.as_secs_f64(), watched.rows.as_secs_f64());
            let rest = (report.seconds - products - rows).max(0.0);
            epochs.push((report.seconds, Seconds { products, rows, rest }, watched.multiply_adds));
        }
        epochs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Some(&(seconds, parts, multiply_adds)) = epochs.get(epochs.len() / 2) else {
            return Err(Error::Setting { name: "epochs" });
        };
        let products_gflops = replay::products_gflops(&mut HostKernel::new(self.threads), &first);
        let flops = 2.0 * multiply_adds as f64;
        let epoch_gflops = flops / seconds / 1e9;
        Ok(RuleReport {
            rule: recipe.rule.name().to_owned(),
            recipe: recipe.name.clone(),
            batch: recipe.batch_size,
            mflop_per_sample: flops / self.train.len() as f64 / 1e6,
            epoch_seconds: seconds,
            epoch_gflops,
            epoch_fraction_of_fma: epoch_gflops / self.fma_gflops,
            products_gflops,
            products_fraction_of_fma: products_gflops / self.fma_gflops,
            seconds: parts,
            inference: self.inference(&recipe, &trainer)?,
        })
    }

    /// The products of the very first step.
    fn first_step(
        &self,
        trainer: &mut Trainer<Watched<HostKernel>>,
    ) -> Result<Vec<crate::kernel::watched::Call>, Error> {
        trainer.epoch(&self.train, &mut |_, _| ControlFlow::Break(()))?;
        Ok(std::mem::take(&mut trainer.kernel_mut().calls))
    }

    fn inference(&self, recipe: &Recipe, trainer: &Trainer<Watched<HostKernel>>) -> Result<Inference, Error> {
        let reader = Reader { network: trainer.network(), recipe, threads: self.threads };
        let rate = |reading| -> Result<Option<f64>, Error> {
            let start = Instant::now();
            let outcome = reader.classify(&self.test, reading)?;
            Ok(outcome.map(|outcome| outcome.images as f64 / start.elapsed().as_secs_f64()))
        };
        Ok(Inference {
            images: self.test.len(),
            goodness_per_second: rate(Reading::Goodness)?,
            readout_per_second: rate(Reading::Readout)?,
        })
    }
}

/// Images of 28x28 with as much ink as handwritten digits (a fifth of the pixels), for machines
/// without data. Labels are random: nothing can be learned, so no row is ever settled and left out.
#[must_use]
pub fn synthetic(count: usize, classes: usize, seed: u64) -> Samples {
    const SIDE: usize = 28;
    let mut rng = Rng::new(seed);
    let mut pixels = vec![0; count * SIDE * SIDE];
    for image in pixels.chunks_exact_mut(SIDE * SIDE) {
        let (mut x, mut y) = (SIDE / 2, SIDE / 2);
        // A pen of three pixels that wanders.
        for _ in 0..60 {
            for (dx, dy) in [(0, 0), (1, 0), (0, 1)] {
                image[(y + dy) * SIDE + x + dx] = 128 + (rng.next_u32() >> 25) as u8;
            }
            let step = |at: usize, by: u32| (at + by as usize).clamp(4, SIDE - 4) - 1;
            (x, y) = (step(x, rng.below(3)), step(y, rng.below(3)));
        }
    }
    let labels = (0..count).map(|_| rng.below(classes as u32) as u8).collect();
    Samples::grey(SIDE, SIDE, u8::MAX, pixels, labels)
}
