//! A training run on its way: epochs, saves, Ctrl-C, and the test at its end.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{next, table};
use crate::data::Samples;
use crate::evaluate::{self, Outcome, Reader};
use crate::memory;
use crate::output::{self, note, say};
use crate::progress::Progress;
use crate::recipe::Recipe;
use crate::rule::{Reading, Rule};
use crate::run::{self, About, EpochMetrics, Metrics, Model, RunFolder, TestMetrics};
use crate::signals;
use crate::train::{EpochReport, Trainer, Watch};

/// Ctrl-C ended a run, and what it had learned is saved.
#[derive(Debug, thiserror::Error)]
#[error("stopped after {epochs} epochs; saved in {path}{then}")]
pub struct Interrupted {
    /// Epochs that were finished.
    pub epochs: usize,
    /// The run folder.
    pub path: String,
    /// What can be done with it, in a line of its own; empty for nothing.
    pub then: String,
}

impl Interrupted {
    /// The program's exit code then: what a shell gives to a program that SIGINT ended, so that
    /// `ff train && ...` does not go on as if training had come to its end.
    pub const EXIT_CODE: u8 = 130;
}

/// What a run says at the first Ctrl-C, whatever it is at.
pub const SAVING: &str = "saving what was learned, then stopping";

/// A flag that the first Ctrl-C raises, or whatever else asks the program to end; the second ends the
/// process. To be called once.
///
/// # Errors
/// Where the system does not let signals be handled.
pub fn stop_on_ctrl_c(notice: &'static str) -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    signals::on_end(move || {
        if raised.swap(true, Ordering::SeqCst) {
            std::process::exit(Interrupted::EXIT_CODE.into());
        }
        note!("\n{notice}; once more to stop at once");
    })?;
    Ok(stop)
}

/// Works on images under a progress bar, until the end or Ctrl-C.
pub fn with_bar<R>(what: String, stop: &AtomicBool, work: impl FnOnce(Watch<'_>) -> R) -> R {
    let mut progress = Progress::new(what, "images", 0);
    work(&mut |done, of| {
        progress.set(done, of);
        if stop.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
}

/// Tells of a save between two epochs that failed. It loses no more than time: the next one, or the
/// last, makes up for it.
pub fn go_on_after(save: anyhow::Result<()>) {
    if let Err(error) = save {
        note!("note: {error:#}; going on, and trying again after the next epoch");
    }
}

/// Writes a run's three files.
///
/// # Errors
/// Files that cannot be written; the old run is as it was where its model could not be replaced.
pub fn save(folder: &RunFolder, model: &[u8], metrics: &Metrics, recipe: &Recipe) -> anyhow::Result<()> {
    folder.write(run::MODEL, model)?;
    // Not before: a disk too full for the new model must leave the old run as it was.
    folder.clear()?;
    // Somebody may have evaluated the last epoch's model meanwhile.
    run::remove(folder.path(), &[run::EVALUATION])?;
    folder.write(run::METRICS, &serde_json::to_vec_pretty(metrics)?)?;
    folder.write(run::RECIPE, recipe.to_toml()?.as_bytes())
}

/// A run on its way.
pub(super) struct Session {
    pub recipe: Recipe,
    pub trainer: Trainer,
    pub folder: RunFolder,
    /// Brought up to date with every epoch, as are the metrics.
    pub about: About,
    pub metrics: Metrics,
    pub threads: usize,
    /// After how many epochs the validation images are classified by goodness.
    pub goodness_every: usize,
    /// Whether the test images stay unread.
    pub no_test: bool,
}

impl Session {
    /// Trains, tests and saves.
    pub fn run(
        mut self,
        train: &Samples,
        validation: &Samples,
        test: &Samples,
        stop: &AtomicBool,
    ) -> anyhow::Result<()> {
        let Recipe { name, layers, epochs, .. } = &self.recipe;
        say!("recipe {name}: layers {layers:?}, {epochs} epochs, seed {}", self.about.seed);
        self.train(train, validation, stop)?;
        match () {
            () if self.metrics.interrupted => self.interrupted(),
            () if self.no_test => self.untested(),
            () => self.test(test, stop),
        }
    }

    /// All epochs, or those until Ctrl-C. Each ends with the model and the metrics on disk.
    fn train(&mut self, train: &Samples, validation: &Samples, stop: &AtomicBool) -> anyhow::Result<()> {
        for epoch in 1..=self.recipe.epochs {
            let report = self.epoch(epoch, train, stop)?;
            self.metrics.train_seconds += report.seconds;
            if report.finished {
                self.record(&report, validation, stop)?;
            }
            // In the last epoch, Ctrl-C may have cut short the reading of the validation images.
            let is_whole = self.metrics.epochs == self.recipe.epochs && validation.is_empty();
            self.metrics.interrupted = stop.load(Ordering::SeqCst) && !is_whole;
            if self.metrics.interrupted {
                break;
            }
            go_on_after(self.save());
        }
        Ok(())
    }

    fn epoch(&mut self, epoch: usize, train: &Samples, stop: &AtomicBool) -> anyhow::Result<EpochReport> {
        let what = format!("epoch {epoch}/{}", self.recipe.epochs);
        Ok(with_bar(what, stop, |watch| self.trainer.epoch(train, watch))?)
    }

    fn record(&mut self, report: &EpochReport, validation: &Samples, stop: &AtomicBool) -> anyhow::Result<()> {
        let last = report.epoch == self.recipe.epochs;
        // One-pass rules have the goodness of every label at the price of one pass.
        let cheap = !self.recipe.rule.is_contrastive();
        let by_goodness = cheap || last || report.epoch.is_multiple_of(self.goodness_every);
        let read = |wanted: bool, reading| match wanted && !validation.is_empty() {
            true => self.read("validation", validation, reading, stop),
            false => Ok(None),
        };
        let readout = read(true, Reading::Readout)?;
        let goodness = read(by_goodness, Reading::Goodness)?;
        self.tell(&epoch_line(report, &self.recipe.rule, readout.as_ref(), goodness.as_ref()));
        self.metrics.history.push(EpochMetrics::new(report, readout.as_ref(), goodness.as_ref()));
        self.metrics.epochs = report.epoch;
        self.about.epochs = report.epoch;
        Ok(())
    }

    /// Prints an epoch's line; a run whose output nobody can read any more goes on for its folder.
    fn tell(&self, line: &str) {
        say!("{line}");
        if output::is_newly_lost() {
            note!("note: standard output is closed or full; going on, to be saved in {}", self.folder.path().display());
        }
    }

    /// Classifies images until the end or Ctrl-C; nothing then, or where the rule cannot be read that way.
    fn read(
        &self,
        what: &str,
        images: &Samples,
        reading: Reading,
        stop: &AtomicBool,
    ) -> anyhow::Result<Option<Outcome>> {
        let reader = Reader { network: self.trainer.network(), recipe: &self.recipe, threads: self.threads };
        Ok(with_bar(what.to_owned(), stop, |watch| evaluate::classify(&[reader], images, reading, watch))?)
    }

    fn save(&self) -> anyhow::Result<()> {
        let model = Model::bytes_of(self.trainer.network(), &self.about)?;
        save(&self.folder, &model, &self.metrics, &self.recipe)
    }

    /// The end of an interrupted run, which leaves the test images unread.
    fn interrupted(self) -> anyhow::Result<()> {
        self.save()?;
        let path = self.folder.path().display().to_string();
        let then = format!("\ntest it with: {}", run::joined(["ff", "eval", &path].map(str::to_owned)));
        Err(Interrupted { epochs: self.metrics.epochs, path, then }.into())
    }

    /// The end of a run that chooses settings.
    fn untested(mut self) -> anyhow::Result<()> {
        self.metrics.peak_memory = memory::peak();
        self.save()?;
        say!("\nsaved in {}; the test images were left unread", self.folder.path().display());
        Ok(())
    }

    /// Reads the test images once, both ways, and tells before it saves: a full disk must not
    /// swallow what was found.
    fn test(mut self, test: &Samples, stop: &AtomicBool) -> anyhow::Result<()> {
        let goodness = self.read("test", test, Reading::Goodness, stop)?;
        let readout = self.read("test", test, Reading::Readout, stop)?;
        if stop.load(Ordering::SeqCst) {
            self.metrics.interrupted = true;
            return self.interrupted();
        }
        self.metrics.test = Some(TestMetrics::new(test.len(), goodness.as_ref(), readout.as_ref()));
        self.metrics.peak_memory = memory::peak();
        say!("\ntest, after {:.1} s of training:", self.metrics.train_seconds);
        output::text(format_args!("{}", table::readings(&self.recipe.rule, goodness.as_ref(), readout.as_ref())));
        self.save()?;
        say!("\nsaved in {}", self.folder.path().display());
        next::propose_on("explain", self.folder.path(), "pictures of what made it decide");
        Ok(())
    }
}

/// What an epoch saw, in one line: what layers give positives/negatives, one by one, and validation errors.
fn epoch_line(report: &EpochReport, rule: &Rule, readout: Option<&Outcome>, goodness: Option<&Outcome>) -> String {
    let layers = report.layers.iter().map(|layer| format!("{:.2}/{:.2}", layer.positive, layer.negative));
    let layers = layers.collect::<Vec<_>>().join(" ");
    let mut line =
        format!("epoch {:3} {:6.2} s  {} +/- {layers}", report.epoch, report.seconds, rule.layer_scores().name());
    if let Some(error) = report.error {
        line += &format!("  training error {:.2} %", 100.0 * error);
    }
    let readings = [(Reading::Readout, readout), (Reading::Goodness, goodness)].into_iter();
    let told =
        readings.filter_map(|(reading, outcome)| Some(format!("{} {}", rule.reading_name(reading), outcome?.errors)));
    let told: Vec<_> = told.collect();
    if !told.is_empty() {
        line += &format!("  validation: {}", told.join(", "));
    }
    line
}
