//! One run's result, without what no table uses.

use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::baseline::RULE;
use ff_host::files;
use ff_host::recipe::{Field, Recipe};
use ff_host::run::{self, Metrics, Provenance};

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What made the run; its command is without folders, threads and seed.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Weights, biases and readout.
    pub parameters: usize,
    /// The seed.
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
    /// The most memory that the process held at once, in bytes.
    pub peak_memory: Option<u64>,
    /// Errors on the validation images after epochs in which every reading was taken.
    pub validation: Vec<Checkpoint>,
    /// Errors on the test images; null where they were left unread.
    pub test: Option<Errors>,
}

/// Errors on the validation images after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// From 1.
    pub epoch: usize,
    /// Wrong by readout.
    pub readout: Option<usize>,
    /// Wrong by goodness.
    pub goodness: Option<usize>,
}

/// Errors on the test images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// How many images there are.
    pub images: usize,
    /// Wrong by readout.
    pub readout: Option<usize>,
    /// Wrong by goodness.
    pub goodness: Option<usize>,
}

/// Epochs between two that are kept of a run's course, besides the last.
const COURSE: usize = 5;

impl From<&Metrics> for Entry {
    fn from(run: &Metrics) -> Self {
        let kept = |epoch: usize| run.validation_images > 0 && (epoch.is_multiple_of(COURSE) || epoch == run.epochs);
        let validation = run.history.iter().filter(|entry| kept(entry.epoch)).map(|entry| Checkpoint {
            epoch: entry.epoch,
            readout: entry.validation_errors_readout,
            goodness: entry.validation_errors_goodness,
        });
        Self {
            provenance: Provenance { command: settings(&run.provenance.command), ..run.provenance.clone() },
            parameters: run.parameters,
            seed: run.seed,
            threads: run.threads,
            train_images: run.train_images,
            validation_images: run.validation_images,
            epochs: run.epochs,
            train_seconds: run.train_seconds,
            peak_memory: run.peak_memory,
            validation: validation.collect(),
            test: run.test.as_ref().map(|test| Errors {
                images: test.images,
                readout: test.errors_readout,
                goodness: test.errors_goodness,
            }),
        }
    }
}

impl Entry {
    /// The name of its file, which tells it from other runs.
    ///
    /// # Errors
    /// A data set or a recipe whose name is none.
    pub fn file_name(&self) -> anyhow::Result<String> {
        let Provenance { dataset, recipe, rule, .. } = &self.provenance;
        super::check_names(dataset, recipe)?;
        let rule = if rule == RULE { "backprop-mlp-" } else { "" };
        let validation = if self.validation_images > 0 { "-validated" } else { "" };
        Ok(format!("{dataset}-{rule}{recipe}-{}{validation}-seed{}.json", self.epochs, self.seed))
    }
}

/// A command line without the options that do not change what is learned, and without the seed; options are
/// called by their present names.
#[must_use]
pub fn settings(command: &str) -> String {
    const LEFT_OUT: [&str; 5] = ["--out", "--data-dir", "--mirror", "--threads", "--seed"];
    let mut kept = Vec::new();
    let mut words = run::words(command).into_iter();
    while let Some(word) = words.next() {
        if LEFT_OUT.contains(&word.as_str()) {
            words.next();
        } else if word != "--force" && !LEFT_OUT.iter().any(|option| word.starts_with(&format!("{option}="))) {
            kept.push(renamed(word));
        }
    }
    run::joined(kept)
}

/// The word; an option that was called otherwise in earlier versions, by its present name.
fn renamed(word: String) -> String {
    let present = |option: &str| Field::renamed_option(option.strip_prefix("--")?).map(|name| format!("--{name}"));
    match word.split_once('=') {
        Some((option, value)) => present(option).map(|option| format!("{option}={value}")),
        None => present(&word),
    }
    .unwrap_or(word)
}

/// An entry from its file, or from a run's `metrics.json`.
///
/// # Errors
/// A file that is neither, or a run that did not come to its end.
pub fn load(path: &Path) -> anyhow::Result<Entry> {
    let bytes = files::bytes(path, files::METRICS).with_context(|| format!("cannot read {}", path.display()))?;
    if let Ok(entry) = serde_json::from_slice::<Entry>(&bytes) {
        let provenance = Provenance { command: settings(&entry.provenance.command), ..entry.provenance };
        return Ok(Entry { provenance, ..entry });
    }
    let metrics: Metrics = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is neither a result nor a run's metrics.json", path.display()))?;
    anyhow::ensure!(!metrics.interrupted, "{} is of a run that was stopped", path.display());
    if let Some(recipe) = path.parent().and_then(|folder| files::text(&folder.join(run::RECIPE), files::RECIPE).ok()) {
        let epochs = Recipe::parse(run::RECIPE, &recipe)?.epochs;
        let done = metrics.epochs;
        anyhow::ensure!(done == epochs, "{} is of a run that ended after {done} of {epochs} epochs", path.display());
    }
    Ok(Entry::from(&metrics))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_command_keeps_what_changes_the_result() {
        let command = "ff train --dataset mnist --out 'a b' --seed=3 --force '--data-dir=/x y' --epochs 6 --threads 2";
        assert_eq!(super::settings(command), "ff train --dataset mnist --epochs 6");
    }

    #[test]
    fn options_have_their_present_names() {
        let command = "ff train --rate 0.1 --decay=0.2 --batch 10 --epochs 6";
        let present = "ff train --learning-rate 0.1 --weight-decay=0.2 --batch-size 10 --epochs 6";
        assert_eq!(super::settings(command), present);
    }
}
