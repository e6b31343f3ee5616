//! `ff eval`: tests a trained model again.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};

use super::session::with_bar;
use super::source::{PlaceArgs, Terminal};
use super::table;
use super::threads::ThreadArgs;
use crate::data::{self, Dataset, DatasetName, Options, Samples, Split};
use crate::dead_units::DeadUnits;
use crate::evaluate::Reader;
use crate::examine::Examination;
use crate::output::{self, note, say};
use crate::run::{Model, Temperatures};
use crate::train::Watch;

/// Test a trained model, or several as one.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvalArgs {
    /// A run folder, or a model file; of several, the classes' scores are added. Behind them other data than
    /// the model's own may stand: a file or folder, all of whose samples are read
    #[arg(value_name = "RUN.. [DATA]", required = true)]
    runs: Vec<PathBuf>,
    /// Which images: those held out for the final test, or those it learned from
    #[arg(long, value_enum, default_value_t = Part::Test)]
    on: Part,
    /// The data set [default: the model's own, divided as it was for training]
    #[arg(long, value_name = "NAME")]
    dataset: Option<DatasetName>,
    #[command(flatten)]
    places: PlaceArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
The images are classified by goodness (every label is tried; the highest goodness wins) and, where
the model has one, by readout (one pass); layers that have classifiers of their own are read by the sum of
their logits. The confusion matrix is that of the way with fewer errors.
Of a single network it also tells how many units are dead, silent for every one of the first 1,000 images:
many of them early in training speak for a lower rate. By the rule n-way a label may still lift them.

Several models are a committee: each class gets the sum of the scores that they give it, and the highest
sum wins. Networks that differ in nothing but their seed usually make a few errors less together.

Examples:
  ff eval runs/first                                 the test images once more
  ff eval runs/first --on validation --json          for scripts
  ff eval runs/seed-1 runs/seed-2 runs/seed-3        three networks as one
  ff eval runs/first/model.safetensors --dataset fashion-mnist";

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Held out for the final test
    Test,
    /// Held out from training to choose settings by
    Validation,
    /// Learned from
    Train,
}

/// Carries the command out.
///
/// # Errors
/// An unusable model, data that cannot be had or do not fit the model.
pub fn run(args: &EvalArgs) -> anyhow::Result<()> {
    let (runs, other) = runs_and_data(&args.runs);
    let models = runs.iter().map(|run| Ok(Model::load(run)?)).collect::<anyhow::Result<Vec<_>>>()?;
    let first = models.first().context("there is no model")?;
    models.iter().try_for_each(|model| same_task(first, model))?;
    let threads = args.threads.start()?;
    let dataset = load(other, args.dataset, &args.places, first)?;
    let images = part(args.on, first, dataset)?;
    let readers = models.iter().map(|m| Reader { network: &m.network, recipe: &m.about.recipe, threads });
    let readers: Vec<_> = readers.collect();
    // A sum of several networks' scores is no network's whose temperature is known.
    let temperatures = if models.len() == 1 { first.about.temperatures } else { Temperatures::default() };
    let never = AtomicBool::new(false);
    let examine = |watch: Watch<'_>| Examination::of(&readers, temperatures, &images, watch);
    let found = with_bar("reading".to_owned(), &never, examine)?.context("nothing was read")?;
    let names = first.about.class_names();
    if args.json {
        say!("{}", serde_json::to_string_pretty(&found.metrics)?);
        return Ok(());
    }
    let rule = &first.about.recipe.rule;
    output::text(format_args!("{}", table::readings(rule, found.goodness.as_ref(), found.readout.as_ref(), &names)));
    output::text(format_args!("{}", table::measures(&found.metrics, temperatures, &names)));
    if let [reader] = &readers[..] {
        say!("\n{}", table::dead_units(&DeadUnits::count(reader, &images)?));
    }
    Ok(())
}

/// Refuses models that cannot be read as one.
fn same_task(first: &Model, other: &Model) -> anyhow::Result<()> {
    let task = |model: &Model| {
        let about = &model.about;
        let images = (about.dataset.clone(), about.split.clone(), about.validation);
        (images, about.learned_classes.clone(), about.classes, about.recipe.rule.kind())
    };
    ensure!(
        task(first) == task(other),
        "the models learned other images, other classes or by another rule; evaluate them one by one"
    );
    Ok(())
}

/// Runs, and the data behind them: what holds no model.
fn runs_and_data(words: &[PathBuf]) -> (&[PathBuf], Option<&Path>) {
    match words {
        [runs @ .., last] if !runs.is_empty() && last.exists() && !Model::is_at(last) => (runs, Some(last)),
        runs => (runs, None),
    }
}

/// The model's own data or others, if their samples fit; of these, the classes that it learned. Other data are
/// read whole, as test and as training samples.
///
/// # Errors
/// Data that cannot be had, or do not fit the model.
pub fn load(
    other: Option<&Path>,
    named: Option<DatasetName>,
    places: &PlaceArgs,
    model: &Model,
) -> anyhow::Result<Dataset> {
    let dataset = match (other, named, &model.about.own) {
        (Some(path), ..) => own(path, model)?,
        (None, None, Some(options)) => data::load_own(options, &mut Terminal::default())?,
        (None, named, _) => known(named, places, model)?,
    };
    let (shape, wanted) = (dataset.test.shape(), model.about.shape());
    ensure!(
        shape.fits(&wanted) && dataset.classes == model.about.classes,
        "the model takes {wanted} of {} classes, {} has {shape} of {}{}",
        model.about.classes,
        dataset.name,
        dataset.classes,
        wanted.difference(shape)
    );
    let learned = model.about.own.is_some() && other.is_none() && named.is_none();
    if learned && model.about.data_checksum.is_some_and(|sum| sum != dataset.checksum()) {
        note!("note: {} has changed since the model learned from it", dataset.source);
    }
    let maximum = model.about.maximum();
    let (train, test) = (dataset.train.clone().scaled(maximum), dataset.test.clone().scaled(maximum));
    let dataset = Dataset { train, test, ..dataset };
    match &model.about.learned_classes {
        Some(classes) => Ok(dataset.only(classes)?),
        None => Ok(dataset),
    }
}

/// Other data, read as the model's own were.
fn own(path: &Path, model: &Model) -> anyhow::Result<Dataset> {
    let about = &model.about;
    let options = Options { path: path.to_owned(), test: None, ..about.own.clone().unwrap_or_default() };
    let class_names = about.class_names();
    let all = data::load_for(&options, &class_names, &mut Terminal::default())?;
    let source = path.display().to_string();
    let (name, split, classes) = (source.clone(), "whole".to_owned(), about.classes);
    Ok(Dataset { name, split, source, classes, class_names, train: all.clone(), test: all, own: Some(options) })
}

/// A data set that is known by name: the model's own, or another.
fn known(named: Option<DatasetName>, places: &PlaceArgs, model: &Model) -> anyhow::Result<Dataset> {
    let own = || model.about.dataset.parse().context("the model's data set");
    let name = named.map_or_else(own, Ok)?;
    let mut request = places.request(name);
    // Of its own data set a model has learned what its own division says, named or not.
    request.split = if model.about.is_of(name.as_str()) { model.about.split.parse()? } else { Split::Default };
    Ok(data::load(&request, &mut Terminal::default())?)
}

fn part(part: Part, model: &Model, dataset: Dataset) -> anyhow::Result<Samples> {
    if part == Part::Test {
        return Ok(dataset.test);
    }
    let validation = if part == Part::Validation { model.about.validation } else { 0 };
    ensure!(part == Part::Train || validation > 0, "the model was trained without validation images");
    let (train, held_out) = model.about.divide(&dataset.train)?;
    Ok(if part == Part::Train { train } else { held_out })
}
