//! `ff train`: from data to a tested model in a run folder.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{bail, ensure};
use clap::Args;

use super::resume;
use super::session::{SAVING, Session, stop_on_ctrl_c};
use super::source::{DatasetArgs, Terminal};
use super::threads::ThreadArgs;
use crate::data::{Classes, Dataset, Samples, Validation, oddities, oddities_of_values};
use crate::features::Features;
use crate::memory;
use crate::network::HostNetwork;
use crate::output::{self, note, say};
use crate::recipe::{Optimiser, Overrides, Recipe, suggest};
use crate::run::{self, About, Conduct, Existing, Keep, Metrics, RunFolder, Temperatures};
use crate::sweep::RunCommand;
use crate::train::{self, Trainer};

/// Train a network.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TrainCommand {
    #[command(flatten)]
    pub(super) train: TrainArgs,
    #[command(flatten)]
    conduct: ConductArgs,
}

/// What a training run is, whoever trains.
#[derive(Args, Clone, Debug)]
pub struct TrainArgs {
    #[command(flatten)]
    pub(super) source: DatasetArgs,
    /// Learn and test these classes alone, such as 0-7; the network keeps a place for the others, to be
    /// learned later, say on a device
    #[arg(long, value_name = "N-N,N,..")]
    classes: Option<Classes>,
    /// A shipped recipe (`ff recipe list`) or a TOML file [default: what suits the data, see `ff recipe suggest`]
    #[arg(long, value_name = "NAME|FILE")]
    recipe: Option<String>,
    /// What replaces the recipe's own.
    #[command(flatten)]
    pub overrides: Overrides,
    /// Hold out training samples and report errors on them: choose settings by these, never by the test
    /// samples. A number (of mnist and its like the last ones), or a part of every class, such as 0.1
    #[arg(long, value_name = "N|PART", default_value_t)]
    validation: Validation,
    /// Leave the test images unread: for runs that choose settings
    #[arg(long)]
    pub no_test: bool,
    /// Classify the validation images by goodness every N epochs (it costs more than by readout)
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    goodness_every: u32,
    /// Seed of weights, order, masks and wrong labels: the same seed gives the same model
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Threads.
    #[command(flatten)]
    pub threads: ThreadArgs,
    /// The run folder [default: runs/TIME-DATASET-RECIPE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace a run that --out holds already
    #[arg(long)]
    force: bool,
}

/// How a run is conducted: what it keeps, and where it ends or goes on.
#[derive(Args, Clone, Debug)]
pub struct ConductArgs {
    /// Go on with a run that was stopped or killed, or with --epochs N train a finished one for longer: same
    /// data, seed and settings, and with as many threads the same bits as without the stop
    #[arg(long, value_name = "RUN", conflicts_with_all = FRESH)]
    resume: Option<PathBuf>,
    /// Which epoch's model becomes model.safetensors and is tested
    #[arg(long, value_enum, default_value_t = Keep::Last)]
    keep: Keep,
    /// End after N epochs in a row without fewer validation errors than the best one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    patience: Option<u32>,
    /// End as soon as the run is seen to learn nothing, instead of saying so and going on
    #[arg(long)]
    stop_when_dead: bool,
    /// For other programs: print a JSON object a line instead of text, at the start, about once a second, after
    /// each epoch, after the test and at the end
    #[arg(long)]
    json: bool,
}

/// Options that a run has from its beginning.
const FRESH: [&str; 12] = [
    "data",
    "dataset",
    "split",
    "classes",
    "recipe",
    "validation",
    "no_test",
    "goodness_every",
    "seed",
    "out",
    "keep",
    "stop_when_dead",
];

const EXAMPLES: &str = "\
The run folder gets model.safetensors, metrics.json, recipe.toml and state.safetensors, anew after every
epoch. Ctrl-C stops after the batch at hand, saves, leaves the test images unread and ends with exit code
130; a second Ctrl-C ends at once, with what the last epoch saved. `ff train --resume RUN` goes on from
state.safetensors, which has two to four times the model's size: the weights, the optimiser's moments and,
where weights are averaged, these. It may be removed from a run that will not go on.

With validation images the model of the epoch with the fewest errors is best.safetensors; with --keep best
it is model.safetensors, and the last epoch's is in state.safetensors alone.

Examples:
  ff train                                          MNIST, or the built-in digits without it
  ff train my.csv                                   your own table; its last column, or `class`, is learned
  ff train log.csv --recording session --window 50  a sensor's log, cut into windows
  ff train photos --resize 32x32                    a folder with one sub-folder of pictures a class
  ff train --dataset digits8x8 --epochs 20 --layers 200,200 --out runs/small
  ff train --dataset mnist --recipe classic --epochs 30 --validation 10000 --seed 2
  ff train --dataset fashion-mnist --recipe classic-augmented
  ff train --dataset mnist --validation 10000 --keep best --patience 5
  ff train --resume runs/first                      after Ctrl-C, a crash or a kill
  ff train --resume runs/first --epochs 60          for longer
  ff train --json | jq 'select(.event == \"epoch\")'  what each epoch measured, for other programs";

/// Carries the command out.
///
/// # Errors
/// Data that cannot be had, a recipe or option out of range, a folder that cannot be written, or
/// training that diverges.
pub fn run(args: &TrainCommand) -> anyhow::Result<()> {
    let TrainCommand { train: args, conduct: conduct_args } = args;
    if conduct_args.json {
        output::speak_json();
    }
    if let Some(run) = &conduct_args.resume {
        return resume::run(run, args, conduct_args.patience());
    }
    let Prepared { recipe, threads, about, train, validation, test, folder } = prepare(args, RunCommand::TRAIN)?;
    conduct_args.check(&validation)?;
    recipe.check_decay()?;
    let stop = stop_on_ctrl_c(SAVING)?;
    caution(&args.overrides, &recipe, about.classes);
    let trainer = Trainer::new(&recipe, &train, about.classes, args.seed, threads)?;
    let conduct = Conduct {
        keep: conduct_args.keep,
        patience: conduct_args.patience(),
        goodness_every: args.goodness_every as usize,
        no_test: args.no_test || test.is_empty(),
        stop_when_dead: conduct_args.stop_when_dead,
    };
    let mut metrics = Metrics::new(&about, threads, train.len(), trainer.network().parameters());
    metrics.keep = conduct.keep;
    let session =
        Session { recipe, trainer, folder, about, metrics, threads, conduct, unsaved_best: None, trouble: None };
    session.run(&train, &validation, &test, &stop)
}

impl ConductArgs {
    fn patience(&self) -> Option<usize> {
        self.patience.map(|epochs| epochs as usize)
    }

    /// Refuses what only validation images can tell where there are none.
    fn check(&self, validation: &Samples) -> anyhow::Result<()> {
        let needs = [("--keep best", self.keep == Keep::Best), ("--patience", self.patience.is_some())];
        let asked = needs.iter().find(|(_, is_asked)| *is_asked).filter(|_| validation.is_empty());
        asked.map_or(Ok(()), |(option, _)| bail!("{option} needs validation images; hold some out with --validation"))
    }
}

/// What a run begins with: all that can be wrong has been checked.
pub struct Prepared {
    /// What to follow.
    pub recipe: Recipe,
    /// The process's threads, which have been started.
    pub threads: usize,
    /// What the model will say of itself, after no epoch yet.
    pub about: About,
    /// To learn from.
    pub train: Samples,
    /// Held out to choose settings by; may be empty.
    pub validation: Samples,
    /// To be read once, at the end.
    pub test: Samples,
    /// The run's folder, locked.
    pub folder: RunFolder,
}

/// Settles recipe, data, threads and folder of a run by this command.
///
/// # Errors
/// Data that cannot be had, a recipe or option out of range, or a folder that cannot be written.
pub fn prepare(args: &TrainArgs, run: RunCommand) -> anyhow::Result<Prepared> {
    // Check the recipe that was named before the data are fetched.
    let named = args.recipe.as_deref().map(Recipe::find).transpose()?;
    args.overrides.apply(named.clone().map_or_else(|| Recipe::find("fast"), Ok)?)?;
    let threads = args.threads.start()?;
    let data = args.source.load(&mut Terminal::default())?;
    let data_checksum = Some(data.checksum());
    let data = match &args.classes {
        Some(classes) => data.only(classes)?,
        None => data,
    };
    if data.own.is_some() {
        oddities(&data).iter().for_each(|oddity| note!("note: {oddity}"));
    }
    let suggestion = suggest(&data);
    let recipe = args.overrides.apply(named.clone().map_or_else(|| Recipe::find(suggestion.recipe), Ok)?)?;
    let recipe = (run.follows)(&recipe, &args.overrides)?;
    let (held_out, there) = (args.validation, data.train.len());
    let part = held_out.part(there, data.own.is_some());
    let nothing = || format!("--validation {held_out} leaves none of the {there} training images to learn from");
    let whole = matches!(held_out, Validation::Count(count) if count >= there);
    ensure!(!whole, "{}", nothing());
    let about = about(args, &recipe, &data, data_checksum, part);
    let (train, validation) = about.divide(&data.train)?;
    let about = About { validation: validation.len(), ..about };
    tell_values(&train, &recipe, &data)?;
    // Refuses images that the recipe leaves nothing of, and networks too large, before a folder is made.
    reserve(&recipe, Features::new(&train, &recipe, data.classes)?.len(), data.classes)?;
    let folder = folder(args, &data.name, &recipe)?;
    let Dataset { name, source, test, .. } = data;
    say!(
        "{name} from {source}: {} {} to learn from, {} for validation, {} for the test",
        train.len(),
        if train.shape().is_picture() { "images" } else { "samples" },
        validation.len(),
        test.len()
    );
    if named.is_none() && about.own.is_some() {
        say!("recipe {} for {}", recipe.name, suggestion.why);
    }
    Ok(Prepared { recipe, threads, about, train, validation, test, folder })
}

/// What the model will say of itself, before it has learned anything.
fn about(args: &TrainArgs, recipe: &Recipe, data: &Dataset, data_checksum: Option<u32>, part: Option<f64>) -> About {
    let (shape, is_own) = (data.train.shape(), data.own.is_some());
    let count = if let (Validation::Count(count), None) = (args.validation, part) { count } else { 0 };
    About {
        format: About::FORMAT,
        recipe: recipe.clone(),
        dataset: data.name.clone(),
        split: data.split.clone(),
        data_checksum,
        validation: count,
        validation_part: part,
        seed: args.seed,
        epochs: 0,
        classes: data.classes,
        learned_classes: args.classes.clone(),
        width: shape.columns(),
        height: shape.rows(),
        shape: is_own.then(|| shape.clone()),
        maximum: is_own.then(|| data.train.maximum()),
        class_names: if is_own { data.class_names.clone() } else { Vec::new() },
        own: data.own.clone(),
        temperatures: Temperatures::default(),
    }
}

/// Tells what is odd about values under a recipe, and refuses what it cannot do to such samples.
fn tell_values(train: &Samples, recipe: &Recipe, data: &Dataset) -> anyhow::Result<()> {
    if let Some(unfit) = recipe.unfit_for(train.shape()) {
        bail!("the recipe {} does not fit {}: {unfit}", recipe.name, train.shape());
    }
    oddities_of_values(train, recipe.standardise || recipe.centre).iter().for_each(|oddity| note!("note: {oddity}"));
    if data.own.is_some() && train.len() < recipe.batch_size {
        note!(
            "note: {} training samples are fewer than a batch of {}; try --batch-size 8",
            train.len(),
            recipe.batch_size
        );
    }
    Ok(())
}

/// Refuses a network too large for this machine.
pub(super) fn reserve(recipe: &Recipe, features: usize, classes: usize) -> anyhow::Result<()> {
    // The network, its velocity or moments, its average, and the bytes of all these and of the model as they
    // are saved; Adam's gradient.
    let copies = if recipe.optimiser == Optimiser::Adam { 3 } else { 2 } + usize::from(recipe.weight_average > 0.0);
    let copies = 2 * copies + 2 + usize::from(recipe.optimiser == Optimiser::Adam);
    let networks = HostNetwork::count(features, classes, recipe).and_then(|values| values.checked_mul(copies));
    let all = networks.and_then(|values| values.checked_add(train::batch_floats(recipe, features, classes)));
    memory::reserve(all, 1)
}

/// Tells of options that do nothing, and of classes that a layer cannot see.
fn caution(overrides: &Overrides, recipe: &Recipe, classes: usize) {
    for field in overrides.without_effect(&recipe.rule) {
        let (option, rule) = (field.name.replace('_', "-"), recipe.rule.name());
        note!("note: --{option} changes nothing under the rule {rule}");
    }
    let narrowest = recipe.layers.iter().copied().min().unwrap_or(0);
    if recipe.rule.divides_units() && narrowest < classes {
        note!(
            "note: a layer of {narrowest} units has none for {} of the {classes} classes, each of which needs units of \
             its own",
            classes - narrowest
        );
    }
}

fn folder(args: &TrainArgs, name: &str, recipe: &Recipe) -> anyhow::Result<RunFolder> {
    let existing = if args.force { Existing::Replace } else { Existing::Refuse };
    match &args.out {
        Some(path) => RunFolder::named(path, existing),
        None => {
            let time = run::stamp(SystemTime::now());
            RunFolder::fresh(&format!("{time}-{name}-{}", recipe.name))
        }
    }
}
