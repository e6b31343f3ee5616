//! `metrics.json`: what a run measured.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::{About, Provenance, command_line};
use crate::data::Classes;
use crate::evaluate::Outcome;
use crate::metrics::Measures;
use crate::rule::LayerScores;
use crate::train::EpochReport;

/// Everything a run measured, with what made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// What made the run.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// How the data set was divided.
    pub split: String,
    /// CRC-32 of the data set's images and labels; null from earlier versions.
    #[serde(default)]
    pub data_checksum: Option<u32>,
    /// The classes that were learned and tested; left out for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned_classes: Option<Classes>,
    /// What the layers gave the labels, whose means the history has: goodness per unit, or logits; null from
    /// earlier versions.
    #[serde(default)]
    pub layer_scores: Option<LayerScores>,
    /// Weights, biases and readout.
    pub parameters: usize,
    /// The seed of weights, order, masks and wrong labels.
    pub seed: u64,
    /// Threads that trained.
    pub threads: usize,
    /// Images trained on.
    pub train_images: usize,
    /// Images held out for validation.
    pub validation_images: usize,
    /// Epochs that were finished.
    pub epochs: usize,
    /// Time in training steps alone.
    pub train_seconds: f64,
    /// The most memory that the process held at once, in bytes; null where the system does not tell.
    #[serde(default)]
    pub peak_memory: Option<u64>,
    /// Whether Ctrl-C ended the run before its recipe did, or before the test images were read.
    pub interrupted: bool,
    /// Which epoch's model is the run's own, and was tested.
    #[serde(default)]
    pub keep: Keep,
    /// The first epoch with the fewest validation errors; left out where none were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<Best>,
    /// One entry an epoch.
    pub history: Vec<EpochMetrics>,
    /// On the test images, read once; null until then.
    pub test: Option<TestMetrics>,
}

/// Which epoch's model a run keeps as its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The last one's
    #[default]
    Last,
    /// That of the first epoch with the fewest validation errors
    Best,
}

/// An epoch by its validation errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Best {
    /// From 1.
    pub epoch: usize,
    /// By readout or, where the rule has none, by goodness.
    pub errors: usize,
}

/// What one epoch measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// From 1.
    pub epoch: usize,
    /// Time in training steps.
    pub seconds: f64,
    /// The schedule's learning-rate scale at its end.
    #[serde(alias = "gain")]
    pub lr_scale: f32,
    /// What each layer gave the labels: see [`Metrics::layer_scores`].
    #[serde(alias = "goodness")]
    pub layers: Vec<LayerMeans>,
    /// The error rate while training, where the rule classifies as it learns.
    #[serde(alias = "train_error_readout")]
    pub train_error: Option<f64>,
    /// Errors by readout, or by the sum of the layers' logits, on the validation images.
    pub validation_errors_readout: Option<usize>,
    /// Errors by goodness on the validation images.
    pub validation_errors_goodness: Option<usize>,
}

/// What a layer gave the labels, as means over an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerMeans {
    /// Of positive rows, or of the true class.
    pub positive: f32,
    /// Of negative rows, or of the other classes.
    pub negative: f32,
}

/// The final reading of the test images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestMetrics {
    /// How many there are.
    pub images: usize,
    /// Wrong by goodness; null where the rule has none.
    pub errors_goodness: Option<usize>,
    /// Wrong by readout, or by the sum of the layers' logits; null without these.
    pub errors_readout: Option<usize>,
    /// `[true][predicted]`, by goodness.
    pub confusion_goodness: Option<Vec<Vec<usize>>>,
    /// `[true][predicted]`, by readout.
    pub confusion_readout: Option<Vec<Vec<usize>>>,
    /// What the answers by goodness are worth; left out where the rule has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodness: Option<Measures>,
    /// What the answers by readout are worth; left out without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readout: Option<Measures>,
    /// Wrong by each layer's scores alone, first to last; left out where a layer has no say of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors_by_layer: Vec<usize>,
}

impl Metrics {
    /// Of a run that is about to begin.
    #[must_use]
    pub fn new(about: &About, threads: usize, train_images: usize, parameters: usize) -> Self {
        Self {
            provenance: Provenance::new(command_line("ff"), &about.dataset, &about.recipe),
            split: about.split.clone(),
            data_checksum: about.data_checksum,
            learned_classes: about.learned_classes.clone(),
            layer_scores: Some(about.recipe.rule.layer_scores()),
            parameters,
            seed: about.seed,
            threads,
            train_images,
            validation_images: about.validation,
            epochs: 0,
            train_seconds: 0.0,
            peak_memory: None,
            interrupted: false,
            keep: Keep::Last,
            best: None,
            history: Vec::new(),
            test: None,
        }
    }

    /// Whether these belong to the model that `about` describes, and not to another run whose files lie
    /// in the same folder.
    #[must_use]
    pub fn is_of(&self, about: &About) -> bool {
        let Provenance { dataset, recipe: name, rule, layers, .. } = &self.provenance;
        let recipe = &about.recipe;
        (dataset, &self.split) == (&about.dataset, &about.split)
            && (name, rule.as_str(), layers) == (&recipe.name, recipe.rule.name(), &recipe.layers)
            && (self.seed, self.kept_epoch()) == (about.seed, about.epochs)
    }

    /// Whether so many epochs as patience lasts were no better than the best one.
    #[must_use]
    pub fn is_out_of(&self, patience: Option<usize>) -> bool {
        patience.zip(self.best).is_some_and(|(patience, best)| best.epoch + patience <= self.epochs)
    }

    /// The epoch whose model is the run's own.
    #[must_use]
    pub fn kept_epoch(&self) -> usize {
        self.best.filter(|_| self.keep == Keep::Best).map_or(self.epochs, |best| best.epoch)
    }

    /// Errors by readout and by goodness: on the validation images after the epoch that is kept where some
    /// were held out, otherwise on the test images.
    #[must_use]
    pub fn errors(&self) -> (Option<usize>, Option<usize>) {
        let validated = self.history.get(self.kept_epoch().wrapping_sub(1)).filter(|_| self.validation_images > 0);
        let tested = self.test.as_ref().filter(|_| self.validation_images == 0);
        let validated = validated.map(|last| (last.validation_errors_readout, last.validation_errors_goodness));
        validated.or_else(|| tested.map(|test| (test.errors_readout, test.errors_goodness))).unwrap_or_default()
    }

    /// How many images [`Metrics::errors`] were counted on.
    #[must_use]
    pub fn measured_images(&self) -> usize {
        match self.validation_images {
            0 => self.test.as_ref().map_or(0, |test| test.images),
            images => images,
        }
    }
}

impl EpochMetrics {
    /// The validation errors by which epochs are compared: by readout or, where there is none, by goodness.
    #[must_use]
    pub fn errors(&self) -> Option<usize> {
        self.validation_errors_readout.or(self.validation_errors_goodness)
    }

    /// An epoch's report with what validation found.
    #[must_use]
    pub fn new(report: &EpochReport, readout: Option<&Outcome>, goodness: Option<&Outcome>) -> Self {
        let layer = |l: &ff_core::learner::LayerReport| LayerMeans { positive: l.positive, negative: l.negative };
        Self {
            epoch: report.epoch,
            seconds: report.seconds,
            lr_scale: report.lr_scale,
            layers: report.layers.iter().map(layer).collect(),
            train_error: report.error,
            validation_errors_readout: readout.map(|outcome| outcome.errors),
            validation_errors_goodness: goodness.map(|outcome| outcome.errors),
        }
    }
}

impl TestMetrics {
    /// The two readings of the test images.
    #[must_use]
    pub fn new(images: usize, goodness: Option<&Outcome>, readout: Option<&Outcome>) -> Self {
        Self {
            images,
            errors_goodness: goodness.map(|outcome| outcome.errors),
            errors_readout: readout.map(|outcome| outcome.errors),
            confusion_goodness: goodness.map(|outcome| outcome.confusion.clone()),
            confusion_readout: readout.map(|outcome| outcome.confusion.clone()),
            goodness: None,
            readout: None,
            errors_by_layer: Vec::new(),
        }
    }
}
