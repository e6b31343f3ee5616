//! `ff train`: from data to a tested model in a run folder.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::overrides::Overrides;
use super::source::{DatasetArgs, Terminal};
use super::table;
use crate::data::{Dataset, DatasetName, Images};
use crate::evaluate::{Outcome, Reader};
use crate::kernel;
use crate::recipe::Recipe;
use crate::rule::Reading;
use crate::run::{self, About, EpochMetrics, Existing, Metrics, Model, RunFolder, TestMetrics};
use crate::train::{EpochReport, Trainer};

/// Train a network.
#[derive(Args, Clone, Debug)]
pub struct TrainArgs {
    #[command(flatten)]
    source: DatasetArgs,
    /// A shipped recipe (`ff recipe list`) or a TOML file [default: fast, or digits8x8 for that data set]
    #[arg(long, value_name = "NAME|FILE")]
    recipe: Option<String>,
    #[command(flatten)]
    overrides: Overrides,
    /// Hold out the last N training images and report errors on them: choose settings by these,
    /// never by the test images
    #[arg(long, value_name = "N", default_value_t = 0)]
    validation: usize,
    /// Classify the validation images by goodness every N epochs (it costs more than by readout)
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    goodness_every: u32,
    /// Seed of weights, order, masks and wrong labels: the same seed gives the same model
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,
    /// The run folder [default: runs/TIME-DATASET-RECIPE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace a run that --out holds already
    #[arg(long)]
    force: bool,
}

/// A number of threads from the command line: 1 to 1024.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads) if (1..=1024).contains(&threads) => Ok(threads),
        _ => Err("a number from 1 to 1024 is needed".to_owned()),
    }
}

/// Sets up the process's threads: as many as asked for, or one a core.
pub(super) fn start_threads(threads: Option<usize>) -> anyhow::Result<usize> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.unwrap_or_else(cores);
    kernel::use_threads(threads).context("cannot start the threads")?;
    Ok(threads)
}

/// Carries the command out.
///
/// # Errors
/// Data that cannot be had, a recipe or option out of range, a folder that cannot be written, or
/// training that diverges.
pub fn run(args: &TrainArgs) -> anyhow::Result<()> {
    // Check the recipe that was named before the data are fetched.
    let named = args.recipe.as_deref().map(Recipe::find).transpose()?;
    args.overrides.apply(named.clone().map_or_else(|| Recipe::find("fast"), Ok)?)?;
    let threads = start_threads(args.threads)?;
    let Dataset { name, split, classes, train, test, source } = args.source.load(&mut Terminal::default())?;
    let default = if name == DatasetName::Digits8x8 { "digits8x8" } else { "fast" };
    let recipe = args.overrides.apply(named.map_or_else(|| Recipe::find(default), Ok)?)?;
    let (train, validation) = train.split_last(args.validation).context("--validation")?;
    let trainer = Trainer::new(&recipe, &train, classes, args.seed, threads)?;
    let folder = folder(args, name, &recipe)?;
    folder.write(run::RECIPE, recipe.to_toml()?.as_bytes())?;

    println!(
        "{name} from {source}: {} images to learn from, {} for validation, {} for the test",
        train.len(),
        validation.len(),
        test.len()
    );
    println!("recipe {}: layers {:?}, {} epochs, seed {}", recipe.name, recipe.layers, recipe.epochs, args.seed);
    let about = About {
        format: About::FORMAT,
        recipe: recipe.clone(),
        dataset: name.to_string(),
        split: split.to_string(),
        validation: validation.len(),
        seed: args.seed,
        epochs: 0,
        classes,
        width: train.width,
        height: train.height,
    };
    let metrics = metrics(&about, threads, train.len(), trainer.network().parameters());
    let stop = stop_on_ctrl_c()?;
    let mut session = Session { args, recipe, trainer, folder, about, metrics, threads, stop };
    session.train(&train, &validation)?;
    session.test(&test)
}

fn folder(args: &TrainArgs, name: DatasetName, recipe: &Recipe) -> anyhow::Result<RunFolder> {
    let existing = if args.force { Existing::Replace } else { Existing::Refuse };
    match &args.out {
        Some(path) => RunFolder::named(path, existing),
        None => {
            let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
            RunFolder::fresh(&format!("{time}-{name}-{}", recipe.name))
        }
    }
}

fn metrics(about: &About, threads: usize, train_images: usize, parameters: usize) -> Metrics {
    Metrics {
        command: std::env::args().collect::<Vec<_>>().join(" "),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        dataset: about.dataset.clone(),
        split: about.split.clone(),
        recipe: about.recipe.name.clone(),
        rule: about.recipe.rule.name().to_owned(),
        layers: about.recipe.layers.clone(),
        parameters,
        seed: about.seed,
        threads,
        train_images,
        validation_images: about.validation,
        epochs: 0,
        train_seconds: 0.0,
        interrupted: false,
        history: Vec::new(),
        test: None,
    }
}

/// A flag that the first Ctrl-C raises; the second ends the process.
fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if raised.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
        eprintln!("\nstopping after this batch and saving; once more to stop at once");
    })?;
    Ok(stop)
}

/// A run on its way.
struct Session<'a> {
    args: &'a TrainArgs,
    recipe: Recipe,
    trainer: Trainer,
    folder: RunFolder,
    about: About,
    metrics: Metrics,
    threads: usize,
    stop: Arc<AtomicBool>,
}

impl Session<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// All epochs, or those until Ctrl-C. Each ends with the model and the metrics on disk.
    fn train(&mut self, train: &Images, validation: &Images) -> anyhow::Result<()> {
        for epoch in 1..=self.recipe.epochs {
            let report = self.epoch(epoch, train)?;
            self.metrics.train_seconds += report.seconds;
            if report.finished {
                self.record(&report, validation)?;
            } else {
                self.metrics.interrupted = true;
            }
            self.save()?;
            if self.stopped() {
                self.metrics.interrupted = self.metrics.epochs < self.recipe.epochs;
                break;
            }
        }
        Ok(())
    }

    fn epoch(&mut self, epoch: usize, train: &Images) -> anyhow::Result<EpochReport> {
        // Hidden by itself where nobody watches.
        let bar = ProgressBar::new(train.len() as u64).with_style(style());
        bar.set_message(format!("epoch {epoch}/{}", self.recipe.epochs));
        let stop = Arc::clone(&self.stop);
        let report = self.trainer.epoch(train, &mut |done, _| {
            bar.set_position(done as u64);
            if stop.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        bar.finish_and_clear();
        Ok(report?)
    }

    fn record(&mut self, report: &EpochReport, validation: &Images) -> anyhow::Result<()> {
        let last = report.epoch == self.recipe.epochs;
        // One-pass rules have the goodness of every label at the price of one pass.
        let cheap = !self.recipe.rule.is_contrastive();
        let by_goodness = cheap || last || report.epoch.is_multiple_of(self.args.goodness_every as usize);
        let read = |wanted: bool, reading| match wanted && !validation.is_empty() {
            true => self.reader().classify(validation, reading),
            false => Ok(None),
        };
        let readout = read(true, Reading::Readout)?;
        let goodness = read(by_goodness, Reading::Goodness)?;
        println!("{}", epoch_line(report, readout.as_ref(), goodness.as_ref()));
        self.metrics.history.push(EpochMetrics::new(report, readout.as_ref(), goodness.as_ref()));
        self.metrics.epochs = report.epoch;
        self.about.epochs = report.epoch;
        Ok(())
    }

    fn reader(&self) -> Reader<'_> {
        Reader { network: self.trainer.network(), recipe: &self.recipe, threads: self.threads }
    }

    fn save(&self) -> anyhow::Result<()> {
        let model = Model { network: self.trainer.network().clone(), about: self.about.clone() };
        self.folder.write(run::MODEL, &model.to_bytes()?)?;
        self.folder.write(run::METRICS, &serde_json::to_vec_pretty(&self.metrics)?)
    }

    /// Reads the test images once, both ways; an interrupted run leaves them unread.
    fn test(mut self, test: &Images) -> anyhow::Result<()> {
        let path = self.folder.path().display().to_string();
        if self.metrics.interrupted {
            self.save()?;
            println!("stopped after {} epochs; saved in {path}", self.metrics.epochs);
            println!("test it with: ff eval {path}");
            return Ok(());
        }
        let goodness = self.reader().classify(test, Reading::Goodness)?;
        let readout = self.reader().classify(test, Reading::Readout)?;
        self.metrics.test = Some(TestMetrics::new(test.len(), goodness.as_ref(), readout.as_ref()));
        self.save()?;
        println!("\ntest, after {:.1} s of training:", self.metrics.train_seconds);
        print!("{}", table::readings(goodness.as_ref(), readout.as_ref()));
        println!("\nsaved in {path}");
        if test.is_empty() {
            bail!("the test set is empty");
        }
        Ok(())
    }
}

fn style() -> ProgressStyle {
    let template = "{msg} {bar:30} {pos}/{len} images, {per_sec}, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What an epoch saw, in one line: goodness per unit of positives/negatives, layer by layer.
fn epoch_line(report: &EpochReport, readout: Option<&Outcome>, goodness: Option<&Outcome>) -> String {
    let layers = report.layers.iter().map(|layer| format!("{:.2}/{:.2}", layer.positive, layer.negative));
    let layers = layers.collect::<Vec<_>>().join(" ");
    let mut line = format!("epoch {:3} {:6.2} s  goodness +/- {layers}", report.epoch, report.seconds);
    if let Some(error) = report.error {
        line += &format!("  training error {:.2} %", 100.0 * error);
    }
    if let Some(outcome) = readout {
        line += &format!("  validation: readout {}", outcome.errors);
    }
    if let Some(outcome) = goodness {
        line += &format!("{} goodness {}", if readout.is_some() { "," } else { "  validation:" }, outcome.errors);
    }
    line
}
