//! Everything that a step changes, and samples to step on.

use super::bits;
use super::network::HeapNetwork;
use ff_core::classic::Classic;
use ff_core::error::Error;
use ff_core::goodness::Objective;
use ff_core::kernel::{Kernel, Portable};
use ff_core::learner::{Learner, Report};
use ff_core::optimiser::Optimiser;
use ff_core::random::Rng;
use ff_core::sample::Batch;

/// Images (row by row) with their labels.
#[derive(Clone)]
pub struct Samples {
    pub features: usize,
    pub images: Vec<f32>,
    pub labels: Vec<u8>,
}

impl Samples {
    /// `count` random images, a third of the features zero, with random labels.
    pub fn random(classes: usize, features: usize, count: usize, rng: &mut Rng) -> Self {
        let feature = |rng: &mut Rng| if rng.below(3) == 0 { 0.0 } else { rng.unit() };
        let images = (0..count * features).map(|_| feature(rng)).collect();
        let labels = (0..count).map(|_| rng.below(classes as u32) as u8).collect();
        Self { features, images, labels }
    }

    pub fn batch(&self) -> Batch<'_> {
        Batch { samples: &self.images, labels: &self.labels }
    }

    pub fn image(&self, index: usize) -> &[f32] {
        &self.images[index * self.features..(index + 1) * self.features]
    }
}

/// The shapes of a network under test.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub classes: usize,
    pub features: usize,
    /// The layers' widths.
    pub units: &'a [usize],
    /// How many of the last layers the readout reads.
    pub read: usize,
}

impl Case<'_> {
    /// A state in which network, velocity and running means are all random.
    pub fn state(&self, seed: u64) -> State {
        let mut rng = Rng::new(seed);
        let zeroed = || HeapNetwork::zeroed(self.classes, self.features, self.units, self.read);
        let network = zeroed().random(&mut rng);
        let mut velocity = zeroed().random(&mut rng);
        // The velocity is a mean of directions, which are smaller than weights.
        for layer in &mut velocity.layers {
            layer.weights.iter_mut().for_each(|v| *v *= 0.2);
            layer.biases.iter_mut().for_each(|v| *v *= 0.2);
        }
        let means = (0..network.units()).map(|_| rng.unit()).collect();
        State { network, velocity, means, rng }
    }

    pub fn samples(&self, count: usize, seed: u64) -> Samples {
        Samples::random(self.classes, self.features, count, &mut Rng::new(seed))
    }
}

/// Everything that a step changes.
#[derive(Clone)]
pub struct State {
    pub network: HeapNetwork,
    pub velocity: HeapNetwork,
    pub means: Vec<f32>,
    pub rng: Rng,
}

impl State {
    /// One step with the portable kernel, in scratch of exactly the stated size, full of NaN.
    pub fn step<G: Objective, O: Optimiser>(
        &mut self,
        settings: &Classic<G, O>,
        batch: Batch<'_>,
    ) -> Result<Report, Error> {
        self.step_with(settings, batch, &mut Portable, &mut self.scratch(settings, batch.len(), f32::NAN))
    }

    /// Scratch of exactly the size that a step on `samples` needs.
    pub fn scratch<G, O: Optimiser>(&self, settings: &Classic<G, O>, samples: usize, content: f32) -> Vec<f32> {
        vec![content; settings.scratch_floats(&self.network.shapes(), self.network.classes, samples)]
    }

    /// One step with another kernel or scratch.
    pub fn step_with<G: Objective, O: Optimiser, K: Kernel>(
        &mut self,
        settings: &Classic<G, O>,
        batch: Batch<'_>,
        kernel: &mut K,
        scratch: &mut [f32],
    ) -> Result<Report, Error> {
        let mut learner = Learner {
            network: &mut self.network,
            state: &mut self.velocity,
            means: &mut self.means,
            scratch,
            rng: &mut self.rng,
            kernel,
        };
        settings.step(&mut learner, batch)
    }

    /// Network, velocity, means and generator, bit by bit.
    pub fn bits(&self) -> Vec<u32> {
        [self.network.bits(), self.velocity.bits(), bits(&self.means), self.rng.state().to_vec()].concat()
    }
}
