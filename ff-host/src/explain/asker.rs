//! Puts questions to a model: which score, of which label, by which method.

use anyhow::ensure;
use clap::ValueEnum;
use ff_core::classify;
use ff_core::saliency::{Explained, Question, Saliency, Score, Target};

use crate::kernel::HostKernel;
use crate::run::Model;

/// Which of a model's scores decides and is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// The goodness of the label, summed over the scored layers.
    Goodness,
    /// The readout's logit.
    Readout,
}

/// Rows that go through the network side by side: more share each weight that is loaded.
const ROWS: usize = 128;

/// A model with the memory to ask it.
pub struct Asker<'a> {
    model: &'a Model,
    by: By,
    kernel: HostKernel,
    scratch: Vec<f32>,
}

impl<'a> Asker<'a> {
    /// Asks the model by one of its scores.
    ///
    /// # Errors
    /// A score that the model does not have.
    pub fn new(model: &'a Model, by: By, threads: usize) -> anyhow::Result<Self> {
        let has_readout = !model.network.readout.is_empty();
        ensure!(by == By::Goodness || has_readout, "the model has no readout; ask it with --by goodness");
        Ok(Self { model, by, kernel: HostKernel::new(threads), scratch: Vec::new() })
    }

    /// The model.
    pub const fn model(&self) -> &'a Model {
        self.model
    }

    /// The score that decides.
    pub fn score(&self) -> Score {
        match self.by {
            By::Goodness => Score::Goodness(self.model.about.recipe.scored()),
            By::Readout => Score::Readout,
        }
    }

    /// Every class's score for some images, images x classes. A readout's are log-probabilities,
    /// which differ from its logits by a constant that no softmax sees.
    ///
    /// # Errors
    /// Images that do not fit.
    pub fn scores(&mut self, images: &[f32]) -> anyhow::Result<Vec<f32>> {
        let network = &self.model.network;
        let (shapes, classes) = (network.shapes(), network.classes);
        let mut scores = vec![0.0; images.len() / network.features() * classes];
        match self.by {
            By::Goodness => {
                self.reserve(classify::goodness_floats(&shapes, classes, 2 * ROWS));
                let (scored, scratch) = (self.model.about.recipe.scored(), &mut self.scratch);
                classify::by_goodness(network, images, scored, scratch, &mut self.kernel, &mut scores)?;
            }
            By::Readout => {
                self.reserve(classify::readout_floats(&shapes, classes, ROWS));
                classify::by_readout(network, images, &mut self.scratch, &mut self.kernel, &mut scores)?;
                scores.iter_mut().for_each(|p| *p = p.max(f32::MIN_POSITIVE).ln());
            }
        }
        Ok(scores)
    }

    /// One map, against a black baseline.
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
        let network = &self.model.network;
        self.reserve(method.floats(&network.shapes(), network.classes, ROWS));
        let question = Question { network, image, baseline: &[], score, target };
        let mut map = vec![0.0; image.len()];
        let explained = method.map(&question, &mut self.scratch, &mut self.kernel, &mut map)?;
        Ok((map, explained))
    }

    fn reserve(&mut self, floats: usize) {
        if self.scratch.len() < floats {
            self.scratch.resize(floats, 0.0);
        }
    }
}
