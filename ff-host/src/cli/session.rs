//! A training run on its way: epochs, saves, Ctrl-C, and the test at its end.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ff_core::error::Error;

use super::{next, table};
use crate::data::Samples;
use crate::evaluate::{self, Outcome, Reader, Scores};
use crate::event::Event;
use crate::examine::{self, Examination};
use crate::health::Trouble;
use crate::memory;
use crate::network::HostNetwork;
use crate::output::{self, note, say};
use crate::progress::Progress;
use crate::recipe::Recipe;
use crate::rule::{Reading, Rule};
use crate::run::{
    self, About, Best, Conduct, EpochMetrics, Keep, Metrics, Model, RunFolder, State, StateRecord, Temperatures,
};
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

/// A run came to its end and learned nothing.
#[derive(Debug, thiserror::Error)]
#[error("{trouble}")]
pub struct Worthless {
    /// Why.
    trouble: Trouble,
}

impl Worthless {
    /// The program's exit code then, so that no script takes the model for a good one.
    pub const EXIT_CODE: u8 = 3;
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

/// A run on its way.
pub(super) struct Session {
    pub recipe: Recipe,
    pub trainer: Trainer,
    pub folder: RunFolder,
    /// Brought up to date with every epoch, as are the metrics.
    pub about: About,
    pub metrics: Metrics,
    pub threads: usize,
    pub conduct: Conduct,
    /// The model of the best epoch so far, until it is on disk.
    pub unsaved_best: Option<Vec<u8>>,
    /// Why it learns nothing, as far as that was seen.
    pub trouble: Option<Trouble>,
}

/// After how many epochs a run is looked at, whether it learns at all.
const LOOKS: usize = 5;

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
        Event::Start(&self.metrics).tell();
        self.train(train, validation, stop)?;
        if !self.metrics.interrupted {
            self.examine(train)?;
        }
        let trouble = self.trouble.take();
        if self.metrics.interrupted {
            self.interrupted()?;
        } else if self.conduct.no_test || trouble.is_some() && self.conduct.stop_when_dead {
            self.untested()?;
        } else {
            self.test(test, stop)?;
        }
        trouble.map_or(Ok(()), |trouble| Err(Worthless { trouble }.into()))
    }

    /// All epochs that are left, or those until Ctrl-C or the end of patience. Each ends with the run's files on
    /// disk.
    fn train(&mut self, train: &Samples, validation: &Samples, stop: &AtomicBool) -> anyhow::Result<()> {
        while self.metrics.epochs < self.recipe.epochs && !self.metrics.is_out_of(self.conduct.patience) {
            let report = self.epoch(self.metrics.epochs + 1, train, stop)?;
            let is_recorded = report.finished && self.record(&report, validation, stop)?;
            let over: f64 = self.metrics.history.iter().map(|epoch| epoch.seconds).sum();
            self.metrics.train_seconds = over + if is_recorded { 0.0 } else { report.seconds };
            let is_whole = is_recorded && self.metrics.epochs == self.recipe.epochs;
            self.metrics.interrupted = stop.load(Ordering::SeqCst) && !is_whole;
            if self.metrics.interrupted {
                break;
            }
            let saved = self.save();
            go_on_after(saved);
            let is_young = self.metrics.epochs <= LOOKS && self.metrics.epochs < self.recipe.epochs;
            if is_young || self.trouble.is_some() {
                self.examine(train)?;
            }
            if self.trouble.is_some() && self.conduct.stop_when_dead {
                break;
            }
        }
        Ok(())
    }

    /// Looks whether the run learns at all; what is wrong is told as soon as it is seen, and at the end by the
    /// program's last words.
    fn examine(&mut self, train: &Samples) -> anyhow::Result<()> {
        let Some(epoch) = self.metrics.history.last() else { return Ok(()) };
        let found = Trouble::of(&self.reader(self.trainer.network()), train, epoch)?;
        let is_last = epoch.epoch == self.recipe.epochs;
        if let Some(trouble) = found.as_ref().filter(|_| self.trouble.is_none() && !is_last) {
            note!("note: after epoch {}, {trouble}", epoch.epoch);
            Event::Trouble { epoch: epoch.epoch, text: trouble.to_string() }.tell();
        }
        self.trouble = found;
        Ok(())
    }

    fn epoch(&mut self, epoch: usize, train: &Samples, stop: &AtomicBool) -> anyhow::Result<EpochReport> {
        let what = format!("epoch {epoch}/{}", self.recipe.epochs);
        let report = with_bar(what, stop, |watch| self.trainer.epoch(train, watch));
        report.map_err(|error| match error {
            Error::Diverged { .. } => Worthless { trouble: Trouble::diverged(error, &self.recipe) }.into(),
            error => error.into(),
        })
    }

    /// Keeps account of an epoch that is over; whether it did, which Ctrl-C may have prevented.
    fn record(&mut self, report: &EpochReport, validation: &Samples, stop: &AtomicBool) -> anyhow::Result<bool> {
        let read = |wanted: bool, reading| match wanted && !validation.is_empty() {
            true => self.read(validation, reading, stop),
            false => Ok(None),
        };
        let readout = read(true, Reading::Readout)?;
        let goodness = read(self.reads_goodness_after(report.epoch), Reading::Goodness)?;
        if stop.load(Ordering::SeqCst) && !validation.is_empty() {
            return Ok(false);
        }
        let fitted = |scores: &Option<Scores>| scores.as_ref().map(|s| examine::temperature(s, &validation.labels));
        self.about.temperatures = Temperatures { goodness: fitted(&goodness), readout: fitted(&readout) };
        let outcome = |scores: Option<Scores>| scores.map(|s| s.outcome(&validation.labels)).transpose();
        let (readout, goodness) = (outcome(readout)?, outcome(goodness)?);
        self.tell(&epoch_line(report, &self.recipe.rule, readout.as_ref(), goodness.as_ref()));
        let epoch = EpochMetrics::new(report, readout.as_ref(), goodness.as_ref());
        Event::Epoch(&epoch).tell();
        self.metrics.epochs = report.epoch;
        self.about.epochs = report.epoch;
        self.compare(&epoch)?;
        self.metrics.history.push(epoch);
        Ok(true)
    }

    /// Whether the validation images are classified by goodness, which may take longer than by readout.
    fn reads_goodness_after(&self, epoch: usize) -> bool {
        let recipe = &self.recipe;
        // One-pass rules have the goodness of every label at the price of one pass.
        let is_cheap = !recipe.rule.is_contrastive();
        let is_compared = self.conduct.keep == Keep::Best || self.conduct.patience.is_some();
        let is_all_there_is = !recipe.rule.reads_by(Reading::Readout);
        let is_due = epoch == recipe.epochs || epoch.is_multiple_of(self.conduct.goodness_every);
        is_cheap || is_due || is_compared && is_all_there_is
    }

    /// Keeps the model of an epoch that is better than all before.
    fn compare(&mut self, epoch: &EpochMetrics) -> anyhow::Result<()> {
        let Some(errors) = epoch.errors() else { return Ok(()) };
        if self.metrics.best.is_none_or(|best| errors < best.errors) {
            self.metrics.best = Some(Best { epoch: epoch.epoch, errors });
            self.unsaved_best = Some(Model::bytes_of(self.trainer.network(), &self.about)?);
        }
        Ok(())
    }

    /// Prints an epoch's line; a run whose output nobody can read any more goes on for its folder.
    fn tell(&self, line: &str) {
        say!("{line}");
        if output::is_newly_lost() {
            note!("note: standard output is closed or full; going on, to be saved in {}", self.folder.path().display());
        }
    }

    /// Scores validation images until the end or Ctrl-C; nothing then, or where the rule cannot be read that way.
    fn read(&self, images: &Samples, reading: Reading, stop: &AtomicBool) -> anyhow::Result<Option<Scores>> {
        let reader = self.reader(self.trainer.network());
        Ok(with_bar("validation".to_owned(), stop, |watch| evaluate::scores(&[reader], images, reading, watch))?)
    }

    fn reader<'a>(&'a self, network: &'a HostNetwork) -> Reader<'a> {
        Reader { network, recipe: &self.recipe, threads: self.threads }
    }

    /// Replaces the run's files, the state last: see there. The best epoch's model comes first, since the others
    /// say that it is there.
    fn save(&mut self) -> anyhow::Result<()> {
        let model = Model::bytes_of(self.trainer.network(), &self.about)?;
        let metrics = serde_json::to_vec_pretty(&self.metrics)?;
        let (recipe, state) = (self.recipe.to_toml()?, State::bytes_of(&self.state(), &self.trainer)?);
        let others = [(run::METRICS, &*metrics), (run::RECIPE, recipe.as_bytes()), (run::STATE, &*state)];
        self.folder.replace(&self.models(&model).into_iter().chain(others).collect::<Vec<_>>())?;
        self.unsaved_best = None;
        Ok(())
    }

    /// The model files that are to be replaced.
    fn models<'a>(&'a self, last: &'a [u8]) -> Vec<(&'static str, &'a [u8])> {
        let best = self.unsaved_best.as_deref();
        match self.conduct.keep {
            Keep::Best if self.metrics.best.is_some() => best.map(|best| (run::MODEL, best)).into_iter().collect(),
            _ => best.map(|best| (run::BEST, best)).into_iter().chain([(run::MODEL, last)]).collect(),
        }
    }

    fn state(&self) -> StateRecord {
        StateRecord {
            about: self.about.clone(),
            metrics: self.metrics.clone(),
            position: self.trainer.position(self.metrics.epochs),
            conduct: self.conduct.clone(),
        }
    }

    /// What the run has learned, the last epoch's or the best one's as its file holds it, and its temperatures.
    fn kept(&self) -> anyhow::Result<(Cow<'_, HostNetwork>, Temperatures)> {
        Ok(match (self.conduct.keep, self.metrics.best) {
            (Keep::Best, Some(_)) => {
                let Model { network, about } = Model::load(self.folder.path())?;
                (Cow::Owned(network), about.temperatures)
            }
            _ => (Cow::Borrowed(self.trainer.network()), self.about.temperatures),
        })
    }

    /// The end of an interrupted run, which leaves the test images unread.
    fn interrupted(mut self) -> anyhow::Result<()> {
        self.save()?;
        self.tell_saved();
        let path = self.folder.path().display().to_string();
        let line = |words: &[&str]| run::joined(words.iter().chain([&&*path]).map(|&word| word.to_owned()));
        let (test, resume) = (line(&["ff", "eval"]), line(&["ff", "train", "--resume"]));
        let then = format!("\ntest it with: {test}\ngo on with: {resume}");
        Err(Interrupted { epochs: self.metrics.epochs, path, then }.into())
    }

    fn tell_saved(&self) {
        Event::Saved { run: self.folder.path(), interrupted: self.metrics.interrupted }.tell();
    }

    /// The end of a run that chooses settings.
    fn untested(mut self) -> anyhow::Result<()> {
        self.metrics.peak_memory = memory::peak();
        self.save()?;
        say!("\nsaved in {}; the test images were left unread", self.folder.path().display());
        self.tell_saved();
        Ok(())
    }

    /// Reads the test images once, both ways, and tells before it saves: a full disk must not
    /// swallow what was found.
    fn test(mut self, test: &Samples, stop: &AtomicBool) -> anyhow::Result<()> {
        if self.unsaved_best.is_some() {
            self.save()?;
        }
        let (network, temperatures) = self.kept()?;
        let readers = [self.reader(&network)];
        let examine = |watch: Watch<'_>| Examination::of(&readers, temperatures, test, watch);
        let found = with_bar("test".to_owned(), stop, examine)?;
        drop(network);
        let Some(found) = found else {
            self.metrics.interrupted = true;
            return self.interrupted();
        };
        self.metrics.test = Some(found.metrics);
        self.metrics.peak_memory = memory::peak();
        let best = if self.conduct.keep == Keep::Best { ", by the best epoch's model" } else { "" };
        say!("\ntest, after {:.1} s of training{best}:", self.metrics.train_seconds);
        let rule = &self.recipe.rule;
        let names = self.about.class_names();
        output::text(format_args!(
            "{}",
            table::readings(rule, found.goodness.as_ref(), found.readout.as_ref(), &names)
        ));
        if let Some(test) = &self.metrics.test {
            Event::Test(test).tell();
        }
        self.save()?;
        say!("\nsaved in {}", self.folder.path().display());
        self.tell_saved();
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
