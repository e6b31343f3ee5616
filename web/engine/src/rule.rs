//! How the page's network learns and is read: a model file's rule by its number, with its settings.

use ff_core::classic::Classic;
use ff_core::classify::{self, ScoredLayers};
use ff_core::error::Error;
use ff_core::goodness::{Logistic, MeanSquare, Minimised, Objective, SymBa};
use ff_core::kernel::Kernel;
use ff_core::label::Negatives;
use ff_core::learner::{Learner, Report};
use ff_core::network::{self, Parameters};
use ff_core::onepass::{self, Head, LabelGroups, LocalCrossEntropy, NWay, OnePass};
use ff_core::optimiser::{Sgd, Stateless, StepSize};
use ff_core::random::Rng;
use ff_core::saliency::{ClassHead, Score};
use ff_core::sample::Batch;

/// A learning rule. The page names it by its place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `classic`
    Classic,
    /// `mean-square`
    MeanSquare,
    /// `symba`
    Symba,
    /// `minimised`
    Minimised,
    /// `unsupervised`: read by its readout, and no longer trained here
    Unsupervised,
    /// `n-way`
    NWay,
    /// `groups`
    Groups,
    /// `local-cross-entropy`
    LocalCrossEntropy,
}

/// All of them, in order.
const KINDS: [Kind; 8] = [
    Kind::Classic,
    Kind::MeanSquare,
    Kind::Symba,
    Kind::Minimised,
    Kind::Unsupervised,
    Kind::NWay,
    Kind::Groups,
    Kind::LocalCrossEntropy,
];

impl Kind {
    /// The rule of this number.
    ///
    /// # Errors
    /// [`Error::Setting`] for a number that is none's.
    pub fn from_number(number: usize) -> Result<Self, Error> {
        KINDS.get(number).copied().ok_or(Error::Setting { name: "rule" })
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize
    }
}

/// A rule with its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Which rule.
    pub kind: Kind,
    /// The goodness that positive data exceed, where the rule has a threshold.
    pub threshold: f32,
    /// What softens the rule's decision.
    pub temperature: f32,
    /// The first layer whose score counts, from 0.
    pub scored_from: usize,
}

impl Settings {
    /// The firmware's rule.
    pub const DEVICE: Self = Self { kind: Kind::Classic, threshold: 1.0, temperature: 1.0, scored_from: 0 };

    /// -1 where the likeliest class has the lowest score.
    #[must_use]
    pub const fn sign(&self) -> f32 {
        match self.kind {
            Kind::Minimised => <Minimised<Logistic> as Objective>::SIGN,
            _ => 1.0,
        }
    }

    /// Every class's score, summed over the layers from `from` on: the higher, the likelier.
    ///
    /// # Errors
    /// What the core refuses.
    pub fn scores<P: Parameters, K: Kernel>(
        &self,
        from: usize,
        network: &P,
        sample: &[f32],
        scratch: &mut [f32],
        kernel: &mut K,
        scores: &mut [f32],
    ) -> Result<(), Error> {
        let scored = ScoredLayers { from };
        match self.head() {
            Some(ClassHead::NWay(head)) => onepass::scores(&head, network, sample, scored, scratch, kernel, scores),
            Some(ClassHead::Groups(head)) => onepass::scores(&head, network, sample, scored, scratch, kernel, scores),
            Some(ClassHead::LocalCrossEntropy(head)) => {
                onepass::scores(&head, network, sample, scored, scratch, kernel, scores)
            }
            None if self.kind == Kind::Unsupervised => classify::by_readout(network, sample, scratch, kernel, scores),
            None => {
                classify::by_goodness(network, sample, scored, scratch, kernel, scores)?;
                scores.iter_mut().for_each(|score| *score *= self.sign());
                Ok(())
            }
        }
    }

    /// The score that a map explains: one layer's, or the sum of all that count.
    #[must_use]
    pub fn explained(&self, layer: Option<usize>) -> Score {
        let scored = ScoredLayers { from: self.scored_from };
        match (self.head(), layer) {
            (Some(head), None) => Score::OnePass { head, scored },
            (Some(head), Some(layer)) => Score::OnePassLayer { head, layer },
            (None, _) if self.kind == Kind::Unsupervised => Score::Logits,
            (None, None) => Score::Goodness(scored),
            (None, Some(layer)) => Score::OneLayer(layer),
        }
    }

    /// One step on one sample.
    ///
    /// # Errors
    /// What the core refuses, and a rule that learns from more than single samples.
    pub fn step<P: Parameters, K: Kernel>(
        &self,
        learning_rate: f32,
        learner: &mut Learner<'_, P, Stateless, K>,
        batch: Batch<'_>,
    ) -> Result<Report, Error> {
        let size = StepSize { learning_rate, weight_decay: 0.0 };
        let Self { threshold, temperature, .. } = *self;
        let hard = !learner.network.views().1.is_empty();
        match self.kind {
            Kind::Classic => contrastive(Logistic { threshold, temperature }, size, hard).step(learner, batch),
            Kind::MeanSquare => contrastive(MeanSquare { threshold, temperature }, size, hard).step(learner, batch),
            Kind::Symba => contrastive(SymBa { alpha: 1.0 / temperature }, size, hard).step(learner, batch),
            Kind::Minimised => {
                contrastive(Minimised(Logistic { threshold, temperature }), size, hard).step(learner, batch)
            }
            Kind::Unsupervised => Err(Error::Shape { what: "this rule learns from pairs of samples, not from one" }),
            Kind::NWay => one_pass(NWay { temperature }, size).step(learner, batch),
            Kind::Groups => one_pass(LabelGroups { temperature }, size).step(learner, batch),
            Kind::LocalCrossEntropy => one_pass(LocalCrossEntropy, size).step(learner, batch),
        }
    }

    /// Draws the weights that learning begins with.
    pub fn randomise<P: Parameters>(&self, network: &mut P, rng: &mut Rng) {
        let size = StepSize { learning_rate: 0.0, weight_decay: 0.0 };
        match self.head() {
            Some(ClassHead::NWay(head)) => one_pass(head, size).randomise(network, rng),
            Some(ClassHead::Groups(head)) => one_pass(head, size).randomise(network, rng),
            Some(ClassHead::LocalCrossEntropy(head)) => one_pass(head, size).randomise(network, rng),
            None => network::randomise(network, rng),
        }
    }

    fn head(&self) -> Option<ClassHead> {
        match self.kind {
            Kind::NWay => Some(ClassHead::NWay(NWay { temperature: self.temperature })),
            Kind::Groups => Some(ClassHead::Groups(LabelGroups { temperature: self.temperature })),
            Kind::LocalCrossEntropy => Some(ClassHead::LocalCrossEntropy(LocalCrossEntropy)),
            _ => None,
        }
    }
}

/// How many times the layers' rate a readout takes, as in the published recipe.
const READOUT_RATE: f32 = 10.0;

/// Wrong labels are drawn by the readout where there is one: those that the network would confuse teach most.
fn contrastive<G>(goodness: G, size: StepSize, hard: bool) -> Classic<G, Sgd> {
    let plain = Classic::new(goodness, Sgd, size);
    if !hard {
        return plain;
    }
    let readout = StepSize { learning_rate: READOUT_RATE * size.learning_rate, ..size };
    Classic { negatives: Negatives::Hard, readout, ..plain }
}

const fn one_pass<H: Head>(head: H, size: StepSize) -> OnePass<H, Sgd> {
    OnePass::new(head, Sgd, size)
}
