//! `ff-lab compare`: the learning rules against backpropagation, on several data sets, in one table.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use ff_host::augment::Augment;
use ff_host::cli::source::{DatasetArgs, PlaceArgs, Terminal};
use ff_host::cli::sweep::{Plan, means};
use ff_host::cli::threads::threads;
use ff_host::data::{DatasetName, Split};
use ff_host::recipe::{Recipe, RecipeOptions, RuleKind};
use ff_host::sweep::{Cell, Grid, RunCommand, Seeds, Setting};

use crate::baseline;

/// Compare the rules with backpropagation.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompareArgs {
    /// Shipped recipes or TOML files, separated by commas [default: the first shipped one of each rule]
    #[arg(long, value_name = "NAME|FILE,..", value_delimiter = ',')]
    recipes: Vec<String>,
    /// Only the recipes of these rules, separated by commas
    #[arg(long, value_delimiter = ',', conflicts_with = "recipes")]
    rules: Vec<RuleKind>,
    /// Data sets, separated by commas
    #[arg(long, value_name = "NAME,..", value_delimiter = ',', default_value = "mnist,fashion-mnist")]
    datasets: Vec<DatasetName>,
    #[command(flatten)]
    places: PlaceArgs,
    /// Seeds: 1..3 is 1, 2 and 3
    #[arg(long, value_name = "N..N|N,N", default_value = "1")]
    seeds: Seeds,
    /// Epochs of every run [default: each recipe's]
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// A field of all recipes and its one value, as in `ff sweep`; once for each field
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<Setting>,
    /// The learning rate of the backprop baseline, chosen for itself by `ff-lab sweep --validation`
    #[arg(long, alias = "baseline-rate", value_name = "X", default_value_t = baseline::LEARNING_RATE)]
    baseline_learning_rate: f32,
    /// Leave the backprop baseline out
    #[arg(long)]
    no_baseline: bool,
    /// Hold out the last N training images and compare by these; the test images stay unread
    #[arg(long, value_name = "N", default_value_t = 0)]
    validation: usize,
    /// Threads of each run [default: one a core]
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,
    /// The folder of the runs and the table
    #[arg(long, value_name = "DIR", default_value = "runs/compare")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Every run is a process and a folder of its own, one after the other, so that time and peak memory are
its own. For each recipe's widths, epochs, batches, dropout and augmentation there is one backprop
baseline: an MLP with just these. Stopped or killed, the same command goes on.

Examples:
  ff-lab compare
  ff-lab compare --rules classic,n-way --datasets mnist --epochs 20 --seeds 1..3 --out runs/rules
  ff-lab compare --recipes fast --datasets digits8x8 --set layers=64,64 --epochs 3 --no-baseline --out runs/try";

/// Carries the command out.
///
/// # Errors
/// Recipes, data or settings that cannot be had, Ctrl-C, or runs that failed.
pub fn run(args: &CompareArgs) -> anyhow::Result<()> {
    let point = point(args)?;
    let recipes = recipes(args)?;
    let (data, images) = data(args)?;
    let labels = ["data set", "learning rule", "recipe"].map(str::to_owned).to_vec();
    let mut plan = Plan::new(args.out.clone(), labels, images, args.validation);
    plan.grouped = 1;
    for &(dataset, checksum) in &data {
        let mut shapes = HashSet::new();
        for name in &recipes {
            let cell = cell(args, (dataset, checksum), name, point.clone());
            let recipe = cell.recipe()?;
            let row = |rule: &str| vec![dataset.to_string(), rule.to_owned(), recipe.name.clone()];
            plan.add(row(recipe.rule.name()), &cell, &args.seeds)?;
            if !args.no_baseline && shapes.insert(shape(&recipe)) {
                let mut point = point.clone();
                point.retain(|(field, _)| !is_learning_rate(field) && field != "rule");
                point.push(("learning-rate".to_owned(), args.baseline_learning_rate.to_string()));
                let cell = Cell { run: baseline::COMMAND, point, ..cell };
                plan.add(row("backprop baseline (MLP)"), &cell, &args.seeds)?;
            }
        }
    }
    plan.run()
}

/// The baseline's own is given by itself.
fn is_learning_rate(field: &str) -> bool {
    RecipeOptions::FIELDS.iter().any(|known| known.name == "learning_rate" && known.is_called(field))
}

/// The fields that all runs share.
fn point(args: &CompareArgs) -> anyhow::Result<Vec<(String, String)>> {
    let epochs = args.epochs.map(|epochs| Setting { field: "epochs".to_owned(), values: vec![epochs.to_string()] });
    let settings: Vec<Setting> = epochs.into_iter().chain(args.set.iter().cloned()).collect();
    let points = Grid::new(&settings).map_err(anyhow::Error::msg).context("--set")?.points();
    anyhow::ensure!(points.len() == 1, "--set takes one value here; for several there is `ff sweep`");
    Ok(points.into_iter().next().unwrap_or_default())
}

/// The named recipes, or one for each rule.
fn recipes(args: &CompareArgs) -> anyhow::Result<Vec<String>> {
    if !args.recipes.is_empty() {
        return Ok(args.recipes.clone());
    }
    let rules = if args.rules.is_empty() { RuleKind::value_variants().to_vec() } else { args.rules.clone() };
    let mut names = Vec::new();
    for rule in rules {
        // Recipes of small or pooled images are not for these data sets.
        let of_rule = |name: &&str| {
            Recipe::find(name)
                .is_ok_and(|recipe| recipe.rule.kind() == rule && recipe.pool == 1 && *name != "digits8x8")
        };
        match Recipe::shipped().find(of_rule) {
            Some(name) => names.push(name.to_owned()),
            None if args.rules.is_empty() => {}
            None => anyhow::bail!("no shipped recipe has the rule {}; name a TOML file with --recipes", rule.name()),
        }
    }
    Ok(names)
}

/// Refuses data that cannot be had before anything runs; the data sets with their checksums, and how many
/// images errors are counted on.
fn data(args: &CompareArgs) -> anyhow::Result<(Vec<(DatasetName, u32)>, usize)> {
    let (mut sets, mut images) = (Vec::new(), Vec::new());
    for &dataset in &args.datasets {
        let source = DatasetArgs { dataset: Some(dataset), places: args.places.clone(), ..DatasetArgs::default() };
        let data = source.load(&mut Terminal::default())?;
        let (held_out, there) = (args.validation, data.train.len());
        anyhow::ensure!(held_out < there, "--validation {held_out} leaves none of {dataset}'s {there} training images");
        sets.push((dataset, data.checksum()));
        images.push(if held_out > 0 { held_out } else { data.test.len() });
    }
    images.dedup();
    anyhow::ensure!(images.len() == 1, "these data sets have test sets of different sizes: compare them one by one");
    Ok((sets, images[0]))
}

fn cell(
    args: &CompareArgs,
    (dataset, data_checksum): (DatasetName, u32),
    recipe: &str,
    point: Vec<(String, String)>,
) -> Cell {
    Cell {
        run: RunCommand::TRAIN,
        recipe_name: recipe.to_owned(),
        point,
        dataset: dataset.to_string(),
        own: None,
        split: Split::Default.to_string(),
        data_checksum,
        means: means(args.places.data_dir.as_deref(), args.places.mirror.as_deref(), args.threads),
        validation: args.validation,
        no_test: args.validation > 0,
        seed: 0,
        folder: PathBuf::new(),
    }
}

/// What a baseline takes from a recipe: recipes that agree in it share one.
fn shape(recipe: &Recipe) -> String {
    let Recipe { layers, epochs, batch_size, dropout, pool, gamma, centre, standardise, flip_tta, .. } = recipe;
    let smoothing = recipe.rule.options().label_smoothing;
    let augment = Augment::from_recipe(recipe);
    format!(
        "{layers:?} {epochs} {batch_size} {dropout} {pool} {gamma} {centre} {standardise} {flip_tta} {smoothing:?} {augment:?}"
    )
}
