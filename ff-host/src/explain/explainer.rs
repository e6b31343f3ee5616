//! Puts questions to a model: which score, of which label, by which method.

use anyhow::ensure;
use clap::ValueEnum;
use ff_core::saliency::{ExpectedDelta, Explained, Question, Saliency, Score, Target};

use crate::kernel::HostKernel;
use crate::network::HostNetwork;
use crate::recipe::Recipe;
use crate::rule::Reading;
use crate::run::Model;

/// Which of a model's scores decides and is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// The goodness of the label, summed over the scored layers.
    Goodness,
    /// The readout's logit, or the sum of the layers' logits.
    Readout,
}

impl By {
    /// The first of the two that the model has.
    pub fn default_of(recipe: &Recipe) -> Self {
        match recipe.rule.reading() {
            Reading::Goodness => Self::Goodness,
            Reading::Readout => Self::Readout,
        }
    }

    /// The reading that it is.
    pub const fn reading(self) -> Reading {
        match self {
            Self::Goodness => Reading::Goodness,
            Self::Readout => Reading::Readout,
        }
    }
}

/// Rows that go through the network side by side: more share each weight that is loaded.
const ROWS: usize = 128;

/// A model with the memory to ask it.
pub struct Explainer<'a> {
    model: &'a Model,
    by: By,
    kernel: HostKernel,
    scratch: Vec<f32>,
}

impl<'a> Explainer<'a> {
    /// Asks the model by one of its scores.
    ///
    /// # Errors
    /// A score that the model does not have.
    pub fn new(model: &'a Model, by: By, threads: usize) -> anyhow::Result<Self> {
        let rule = model.about.recipe.rule;
        ensure!(
            rule.reads_by(by.reading()),
            "the model was trained by {} and cannot be asked by {}; try the other --by",
            rule.name(),
            rule.reading_name(by.reading())
        );
        ensure!(
            rule.takes_label() || !rule.is_contrastive(),
            "models of the rule {} have neither labels at their input nor scores in their layers, which is what \
             maps are made of",
            rule.name()
        );
        Ok(Self { model, by, kernel: HostKernel::new(threads), scratch: Vec::new() })
    }

    /// The model.
    pub const fn model(&self) -> &'a Model {
        self.model
    }

    /// The score that decides.
    pub fn score(&self) -> Score {
        match self.by {
            By::Readout if self.recipe().rule.is_contrastive() => Score::Logits,
            _ => self.layers_score(),
        }
    }

    /// The sum of the scored layers' own scores, whatever decides.
    pub fn layers_score(&self) -> Score {
        self.recipe().explained_score()
    }

    /// One layer's own score.
    pub fn layer_score(&self, layer: usize) -> Score {
        self.recipe().rule.layer_score(layer)
    }

    /// How the model came to be.
    pub const fn recipe(&self) -> &'a Recipe {
        &self.model.about.recipe
    }

    /// Every class's score for some images, images x classes. A readout's are log-probabilities,
    /// which differ from its logits by a constant that no softmax sees.
    ///
    /// # Errors
    /// Images that do not fit.
    pub fn scores(&mut self, images: &[f32]) -> anyhow::Result<Vec<f32>> {
        let network = &self.model.network;
        let (shapes, classes) = (network.shapes(), network.classes);
        let (recipe, reading) = (&self.model.about.recipe, self.by.reading());
        let mut scores = vec![0.0; images.len() / network.features() * classes];
        self.reserve(recipe.score_floats(&shapes, classes, reading, ROWS));
        recipe.logits(network, reading, images, &mut self.scratch, &mut self.kernel, &mut scores)?;
        Ok(scores)
    }

    /// The default map: expected delta from the network's usual baseline.
    ///
    /// # Errors
    /// As [`Saliency::map`].
    pub fn delta(&mut self, image: &[f32], score: Score, target: Target) -> anyhow::Result<(Vec<f32>, Explained)> {
        let network = &self.model.network;
        let baseline = &network.usual_baseline(image)?;
        self.ask(&ExpectedDelta, Question { network, sample: image, baseline, score, target })
    }

    /// What that baseline is, in a few words.
    pub const fn baseline_name(&self) -> &'static str {
        if self.model.network.label_slots == 0 { "black" } else { "the faint image" }
    }

    /// Another method's map, against black.
    ///
    /// # Errors
    /// As [`Saliency::map`].
    pub fn map<M: Saliency>(
        &mut self,
        method: &M,
        image: &[f32],
        score: Score,
        target: Target,
    ) -> anyhow::Result<(Vec<f32>, Explained)> {
        self.ask(method, Question { network: &self.model.network, sample: image, baseline: &[], score, target })
    }

    fn ask<M: Saliency>(
        &mut self,
        method: &M,
        question: Question<'_, HostNetwork>,
    ) -> anyhow::Result<(Vec<f32>, Explained)> {
        let Question { network, sample: image, score, .. } = question;
        self.reserve(method.floats(&network.shapes(), network.classes, ROWS));
        let mut map = vec![0.0; image.len()];
        let mut explained = method.map(&question, &mut self.scratch, &mut self.kernel, &mut map)?;
        let direction = self.recipe().rule.direction(score);
        map.iter_mut().for_each(|value| *value *= direction);
        let Explained { score, baseline_score, label_share, bias_share } = &mut explained;
        [score, baseline_score, label_share, bias_share].into_iter().for_each(|value| *value *= direction);
        Ok((map, explained))
    }

    fn reserve(&mut self, floats: usize) {
        if self.scratch.len() < floats {
            self.scratch.resize(floats, 0.0);
        }
    }
}
