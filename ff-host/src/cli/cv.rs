//! `ff cv`: how well a recipe does on data, by learning and testing on their parts in turn.

use std::ops::ControlFlow;

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde::Serialize;

use super::source::{DatasetArgs, Terminal};
use super::threads::ThreadArgs;
use crate::data::{Dataset, Samples};
use crate::evaluate::Reader;
use crate::output::say;
use crate::progress::Progress;
use crate::recipe::{Overrides, Recipe, suggest};
use crate::rule::Reading;
use crate::train::Trainer;

/// Cross-validate a recipe.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CvArgs {
    #[command(flatten)]
    source: DatasetArgs,
    /// A shipped recipe (`ff recipe list`) or a TOML file [default: what suits the data]
    #[arg(long, value_name = "NAME|FILE")]
    recipe: Option<String>,
    #[command(flatten)]
    overrides: Overrides,
    /// Into how many parts the samples are divided, each to be tested once
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=1000))]
    folds: u32,
    /// How often all that is done, each time with another division
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeats: u32,
    /// Seed of weights, order and masks, and of the first division
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    threads: ThreadArgs,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
The samples are divided into K parts, each with its share of every class and without a group in two parts; K
networks learn, each from all parts but one, and are tested on that one. Whatever is learned from data, such as
means and fill values, is learned anew each time without the tested part. Samples for the test are left alone
where the data name them (a test file, a split column) or --test-part holds them out.

Examples:
  ff cv my.csv
  ff cv my.csv --folds 10 --repeats 3
  ff cv my.csv --test-part 0.2 --layers 32,32     to choose settings by, with a test left for the end";

/// What came of it.
#[derive(Debug, Serialize)]
struct Found {
    recipe: String,
    folds: u32,
    repeats: u32,
    samples: usize,
    /// The part of the samples of each fold that was given a wrong label.
    error_rates: Vec<f64>,
    mean: f64,
    /// The standard deviation over the folds.
    deviation: f64,
}

/// Carries the command out.
///
/// # Errors
/// Data that cannot be had or are too few, a recipe or option out of range, or training that diverges.
pub fn run(args: &CvArgs) -> anyhow::Result<()> {
    let threads = args.threads.start()?;
    let data = load(&args.source)?;
    let recipe = match &args.recipe {
        Some(named) => Recipe::find(named)?,
        None => Recipe::find(suggest(&data).recipe)?,
    };
    let recipe = args.overrides.apply(recipe)?;
    if let Some(unfit) = recipe.unfit_for(data.train.shape()) {
        bail!("the recipe {} does not fit {}: {unfit}", recipe.name, data.train.shape());
    }
    let samples = &data.train;
    let folds = args.folds as usize;
    ensure!(samples.len() >= folds, "{} samples cannot be divided into {folds} parts; try --folds 2", samples.len());
    let mut progress = Progress::new("folds", "epochs", folds * args.repeats as usize * recipe.epochs);
    let mut error_rates = Vec::new();
    for repeat in 0..u64::from(args.repeats) {
        let fold_of = samples.folds(folds, args.seed + repeat);
        for fold in 0..folds {
            let learned = samples.filter(|index, _| fold_of[index] != fold);
            let tested = samples.filter(|index, _| fold_of[index] == fold);
            ensure!(
                !learned.is_empty() && !tested.is_empty(),
                "a part has no sample: there are fewer groups than folds"
            );
            let rate =
                error_rate(&recipe, data.classes, [&learned, &tested], args.seed + repeat, threads, &mut progress)?;
            error_rates.push(rate);
        }
    }
    drop(progress);
    let found = Found::new(args, &recipe, samples.len(), error_rates);
    if args.json {
        say!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        found.tell(&data);
    }
    Ok(())
}

/// The data, whole but for a test part that somebody asked for.
fn load(source: &DatasetArgs) -> anyhow::Result<Dataset> {
    let mut source = source.clone();
    source.options.test_part = Some(source.options.test_part.unwrap_or(0.0));
    Ok(source.load(&mut Terminal::default())?)
}

/// Learns from the first samples, and gives the part of the second that is then given a wrong label.
fn error_rate(
    recipe: &Recipe,
    classes: usize,
    [learned, tested]: [&Samples; 2],
    seed: u64,
    threads: usize,
    progress: &mut Progress,
) -> anyhow::Result<f64> {
    let mut trainer = Trainer::new(recipe, learned, classes, seed, threads)?;
    for _ in 0..recipe.epochs {
        trainer.epoch(learned, &mut |_, _| ControlFlow::Continue(()))?;
        progress.advance(1);
    }
    let reader = Reader { network: trainer.network(), recipe, threads };
    // Where a network can be read both ways, its scores by goodness are what it was trained for.
    let outcome = match reader.classify(tested, Reading::Goodness)? {
        Some(outcome) => outcome,
        None => reader.classify(tested, Reading::Readout)?.context("the network can be read in no way")?,
    };
    Ok(outcome.error_rate())
}

impl Found {
    fn new(args: &CvArgs, recipe: &Recipe, samples: usize, error_rates: Vec<f64>) -> Self {
        let count = error_rates.len() as f64;
        let mean = error_rates.iter().sum::<f64>() / count;
        let squares: f64 = error_rates.iter().map(|rate| (rate - mean).powi(2)).sum();
        let deviation = (squares / (count - 1.0).max(1.0)).sqrt();
        let (folds, repeats) = (args.folds, args.repeats);
        Self { recipe: recipe.name.clone(), folds, repeats, samples, error_rates, mean, deviation }
    }

    fn tell(&self, data: &Dataset) {
        for (number, rate) in self.error_rates.iter().enumerate() {
            say!("part {:2}  {:6.2} % error", number + 1, 100.0 * rate);
        }
        say!(
            "{} samples of {}, recipe {}: {:.2} % error, standard deviation {:.2} over the parts",
            self.samples,
            data.name,
            self.recipe,
            100.0 * self.mean,
            100.0 * self.deviation
        );
    }
}
