//! What is asked, and what is answered beside the map.

use super::ClassHead;
use super::head::HeadStorage;
use super::pass::Pass;
use crate::classify::ScoredLayers;
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::network::{Parameters, Plan};

/// Which score is explained.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Score {
    /// The goodness of a label, summed over the scored layers:
    /// [`by_goodness`](crate::classify::by_goodness).
    Goodness(ScoredLayers),
    /// The goodness of one layer alone, from 0. No layer above it is even looked at.
    OneLayer(usize),
    /// The readout's logit after the neutral pass, before the softmax of
    /// [`by_readout`](crate::classify::by_readout). Of networks with a readout alone: what a one-pass rule
    /// keeps in its place, label rows, makes no logits.
    Logits,
    /// What a one-pass rule's head gives a class, summed over the scored layers:
    /// [`onepass::scores`](crate::onepass::scores).
    OnePass {
        /// The head that the network learned with.
        head: ClassHead,
        /// The layers that count.
        scored: ScoredLayers,
    },
    /// What the head gives a class in one layer alone, from 0.
    OnePassLayer {
        /// The head that the network learned with.
        head: ClassHead,
        /// The layer.
        layer: usize,
    },
}

/// Of which label, and against what: the *margin* that a map shares out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Target {
    /// The label that is explained, usually the predicted one.
    pub label: u8,
    /// What is subtracted from its score.
    pub against: Against,
}

/// What a label's score is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Against {
    /// Nothing: why is the score of this label high at all?
    Nothing,
    /// One other label: why this one and not that one? The label itself gives a map of zeros.
    Label(u8),
    /// The mean of all other labels: why this one of all?
    MeanOfOthers,
}

/// The question that a map answers.
#[derive(Debug)]
pub struct Question<'a, P> {
    /// The network that is asked.
    pub network: &'a P,
    /// The sample, `features` values.
    pub sample: &'a [f32],
    /// The sample that stands for nothing seen, `features` values; an empty slice means zeros.
    pub baseline: &'a [f32],
    /// Which score is explained.
    pub score: Score,
    /// Of which label, and against what.
    pub target: Target,
}

impl<P> Clone for Question<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Question<'_, P> {}

/// What a method says beside its map.
///
/// Methods that are complete keep `sum of the map + label_share + bias_share = score -
/// baseline_score`, up to rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Explained {
    /// The margin at the sample.
    pub score: f32,
    /// The margin at the baseline; 0 for a method without a baseline.
    pub baseline_score: f32,
    /// What the label slots have of the difference; 0 where the method gives them none.
    pub label_share: f32,
    /// What the biases have of it; 0 where the method gives them none.
    pub bias_share: f32,
}

impl Target {
    /// How a class's score counts in the margin.
    pub(super) fn weight(self, class: usize, classes: usize) -> f32 {
        let own = class == usize::from(self.label);
        let counted = if own { 1.0 } else { 0.0 };
        match self.against {
            Against::Nothing => counted,
            Against::Label(other) => counted - if class == usize::from(other) { 1.0 } else { 0.0 },
            Against::MeanOfOthers if own => counted,
            Against::MeanOfOthers => -1.0 / (classes as f32 - 1.0),
        }
    }

    pub(super) fn check(self, classes: usize) -> Result<(), Error> {
        let other = if let Against::Label(other) = self.against { other } else { self.label };
        let mut labels = [self.label, other].into_iter().enumerate();
        match labels.find(|&(_, label)| usize::from(label) >= classes) {
            Some((index, label)) => Err(Error::Label { index, label, classes }),
            None => Ok(()),
        }
    }
}

impl<P: Parameters> Question<'_, P> {
    /// Opens a pass for the score, refuses what [`Question::check`] does, and has `answer` fill the map
    /// with what is left of the scratch.
    #[inline]
    pub(super) fn answer<K: Kernel>(
        &self,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
        answer: impl FnOnce(&Pass<'_>, &mut [f32], &mut K, &mut [f32]) -> Result<Explained, Error>,
    ) -> Result<Explained, Error> {
        let (layers, readout) = self.network.views();
        let (mut rest, mut room) = (scratch, HeadStorage::default());
        let parts = (self.network.classes(), self.network.label_slots(), layers.as_ref(), readout);
        let pass = Pass::new(parts, self.score, self.target, &mut rest, kernel, &mut room)?;
        self.check(&pass.plan, map)?;
        answer(&pass, rest, kernel, map)
    }
}

impl<P> Question<'_, P> {
    /// Refuses a sample, baseline or map of the wrong length, and values that no sum of squares is
    /// made of.
    pub(super) fn check(&self, plan: &Plan, map: &[f32]) -> Result<(), Error> {
        error::exactly("sample", plan.features, self.sample.len())?;
        error::squarable("sample", self.sample)?;
        check_baseline(plan, self.baseline)?;
        error::exactly("map", plan.features, map.len())
    }
}

/// Refuses a baseline that is neither empty nor as long as a sample, and values that are NaN, infinite or too large to be squared.
pub(super) fn check_baseline(plan: &Plan, baseline: &[f32]) -> Result<(), Error> {
    if !baseline.is_empty() {
        error::exactly("baseline", plan.features, baseline.len())?;
    }
    error::squarable("baseline", baseline)
}

impl Explained {
    /// The same of the margin with the other sign.
    pub(crate) fn negated(self) -> Self {
        Self {
            score: -self.score,
            baseline_score: -self.baseline_score,
            label_share: -self.label_share,
            bias_share: -self.bias_share,
        }
    }

    /// Refuses an answer that overflowed.
    pub(super) fn checked(self, map: &[f32]) -> Result<Self, Error> {
        error::finite("map", map)?;
        error::finite("score", &[self.score, self.baseline_score, self.label_share, self.bias_share])?;
        Ok(self)
    }
}
