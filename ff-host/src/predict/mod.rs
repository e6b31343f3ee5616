//! What a trained network says of new samples: the class, how likely each class is, and how usual a sample is.
//!
//! ```
//! use ff_host::predict::Predictor;
//!
//! # fn main() -> anyhow::Result<()> {
//! # let run = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/earlier/models/n-way.safetensors");
//! # let pixels = vec![0.5; 64];
//! let predictor = Predictor::load(&run)?; // a run folder or a model file
//! let sample = predictor.sample(pixels)?; // values as the data had them; a picture's from 0 to 1
//! let found = predictor.predict(&sample)?;
//! println!("{}, with a probability of {:.2}", found.name(0), found.probability(0));
//! let map = predictor.explain(&sample, 0)?; // what each feature did for that class
//! # assert_eq!(map.len(), 64);
//! # Ok(())
//! # }
//! ```

mod write;

use std::path::Path;

use anyhow::{Context, ensure};
use ff_core::classify;
use ff_core::saliency::{Against, Target};

use crate::augment::Variation;
use crate::data::{Samples, Values};
use crate::evaluate::{self, Reader};
use crate::explain::explainer::{By, Explainer};
use crate::rule::Reading;
use crate::run::{Model, ModelError};
use crate::temperature::softmax;

pub use write::{Format, npz, rows};

/// A model that answers for samples.
#[derive(Debug)]
pub struct Predictor {
    model: Model,
    names: Vec<String>,
    threads: usize,
    reading: Reading,
}

/// What was found of some samples, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// What the classes are called.
    pub names: Vec<String>,
    /// The class of each sample.
    pub classes: Vec<u8>,
    /// Samples x classes.
    pub probabilities: Vec<f32>,
    /// How usual each sample is: the goodness of its class, the higher the more like the training samples; none
    /// where it was not asked for.
    pub goodness: Option<Vec<f32>>,
}

impl Predictor {
    /// Loads a model from a run folder or a file. It answers by its readout where it has one, otherwise by
    /// goodness.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn load(run: &Path) -> Result<Self, ModelError> {
        Ok(Self::of(Model::load(run)?))
    }

    /// The same of a model in memory.
    #[must_use]
    pub fn of(model: Model) -> Self {
        let reads = model.about.recipe.rule.reads_by(Reading::Readout);
        let reading = if reads { Reading::Readout } else { Reading::Goodness };
        Self { names: model.about.class_names(), model, threads: 1, reading }
    }

    /// The same on so many threads.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// The same by one of its readings.
    ///
    /// # Errors
    /// A reading that the model's rule does not have.
    pub fn by(self, reading: Reading) -> anyhow::Result<Self> {
        let rule = &self.model.about.recipe.rule;
        ensure!(
            rule.reads_by(reading),
            "a model of the rule {} cannot be read by {}",
            rule.name(),
            rule.reading_name(reading)
        );
        Ok(Self { reading, ..self })
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// What it answers by.
    #[must_use]
    pub const fn reading(&self) -> Reading {
        self.reading
    }

    /// What logits are divided by before a softmax: fitted on validation samples when the model was trained; none
    /// where there were none, and then 1 is taken.
    #[must_use]
    pub const fn temperature(&self) -> Option<f64> {
        self.model.about.temperatures.of(self.reading)
    }

    /// One sample, of values as the training data had them; of 8-bit pictures, each as a part of the brightest.
    ///
    /// # Errors
    /// Another number of values than the model takes, or one that is no finite number.
    pub fn sample(&self, values: Vec<f32>) -> anyhow::Result<Samples> {
        let shape = self.model.about.shape();
        ensure!(values.len() == shape.len(), "the model takes {} values, not {}", shape.len(), values.len());
        let bad = values.iter().position(|value| !value.is_finite());
        ensure!(bad.is_none(), "value {} is no finite number", bad.unwrap_or_default());
        Ok(Samples::new(shape, Values::Floats(values), vec![0]))
    }

    /// The classes of samples, with the probability of each.
    ///
    /// # Errors
    /// Samples of another size.
    pub fn predict(&self, samples: &Samples) -> anyhow::Result<Predictions> {
        let scores = self.scores(samples, self.reading)?;
        let (classes, temperature) = (self.names.len().max(1), self.temperature().unwrap_or(1.0));
        let found = scores.values.chunks_exact(classes).map(classify::best).collect();
        let logits = scores.logits();
        let probabilities = logits.chunks_exact(classes).flat_map(|row| softmax(row, temperature));
        Ok(Predictions {
            names: self.names.clone(),
            classes: found,
            probabilities: probabilities.map(|p| p as f32).collect(),
            goodness: None,
        })
    }

    /// The same, with each sample's goodness.
    ///
    /// # Errors
    /// As [`Predictor::predict`], and a rule without goodness.
    pub fn predict_with_goodness(&self, samples: &Samples) -> anyhow::Result<Predictions> {
        let rule = &self.model.about.recipe.rule;
        ensure!(rule.reads_by(Reading::Goodness), "a model of the rule {} has no goodness", rule.name());
        let scores = self.scores(samples, Reading::Goodness)?;
        let rows = scores.values.chunks_exact(self.names.len().max(1));
        let highest = |row: &[f32]| row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let goodness = Some(rows.map(highest).collect());
        Ok(Predictions { goodness, ..self.predict(samples)? })
    }

    /// What each feature of a sample did for the class that is seen in it: the report's map, as numbers.
    ///
    /// # Errors
    /// No such sample, and models of rules that maps cannot be made for.
    pub fn explain(&self, samples: &Samples, index: usize) -> anyhow::Result<Vec<f32>> {
        let (sample, _) = samples.get(index).context("there is no such sample")?;
        let features = self.model.network.features_of(samples, &self.model.about.recipe)?;
        let mut row = vec![0.0; features.len()];
        features.write(sample, &Variation::NONE, &mut row);
        let by = match self.reading {
            Reading::Goodness => By::Goodness,
            Reading::Readout => By::Readout,
        };
        let mut explainer = Explainer::new(&self.model, by, self.threads)?;
        let class = classify::best(&explainer.scores(&row)?);
        let (map, _) = explainer.delta(&row, explainer.score(), Target { label: class, against: Against::Nothing })?;
        Ok(map)
    }

    fn scores(&self, samples: &Samples, reading: Reading) -> anyhow::Result<evaluate::Scores> {
        let Model { network, about } = &self.model;
        let reader = Reader { network, recipe: &about.recipe, threads: self.threads };
        let never = &mut |_, _| std::ops::ControlFlow::Continue(());
        evaluate::scores(&[reader], samples, reading, never)?.context("the model cannot be read that way")
    }
}

impl Predictions {
    /// How many samples there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The name of a sample's class; empty past the end.
    #[must_use]
    pub fn name(&self, sample: usize) -> &str {
        let class = self.classes.get(sample).and_then(|&class| self.names.get(usize::from(class)));
        class.map_or("", String::as_str)
    }

    /// The probability of a sample's class; 0 past the end.
    #[must_use]
    pub fn probability(&self, sample: usize) -> f32 {
        let class = self.classes.get(sample).copied().unwrap_or(0);
        self.row(sample).get(usize::from(class)).copied().unwrap_or(0.0)
    }

    /// The probabilities of a sample's classes; empty past the end.
    #[must_use]
    pub fn row(&self, sample: usize) -> &[f32] {
        let classes = self.names.len();
        self.probabilities.get(sample * classes..(sample + 1) * classes).unwrap_or_default()
    }
}
