//! A network that has begun: what a program chose, and the memory that it lent.

use ff_core::checksum;
use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::laid::{Laid, SomeMoments};
use ff_core::memory::Owner;
use ff_core::saliency::{Against, ExpectedDelta, Explained, Question, Target, beside_usual};
use ff_core::sample::Batch;
use ff_core::trainer::Trainer;

use crate::config::{Config, Sizes};
use crate::rules::Rule;
use crate::status::Status;

/// The caller's floats, for as long as the network is used.
pub type Floats = &'static mut [f32];

/// All memory of a network, as the core owns it.
pub type Memory = Owner<Laid<Floats>, SomeMoments<Laid<Floats>>, Floats, Floats>;

/// A network that has begun.
pub struct Engine {
    /// What the program chose; its rates may change.
    pub config: Config,
    /// How it learns.
    pub rule: &'static Rule,
    /// What it learned.
    pub memory: Memory,
}

impl Engine {
    /// Lays a network over the floats and draws its weights.
    ///
    /// # Errors
    /// As [`Config::sizes`]; [`Status::Length`] for too few floats.
    pub fn start(config: &Config, floats: Floats, seed: u64) -> Result<Self, Status> {
        let (rule, sizes) = config.sizes()?;
        if floats.len() < sizes.floats() {
            return Err(Status::Length);
        }
        let (network, rest) = cut(floats, sizes.network);
        let (first, rest) = cut(rest, if sizes.moments > 0 { sizes.network } else { 0 });
        let (second, rest) = cut(rest, if sizes.moments > 1 { sizes.network } else { 0 });
        let (means, scratch) = cut(rest, sizes.means);
        let state = SomeMoments {
            first: lay(config, &sizes, first).filter(|_| sizes.moments > 0),
            second: lay(config, &sizes, second).filter(|_| sizes.moments > 1),
        };
        let network = lay(config, &sizes, network).ok_or(Status::Shape)?;
        let mut memory = Owner::new(network, state, scratch, means);
        rule.start(config, &mut memory, seed);
        Ok(Self { config: *config, rule, memory })
    }

    /// Learns from a batch.
    ///
    /// # Errors
    /// Those of the core.
    pub fn step(&mut self, batch: Batch<'_>) -> Result<ff_core::learner::Report, Error> {
        self.rule.step(&self.config, &mut self.memory, batch)
    }

    /// Which features spoke for a label against the mean of the others.
    ///
    /// # Errors
    /// Those of the core.
    pub fn explain(&mut self, sample: &[f32], label: u8, map: &mut [f32]) -> Result<Explained, Error> {
        let Owner { network, scratch, .. } = &mut self.memory;
        let score = (self.rule.score)(&self.config);
        let target = Target { label, against: Against::MeanOfOthers };
        let question = Question { network: &*network, sample, baseline: &[], score, target };
        let told = beside_usual(&ExpectedDelta, &question, scratch, &mut Portable, map)?;
        let sign = self.rule.sign;
        map.iter_mut().for_each(|share| *share *= sign);
        let [score, baseline_score] = [sign * told.score, sign * told.baseline_score];
        Ok(Explained {
            score,
            baseline_score,
            label_share: sign * told.label_share,
            bias_share: sign * told.bias_share,
        })
    }

    /// What a snapshot takes, in bytes.
    ///
    /// # Errors
    /// Those of the core.
    pub fn snapshot_bytes(&self) -> Result<usize, Status> {
        Ok(ff_core::snapshot::bytes(&[&self.memory])?)
    }

    /// Writes a snapshot.
    ///
    /// # Errors
    /// Those of the core.
    pub fn save(&mut self, into: &mut [u8]) -> Result<usize, Status> {
        Ok(Trainer::resume((), &mut self.memory).save_bytes(into)?)
    }

    /// Goes on from a snapshot.
    ///
    /// # Errors
    /// Those of the core.
    pub fn load(&mut self, bytes: &[u8]) -> Result<(), Status> {
        Ok(Trainer::resume((), &mut self.memory).load_bytes(bytes)?)
    }

    /// The checksum of what was learned.
    pub fn checksum(&self) -> u32 {
        checksum::parameters(&self.memory.network)
    }
}

fn cut(floats: Floats, count: usize) -> (Floats, Floats) {
    // The sizes were checked against the length.
    floats.split_at_mut_checked(count).unwrap_or_default()
}

fn lay(config: &Config, sizes: &Sizes, floats: Floats) -> Option<Laid<Floats>> {
    Laid::new(sizes.shapes(), [config.classes as usize, sizes.label_slots], floats).ok()
}
