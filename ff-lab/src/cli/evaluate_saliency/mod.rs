//! `ff-lab evaluate-saliency`: measures which explanations of trained models tell the truth.

mod eval_set;
mod loaded_run;
mod print;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use ff_host::cli::eval;
use ff_host::cli::source::{PlaceArgs, Terminal};
use ff_host::cli::threads::ThreadArgs;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::PROGRAM;
use crate::saliency_eval::measure::{Measured, Plan, SETTINGS, Setting, Substrate, measure};
use crate::saliency_eval::methods::{Aim, Kind, table};
use crate::saliency_eval::planted::{self, Found};
use crate::saliency_eval::report::{self, Evaluation, Networks};
use crate::saliency_eval::{BACKPROP, FORWARD_FORWARD, balanced, claims, sanity};
use eval_set::eval_set;
use ff_host::data::{self, DatasetName, Samples};
use ff_host::features::Features;
use ff_host::files::{self, Busy, Folder};
use ff_host::output::{note, say};
use ff_host::recipe::Recipe;
use ff_host::run::{self, Model, Provenance};
use loaded_run::{LoadedRun, forward_forward};

/// Measure how faithful the explanations of trained models are.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvaluateSaliencyArgs {
    /// Run folders on one data set: several seeds are averaged; those of `ff-lab baseline` go apart (none with
    /// --planted)
    #[arg(required_unless_present = "planted")]
    runs: Vec<PathBuf>,
    /// Test images to ask about, as many of every class: rounded up to whole classes
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    images: u32,
    /// What the predicted label is compared with
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT", default_value = "mean,alone,runner-up")]
    targets: Vec<Aim>,
    /// Delete by black alone, and leave out the mean image
    #[arg(long)]
    zero_only: bool,
    /// Change all pixels in turn, and leave out the curves over ink alone
    #[arg(long)]
    all_pixels: bool,
    /// Images on which max-sensitivity is measured, as many of every class, with the first network of
    /// each kind: it takes each map twenty times (0: leave it out)
    #[arg(long, value_name = "N", default_value_t = 10)]
    sensitivity: u32,
    /// Ask instead whether the maps change when layers are drawn anew
    #[arg(long, conflicts_with_all = OF_CURVES)]
    sanity: bool,
    /// Ask instead which maps find a small patch that alone tells the label, in networks of two layers
    /// of 100 units that are trained on such images of this data set
    #[arg(long, value_name = "DATASET", conflicts_with_all = ["runs", "sanity"], conflicts_with_all = OF_CURVES)]
    planted: Option<DatasetName>,
    /// The recipes of those networks
    #[arg(
        long,
        value_name = "RECIPE",
        value_delimiter = ',',
        default_value = "classic,n-way,fast",
        requires = "planted"
    )]
    recipes: Vec<String>,
    /// Draws random orders, ties and bootstrap samples
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the result as JSON, beside the evaluation.json in each Forward-Forward run folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    places: PlaceArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Options that say how curves are measured.
const OF_CURVES: [&str; 4] = ["zero_only", "all_pixels", "sensitivity", "targets"];

const EXAMPLES: &str = "\
Pixels are changed 8 at a time in the order of each map: deletion (lower is better) takes the most
telling first, insertion (higher is better) brings them first, SRG is their difference. Skill says
which part of the way from ink-random to 1 a method goes. Expected delta compares the image with black
or, where labels are inputs of the network, with the same image made faint. `better` is by how much
expected delta with the same target is ahead in SRG on the same images (Wilcoxon's signed rank test,
Holm's correction), and `passes` is a map's cost in forward passes. Misclassified images are kept apart.

The second table: SRG with the mean image in the place of black; infidelity, 1 - cos^2 between what a
map and what the margin loses when squares become black (0 is best); max-sensitivity, how far a map
moves for noise of 0.05 and of 0.2 (lower is steadier); the largest error of a complete map's sum,
relative to the difference that it explains (or a hundredth of the scores); SRG on misclassified images.

Comparators ask by gradients (gradient, gradient x input, IG-50, SmoothGrad, LRP-epsilon). Runs of
`ff-lab baseline` are asked as well.

Examples:
  ff-lab evaluate-saliency runs/first                       1000 test images
  ff-lab evaluate-saliency runs/first --images 200 --targets mean
  ff-lab evaluate-saliency runs/seed-1 runs/seed-2 runs/mlp --out saliency.json
  ff-lab evaluate-saliency runs/first --sanity --images 50
  ff-lab evaluate-saliency --planted mnist --images 100     which maps find the patch";

// The networks that learn planted images: their layers, and on how many images and samples.
const PLANTED_LAYERS: [usize; 2] = [100, 100];
const PLANTED_IMAGES: usize = 10_000;
const PLANTED_SAMPLES: usize = 200_000;

/// Carries the command out.
///
/// # Errors
/// An unusable model, data that cannot be had or do not fit the model.
pub fn run(args: &EvaluateSaliencyArgs) -> anyhow::Result<()> {
    // Gradients come from the baseline's library.
    crate::baseline::environment::settle(args.threads.count())?;
    let threads = args.threads.start()?;
    if let Some(out) = &args.out {
        ensure!(!out.is_dir(), "{} is a folder; --out wants a file", out.display());
        files::prove_writable(out)?;
    }
    if let Some(dataset) = args.planted {
        return find_planted(args, dataset, threads);
    }
    let loaded = args.runs.iter().map(|run| LoadedRun::load(run)).collect::<anyhow::Result<Vec<_>>>()?;
    let first = loaded.iter().find_map(LoadedRun::model).context("give at least one run of a Forward-Forward rule")?;
    let images = eval::load(None, None, &args.places, first)?.test;
    for run in &loaded {
        run.check(first, &images)?;
    }
    if args.sanity {
        return check_sanity(args, first, &images, threads);
    }
    // What is found goes into these; refused before any work is spent on it.
    let asked = args.runs.iter().zip(&loaded).filter(|(_, run)| run.model().is_some());
    let folders = asked.map(|(run, _)| Folder::open(run, Busy::Refuse)).collect::<anyhow::Result<Vec<_>>>()?;
    let found = evaluate(args, &loaded, first, &images, threads)?;
    let bytes = format!("{}\n", serde_json::to_string_pretty(&found)?);
    if args.json {
        say!("{}", bytes.trim_end());
    } else {
        found.groups.iter().for_each(print::group);
        found.claims.iter().for_each(|c| say!("{} {}: {}", if c.holds { "holds" } else { "FAILS" }, c.claim, c.found));
    }
    folders.iter().try_for_each(|folder| folder.write(run::EVALUATION, bytes.as_bytes()))?;
    keep(args.out.as_deref(), &bytes)
}

/// The settings that are wanted.
fn settings(args: &EvaluateSaliencyArgs) -> Vec<Setting> {
    let left_out = |setting: &Setting| {
        args.zero_only && setting.substrate == Substrate::Mean || args.all_pixels && setting.ink_only
    };
    SETTINGS.into_iter().filter(|setting| !left_out(setting)).collect()
}

fn evaluate(
    args: &EvaluateSaliencyArgs,
    loaded: &[LoadedRun],
    first: &Model,
    images: &Samples,
    threads: usize,
) -> anyhow::Result<Evaluation> {
    let (count, settings) = (args.images as usize, settings(args));
    let mut targets: Vec<Aim> = Vec::new();
    for &target in args.targets.iter() {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    let asked = balanced(&images.labels, first.about.classes, count).0.len() as u64;
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} images, {eta} left")?;
    let bar = ProgressBar::new(asked * loaded.len() as u64).with_style(style);
    let mut evaluation = Evaluation {
        provenance: Provenance::new(run::command_line(PROGRAM), &first.about.dataset, &first.about.recipe),
        images: asked as usize,
        sensitivity_images: args.sensitivity as usize,
        seed: args.seed,
        groups: Vec::new(),
        claims: Vec::new(),
        curves: Vec::new(),
    };
    for name in [FORWARD_FORWARD, BACKPROP] {
        let of_group = |e: &&LoadedRun| e.model().is_some() == (name == FORWARD_FORWARD);
        let mut networks = Networks { name: name.to_owned(), ..Networks::default() };
        let (mut methods, mut reference) = (Vec::new(), Kind::Expected);
        let mut seeds: Vec<Measured> = Vec::new();
        for run in loaded.iter().filter(of_group) {
            let mut subject = run.subject(threads)?;
            methods = table(&subject.kinds(), &targets);
            reference = subject.kinds()[0];
            // One network a group: max-sensitivity is dear, and it differs little between seeds.
            let sensitivity = if seeds.is_empty() { args.sensitivity as usize } else { 0 };
            let plan = Plan { methods: &methods, settings: &settings, sensitivity, seed: args.seed };
            // Without what a network may know of its training images: standardised ones were refused.
            let features = Features::new(images, run.recipe(), first.about.classes)?;
            let set = eval_set(images, &features, first.about.classes, count)?;
            seeds.push(measure(&mut *subject, &plan, &set, || bar.inc(1))?);
            // A log has no bar. What is asked of the bar while it is suspended waits for ever.
            let (done, all, seconds) = (bar.position() / asked.max(1), loaded.len(), bar.elapsed().as_secs_f64());
            bar.suspend(|| note!("{done} of {all} networks asked, {seconds:.0} s"));
            if let Some((command, seed)) = run.trained() {
                networks.commands.push(command);
                networks.seeds.push(seed);
            }
        }
        if name == FORWARD_FORWARD {
            evaluation.curves = report::curves(&methods, &seeds, args.seed);
        }
        if !seeds.is_empty() {
            let plan = Plan { methods: &methods, settings: &settings, sensitivity: 0, seed: args.seed };
            evaluation.groups.push(report::group(networks, reference, &plan, &seeds));
        }
    }
    bar.finish_and_clear();
    evaluation.claims = claims::decide(&evaluation.groups);
    Ok(evaluation)
}

fn check_sanity(args: &EvaluateSaliencyArgs, model: &Model, images: &Samples, threads: usize) -> anyhow::Result<()> {
    let recipe = &model.about.recipe;
    let features = model.network.features_of(images, recipe)?;
    let set = eval_set(images, &features, model.about.classes, args.images as usize)?;
    let found = sanity::check(&model.network, recipe, &set, threads, args.seed)?;
    let text = format!("{}\n", serde_json::to_string_pretty(&found)?);
    if args.json {
        say!("{}", text.trim_end());
    } else {
        print::sanity(&found);
    }
    keep(args.out.as_deref(), &text)
}

fn keep(out: Option<&Path>, text: &str) -> anyhow::Result<()> {
    let Some(path) = out else { return Ok(()) };
    files::write(path, text.as_bytes())?;
    note!("kept as {}", path.display());
    Ok(())
}

/// A recipe with its name, if a patch can tell it a label.
fn planted_recipe(name: &String) -> anyhow::Result<(&String, Recipe)> {
    let recipe = Recipe::find(name)?;
    ensure!(
        recipe.rule.takes_label() || !recipe.rule.is_contrastive(),
        "the rule of the recipe {name} learns without labels; there is none for a patch to tell"
    );
    Ok((name, recipe))
}

fn find_planted(args: &EvaluateSaliencyArgs, dataset: DatasetName, threads: usize) -> anyhow::Result<()> {
    let recipes = args.recipes.iter().map(planted_recipe).collect::<anyhow::Result<Vec<_>>>()?;
    let data = data::load(&args.places.request(dataset), &mut Terminal::default())?;
    let train = data.train.len().min(PLANTED_IMAGES);
    let mut all: Vec<Found> = Vec::new();
    for (name, recipe) in recipes {
        let recipe = Recipe { layers: PLANTED_LAYERS.to_vec(), epochs: (PLANTED_SAMPLES / train).max(1), ..recipe };
        let planted = planted::train(&recipe, &data, [train, args.images as usize], threads, args.seed)?;
        let mut subject = forward_forward(&planted.network, &planted.recipe, threads)?;
        let (right, shares) = planted::shares(&mut *subject, &planted, args.seed)?;
        all.push(Found {
            dataset: dataset.as_str().to_owned(),
            recipe: name.clone(),
            layers: recipe.layers,
            seed: args.seed,
            train_images: train,
            images: planted.images.len(),
            right,
            area: planted.area(),
            shares,
        });
    }
    let text = format!("{}\n", serde_json::to_string_pretty(&all)?);
    if args.json {
        say!("{}", text.trim_end());
    } else {
        all.iter().for_each(print::planted);
    }
    keep(args.out.as_deref(), &text)
}
