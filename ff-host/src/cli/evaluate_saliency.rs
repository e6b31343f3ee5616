//! `ff evaluate-saliency`: measures which explanations of trained models tell the truth.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::source::{PlaceArgs, Terminal};
use super::threads::ThreadArgs;
use crate::augment::Variation;
use crate::data::{self, Images};
use crate::features::Features;
use crate::output::{note, say};
use crate::recipe::Recipe;
use crate::run::{self, Existing, Metrics, Model, RunFolder};
use crate::saliency_eval::measure::{Measured, SETTINGS, Scene, measure};
use crate::saliency_eval::methods::{Aim, Kind, Method, table};
use crate::saliency_eval::report::{self, Evaluation, Group};
use crate::saliency_eval::sanity::{self, Sanity};
use crate::saliency_eval::{self, FORWARD_FORWARD, ForwardForward, Subject, balanced};

/// Measure how faithful the explanations of trained models are.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvaluateSaliencyArgs {
    /// Run folders on one data set: several seeds are averaged; those of `ff baseline` go apart
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Test images to ask about, as many of every class
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    images: u32,
    /// What the predicted label is compared with
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT", default_value = "mean,alone,runner-up")]
    targets: Vec<Aim>,
    /// Delete by black alone, and leave out the mean image
    #[arg(long)]
    zero_only: bool,
    /// Ask instead whether the maps change when layers are drawn anew
    #[arg(long)]
    sanity: bool,
    /// Draws random orders, ties and bootstrap samples
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the result as JSON, beside the evaluation.json of the first run folder
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

const EXAMPLES: &str = "\
Pixels are changed 8 at a time in the order of each map: deletion (lower is better) takes the most
telling first, insertion (higher is better) brings them first, SRG is their difference. Skill says
which part of the way from ink-random to 1 a method goes. `better` is by how much goodness-delta with
the same target is ahead in SRG on the same images (Wilcoxon's signed rank test, Holm's correction), and
`passes` is a map's cost in forward passes. Misclassified images are kept apart.

A program built with `--features baseline` also asks by gradients (gradient, gradient x input, IG-50,
SmoothGrad, LRP-epsilon), and takes runs of `ff baseline`.

Examples:
  ff evaluate-saliency runs/first                       1000 test images
  ff evaluate-saliency runs/first --images 200 --targets mean
  ff evaluate-saliency runs/seed-1 runs/seed-2 runs/mlp --out saliency.json
  ff evaluate-saliency runs/first --sanity --images 50";

/// Images to fit T on.
const HELD_OUT: usize = 5000;

/// Carries the command out.
///
/// # Errors
/// An unusable model, data that cannot be had or do not fit the model.
pub fn run(args: &EvaluateSaliencyArgs) -> anyhow::Result<()> {
    let threads = args.threads.start()?;
    let entrants = args.runs.iter().map(|run| Entrant::load(run)).collect::<anyhow::Result<Vec<_>>>()?;
    let first = entrants.iter().find_map(Entrant::model).context("give at least one run of a Forward-Forward rule")?;
    let mut request = args.places.request(first.about.dataset.parse()?);
    request.split = first.about.split.parse()?;
    let images = data::load(&request, &mut Terminal::default())?.test;
    for entrant in &entrants {
        entrant.check(first, &images)?;
    }
    if args.sanity {
        return check_sanity(args, first, &images, threads);
    }
    let found = evaluate(args, &entrants, first, &images, threads)?;
    let bytes = format!("{}\n", serde_json::to_string_pretty(&found)?);
    for run in args.runs.iter().zip(&entrants).filter(|(_, entrant)| entrant.model().is_some()).map(|(run, _)| run) {
        RunFolder::named(run, Existing::Replace)?.write("evaluation.json", bytes.as_bytes())?;
    }
    keep(args.out.as_deref(), &bytes)?;
    if args.json {
        say!("{}", bytes.trim_end());
    } else {
        found.groups.iter().for_each(print);
        found.claims.iter().for_each(|c| say!("{} {}: {}", if c.holds { "holds" } else { "FAILS" }, c.claim, c.found));
    }
    Ok(())
}

/// What a run folder holds.
enum Entrant {
    ForwardForward(Box<Model>),
    Mlp { folder: PathBuf, metrics: Box<Metrics>, recipe: Box<Recipe> },
}

impl Entrant {
    fn load(run: &Path) -> anyhow::Result<Self> {
        ensure!(run.is_dir(), "{} is no run folder; train one with `ff train`", run.display());
        let metrics = std::fs::read(run.join(run::METRICS)).ok();
        let metrics: Option<Metrics> = metrics.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match metrics.filter(|metrics| metrics.rule == run::BASELINE) {
            None => Ok(Self::ForwardForward(Box::new(Model::load(run)?))),
            Some(metrics) => {
                let path = run.join(run::RECIPE);
                let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let recipe: Recipe = toml::from_str(&text).with_context(|| path.display().to_string())?;
                recipe.check().with_context(|| path.display().to_string())?;
                Ok(Self::Mlp { folder: run.to_owned(), metrics: Box::new(metrics), recipe: Box::new(recipe) })
            }
        }
    }

    fn model(&self) -> Option<&Model> {
        if let Self::ForwardForward(model) = self { Some(model) } else { None }
    }

    fn recipe(&self) -> &Recipe {
        match self {
            Self::ForwardForward(model) => &model.about.recipe,
            Self::Mlp { recipe, .. } => recipe,
        }
    }

    fn check(&self, first: &Model, images: &Images) -> anyhow::Result<()> {
        let dataset = match self {
            Self::ForwardForward(model) => &model.about.dataset,
            Self::Mlp { metrics, .. } => &metrics.dataset,
        };
        ensure!(*dataset == first.about.dataset, "the runs are of {} and {dataset}; take one", first.about.dataset);
        if let Some(Model { about, .. }) = self.model() {
            let size = (about.width, about.height);
            ensure!(
                size == (images.width, images.height),
                "the model takes {}x{} images, {dataset} has {}x{}",
                size.0,
                size.1,
                images.width,
                images.height
            );
            ensure!(about.recipe.rule == first.about.recipe.rule, "the runs are of several rules; take one at a time");
        }
        let classes = first.about.classes;
        ensure!(
            self.recipe().dropped(classes) == 0 && !self.recipe().centre,
            "maps of models whose label takes the place of pixels, or whose images are centred, cannot be compared: \
             a deleted pixel would not be background"
        );
        Ok(())
    }

    fn subject(&self, threads: usize) -> anyhow::Result<Box<dyn Subject + '_>> {
        match self {
            Self::ForwardForward(model) => forward_forward(model, threads),
            Self::Mlp { folder, .. } => mlp(folder),
        }
    }
}

#[cfg(not(feature = "baseline"))]
#[allow(clippy::unnecessary_wraps, reason = "the other build can fail")]
fn forward_forward(model: &Model, threads: usize) -> anyhow::Result<Box<dyn Subject + '_>> {
    Ok(Box::new(ForwardForward::new(&model.network, &model.about.recipe, threads)))
}

#[cfg(not(feature = "baseline"))]
fn mlp(folder: &Path) -> anyhow::Result<Box<dyn Subject + '_>> {
    bail!("{} is a run of the backprop baseline: {}", folder.display(), super::baseline::MISSING)
}

#[cfg(feature = "baseline")]
fn forward_forward(model: &Model, threads: usize) -> anyhow::Result<Box<dyn Subject + '_>> {
    use crate::saliency_eval::{autograd::Compared, graphs::FfGraph};
    let recipe = &model.about.recipe;
    let subject = ForwardForward::new(&model.network, recipe, threads);
    Ok(match FfGraph::new(&model.network, recipe)? {
        Some(graph) => Box::new(Compared { subject, graph }),
        None => Box::new(subject),
    })
}

#[cfg(feature = "baseline")]
fn mlp(folder: &Path) -> anyhow::Result<Box<dyn Subject + '_>> {
    let path = folder.join(run::MODEL);
    let graph = saliency_eval::graphs::MlpGraph::load(&path);
    let graph = graph.or_else(|error| bail!("{} is no usable baseline: {error}", path.display()));
    Ok(Box::new(graph?))
}

fn evaluate(
    args: &EvaluateSaliencyArgs,
    entrants: &[Entrant],
    first: &Model,
    images: &Images,
    threads: usize,
) -> anyhow::Result<Evaluation> {
    let count = args.images as usize;
    let settings = if args.zero_only { 2 } else { SETTINGS.len() };
    let asked = balanced(&images.labels, first.about.classes, count).0.len() as u64;
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} images, {eta} left")?;
    let bar = ProgressBar::new(asked * entrants.len() as u64).with_style(style);
    let mut evaluation = Evaluation {
        dataset: first.about.dataset.clone(),
        rule: first.about.recipe.rule.name().to_owned(),
        layers: first.about.recipe.layers.clone(),
        images: asked as usize,
        seed: args.seed,
        groups: Vec::new(),
        claims: Vec::new(),
        curves: Vec::new(),
    };
    for networks in [FORWARD_FORWARD, saliency_eval::BACKPROP] {
        let of_group = |e: &&Entrant| e.model().is_some() == (networks == FORWARD_FORWARD);
        let mut methods: Vec<Method> = Vec::new();
        let mut reference = Kind::Delta;
        let mut seeds: Vec<Measured> = Vec::new();
        for entrant in entrants.iter().filter(of_group) {
            let mut subject = entrant.subject(threads)?;
            methods = table(&subject.kinds(), &args.targets);
            reference = subject.kinds()[0];
            let scene = scene(images, entrant.recipe(), first.about.classes, count)?;
            seeds.push(measure(&mut *subject, &methods, &scene, settings, args.seed, || bar.inc(1))?);
        }
        if !seeds.is_empty() {
            evaluation.groups.push(report::group(networks, &methods, reference, &seeds, args.seed));
        }
        if networks == FORWARD_FORWARD {
            evaluation.curves = report::curves(&methods, &seeds, args.seed);
        }
    }
    bar.finish_and_clear();
    Ok(evaluation.concluded())
}

/// The images as a network takes them.
fn scene(images: &Images, recipe: &Recipe, classes: usize, count: usize) -> anyhow::Result<Scene> {
    let features = Features::new(images, recipe, classes)?;
    let (chosen, mut others) = balanced(&images.labels, classes, count);
    others.truncate(HELD_OUT);
    let row = |&index: &usize| {
        let mut row = vec![0.0; features.len()];
        let (pixels, _) = images.get(index).context("an image past the end")?;
        features.write(pixels, &Variation::NONE, &mut row);
        Ok(row)
    };
    let held_out = if others.is_empty() { &chosen } else { &others };
    let rows = held_out.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
    let mut mean = vec![0.0; features.len()];
    rows.iter().for_each(|row| mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / rows.len() as f32));
    Ok(Scene {
        images: chosen.iter().map(row).collect::<anyhow::Result<_>>()?,
        labels: chosen.iter().map(|&i| images.labels[i]).collect(),
        width: features.width(),
        mean,
        held_out: rows.concat(),
        held_out_labels: held_out.iter().map(|&i| images.labels[i]).collect(),
    })
}

fn check_sanity(args: &EvaluateSaliencyArgs, model: &Model, images: &Images, threads: usize) -> anyhow::Result<()> {
    let recipe = &model.about.recipe;
    let scene = scene(images, recipe, model.about.classes, args.images as usize)?;
    let found = sanity::check(&model.network, recipe, &scene, threads, args.seed)?;
    let text = format!("{}\n", serde_json::to_string_pretty(&found)?);
    keep(args.out.as_deref(), &text)?;
    if args.json {
        say!("{}", text.trim_end());
    } else {
        print_sanity(&found);
    }
    Ok(())
}

fn keep(out: Option<&Path>, text: &str) -> anyhow::Result<()> {
    let Some(path) = out else { return Ok(()) };
    run::write(path, text.as_bytes())?;
    note!("kept as {}", path.display());
    Ok(())
}

fn print_sanity(found: &Sanity) {
    say!(
        "rank correlation of maps on the ink of {} images; below {} at the end is well",
        found.images,
        sanity::DIFFERENT
    );
    for check in &found.checks {
        let steps: Vec<_> = check.correlation.iter().map(|r| format!("{r:6.3}")).collect();
        let word = if check.passes { "passes" } else { "FAILS" };
        say!("{word:6}  {:40} {:24} {}", check.method, check.change, steps.join(" "));
    }
    let word = if found.lower_maps_keep_their_bits { "passes" } else { "FAILS" };
    say!("{word:6}  a layer's map keeps its bits when the layers above are drawn anew");
}

fn print(group: &Group) {
    let Group { networks, seeds, right, wrong, temperatures, .. } = group;
    let t: Vec<_> = temperatures.iter().map(|t| format!("{t:.4}")).collect();
    say!("\n{networks}: {seeds} networks, {right} images seen rightly, {wrong} wrongly; T = {}", t.join(", "));
    say!(
        "{:40} {:>8} {:>9} {:>6}  {:15} {:>6} {:>7} {:>8} {:>8} {:>8}",
        "method",
        "deletion",
        "insertion",
        "SRG",
        "95 %",
        "skill",
        "better",
        "p",
        "passes",
        "residual"
    );
    for line in &group.lines {
        let [low, high] = line.srg_interval;
        let p = line.p.map_or("-".to_owned(), |p| format!("{p:.1e}"));
        let residual = line.residual.map_or("-".to_owned(), |residual| format!("{residual:.1e}"));
        say!(
            "{:40} {:8.3} {:9.3} {:6.3}  {low:6.3} .. {high:5.3} {:6.3} {:+7.3} {p:>8} {:8.2} {residual:>8}",
            line.method,
            line.mean.deletion,
            line.mean.insertion,
            line.mean.srg,
            line.skill,
            line.reference_better.srg,
            line.passes
        );
    }
}
