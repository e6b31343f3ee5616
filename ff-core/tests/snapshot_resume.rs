//! Save, reset, load and go on: the same bits as if nothing had happened.

mod common;

use common::bits;
use common::network::HeapNetwork;
use common::saving::exported;
use common::state::Case;
use ff_core::classic::Classic;
use ff_core::goodness::Logistic;
use ff_core::kernel::Portable;
use ff_core::label::Negatives;
use ff_core::learner::Learner;
use ff_core::optimiser::{self, Adam, Moments, Momentum, Optimiser, Sgd, Stateless, StepSize};
use ff_core::random::Rng;
use ff_core::snapshot::{self, Meta, Saved};

const CASE: Case<'static> = Case { classes: 4, features: 11, units: &[13, 9], read: 1 };
const STEPS: u64 = 24;

/// Every setting that draws random numbers or keeps a state is on.
fn settings<O>(optimiser: O) -> Classic<Logistic, O> {
    Classic {
        goodness: Logistic { threshold: 0.6, temperature: 4.0 },
        optimiser,
        lr_scale: 0.7,
        layers: StepSize { learning_rate: 0.05, weight_decay: 0.04 },
        readout: StepSize { learning_rate: 0.05, weight_decay: 0.03 },
        peer: 0.02,
        dropout: 0.2,
        negatives: Negatives::Hard,
        frozen: Default::default(),
    }
}

/// All that changes in a run.
struct Run<M> {
    network: HeapNetwork,
    memory: M,
    means: [f32; 22],
    rng: Rng,
    steps: u64,
}

impl<M: optimiser::State + Saved> Run<M> {
    fn start(memory: M) -> Self {
        let mut rng = Rng::new(1);
        let network = zeroed().random(&mut rng);
        Self { network, memory, means: [0.0; 22], rng, steps: 0 }
    }

    /// Each step has its own settings (for the optimiser's count) and its own batch.
    fn until<O: Optimiser>(mut self, steps: u64, optimiser: impl Fn(u64) -> O) -> Self {
        while self.steps < steps {
            let settings = settings(optimiser(self.steps));
            let mut learner = Learner {
                network: &mut self.network,
                state: &mut self.memory,
                means: &mut self.means,
                scratch: &mut vec![f32::NAN; settings.scratch_floats(&zeroed().shapes(), CASE.classes, 3)],
                rng: &mut self.rng,
                kernel: &mut Portable,
            };
            settings.step(&mut learner, CASE.samples(3, 100 + self.steps).batch()).unwrap();
            self.steps += 1;
        }
        self
    }

    fn save(&self) -> Vec<u8> {
        let meta = Meta { steps: self.steps, rng: self.rng.state(), ..Meta::START };
        exported(meta, &[&self.network, &self.memory, &self.means], 50)
    }

    /// What a device is after a reset that loads what it saved: nothing else survives.
    fn load(stored: &[u8], memory: M) -> Self {
        let mut run = Self { network: zeroed(), memory, means: [0.0; 22], rng: Rng::new(0), steps: 0 };
        let state: &mut [&mut dyn Saved] = &mut [&mut run.network, &mut run.memory, &mut run.means];
        let meta = snapshot::import_bytes(stored, state).unwrap();
        Self { rng: Rng::from_state(meta.rng), steps: meta.steps, ..run }
    }

    /// Saved bytes stand for the bits of everything.
    fn bits(&self) -> (Vec<u32>, Vec<u8>) {
        ([self.network.bits(), bits(&self.means)].concat(), self.save())
    }
}

fn zeroed() -> HeapNetwork {
    HeapNetwork::zeroed(CASE.classes, CASE.features, CASE.units, CASE.read)
}

fn resumes<O: Optimiser, M: optimiser::State + Saved>(optimiser: impl Fn(u64) -> O, memory: impl Fn() -> M) {
    let uninterrupted = Run::start(memory()).until(STEPS, &optimiser).bits();
    for cut in [0, 1, 7, STEPS] {
        let stored = Run::start(memory()).until(cut, &optimiser).save();
        let resumed = Run::load(&stored, memory()).until(STEPS, &optimiser);
        assert_eq!(resumed.bits(), uninterrupted, "cut after step {cut}");
    }
}

#[test]
fn plain_descent_goes_on_bit_for_bit() {
    resumes(|_| Sgd, || Stateless);
}

#[test]
fn momentum_goes_on_bit_for_bit() {
    resumes(|_| Momentum { coefficient: 0.9 }, zeroed);
}

#[test]
fn adam_goes_on_bit_for_bit() {
    let adam = |steps| Adam { steps: steps as u32, ..Adam::PUBLISHED };
    resumes(adam, || Moments { first: zeroed(), second: zeroed() });
}
