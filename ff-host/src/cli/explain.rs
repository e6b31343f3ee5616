//! `ff explain`: pictures of what made a network see what it saw.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail, ensure};
use askama::Template;
use clap::Args;
use ff_core::saliency::{Against as CoreAgainst, Explained, Target};
use rayon::prelude::*;
use serde_json::json;

use super::eval;
use super::exit::Cancelled;
use super::session::stop_on_ctrl_c;
use super::source::PlaceArgs;
use super::threads::ThreadArgs;
use crate::augment::Variation;
use crate::data::{Dataset, DatasetName, Sample, Samples, Shape};
use crate::explain::evaluation::Evaluation;
use crate::explain::explainer::{By, Explainer};
use crate::explain::export::Npy;
use crate::explain::maps::{self, Input};
use crate::explain::own;
use crate::explain::page::{self, Page};
use crate::explain::picture::Size;
use crate::explain::predict::{self, Prediction};
use crate::explain::select::{self, Selection};
use crate::explain::view::{self, FileToWrite, ImageView};
use crate::features::Features;
use crate::files::{self, Busy, Folder};
use crate::output::{self, note, say};
use crate::progress::Progress;
use crate::recipe::Recipe;
use crate::run::{self, About, Metrics, Model};
use crate::temperature;

/// Explain what a trained model sees.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ExplainArgs {
    /// A run folder, or a model file
    run: PathBuf,
    /// Other data than the model's own: a file or folder of pictures
    #[arg(value_name = "DATA", conflicts_with = "dataset")]
    data: Option<PathBuf>,
    /// These test images, by number
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    index: Vec<usize>,
    /// Only test images of this class
    #[arg(long, value_name = "C")]
    class: Option<u8>,
    /// Only test images that the model gets wrong, seen as they are
    #[arg(long)]
    misclassified: bool,
    /// The N test images of which the model is least sure
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    least_sure: Option<u32>,
    /// An image of your own: a grey 8-bit PNG of the model's size, light on dark
    #[arg(long, value_name = "FILE.png")]
    image: Option<PathBuf>,
    /// At most so many images, where --index and --least-sure do not say it
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Another data set than the model's own
    #[arg(long, value_name = "NAME")]
    dataset: Option<DatasetName>,
    #[command(flatten)]
    places: PlaceArgs,
    /// The folder for report and pictures [default: RUN/explain]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The score that decides and is explained
    #[arg(long, value_enum)]
    by: Option<By>,
    /// What the predicted label is compared with: mean (of the others), runner-up, nothing, or a label
    /// (the runner-up where that label is the prediction)
    #[arg(long, value_name = "WHAT", default_value = "mean")]
    against: Against,
    /// Print predictions, file names and, with --npy, what each map adds up to as JSON
    #[arg(long)]
    json: bool,
    /// Also write the contrast maps as maps.npy: images x height x width
    #[arg(long)]
    npy: bool,
    #[command(flatten)]
    threads: ThreadArgs,
}

/// What the predicted label is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Against {
    Mean,
    RunnerUp,
    Nothing,
    Label(u8),
}

impl FromStr for Against {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "mean" => Ok(Self::Mean),
            "runner-up" => Ok(Self::RunnerUp),
            "nothing" => Ok(Self::Nothing),
            label => label.parse().map(Self::Label).map_err(|_| "mean, runner-up, nothing or a label".to_owned()),
        }
    }
}

impl Against {
    fn target(self, seen: &Prediction) -> Target {
        let against = match self {
            Self::Mean => CoreAgainst::MeanOfOthers,
            Self::RunnerUp => CoreAgainst::Label(seen.runner_up),
            Self::Nothing => CoreAgainst::Nothing,
            // A label is nothing against itself.
            Self::Label(label) if label == seen.label => CoreAgainst::Label(seen.runner_up),
            Self::Label(label) => CoreAgainst::Label(label),
        };
        Target { label: seen.label, against }
    }
}

const EXAMPLES: &str = "\
Open report.html in a browser: red pixels speak for the answer, blue ones against it.

Examples:
  ff explain runs/first                          40 test images of all classes, mistakes among them
  ff explain runs/first --misclassified
  ff explain runs/first --least-sure 20 --against runner-up
  ff explain runs/first --index 3,17 --json --npy
  ff explain runs/first --image mine.png         a grey PNG of the model's own size";

/// The file of the maps themselves.
const MAPS: &str = "maps.npy";

/// Images that are shown on the page; arrays and JSON have them all.
const SHOWN: usize = 200;

/// Images to fit T on.
const HELD_OUT: usize = 5000;

/// Images whose maps are in memory at once.
const TOGETHER: usize = 16;

/// Carries the command out.
///
/// # Errors
/// An unusable model or image, data that cannot be had or do not fit, and nothing to explain.
pub fn run(args: &ExplainArgs) -> anyhow::Result<()> {
    let model = Model::load(&args.run)?;
    let (classes, shape) = (model.network.classes, model.about.shape());
    ensure!(
        matches!(shape, Shape::Picture { channels: 1, .. }) && model.about.recipe.constants() == 0,
        "maps are drawn of grey pictures and nothing beside them; this model takes {shape}"
    );
    let folder = args.folder()?;
    let stop = stop_on_ctrl_c("stopping")?;
    if let Against::Label(label) = args.against {
        ensure!(usize::from(label) < classes, "--against {label}: the labels are 0 to {}", classes - 1);
    }
    let own = args.image.as_deref().map(|path| own::read(path, model.about.width, model.about.height)).transpose()?;
    if let Some(oddity) = own.as_ref().and_then(own::oddity) {
        note!("warning: {oddity}");
    }
    let threads = args.threads.start()?;
    let by = args.by.unwrap_or_else(|| By::default_of(&model.about.recipe));
    let mut explainer = Explainer::new(&model, by, threads)?;
    let Dataset { name, train, test, .. } = eval::load(args.data.as_deref(), args.dataset, &args.places, &model)?;
    let (temperature, fitted) = fit(&mut explainer, &name, &train)?;
    let scores = predict::scores(&mut explainer, &test, "looking")?;
    let rows = scores.chunks_exact(classes).zip(&test.labels).enumerate();
    let predictions: Vec<_> =
        rows.map(|(i, (scores, &truth))| Prediction::new(Some(i), Some(truth), scores, temperature)).collect();
    let mut work =
        Work { args, by, model: &model, dataset: &name, test: &test, folder, jobs: Vec::new(), chosen: Vec::new() };
    if let Some(own) = &own {
        let (sample, _) = own.get(0).context("no image")?;
        let input = input(&model, own, sample)?;
        let seen = Prediction::new(None, None, &explainer.scores(&input.features)?, temperature);
        work.jobs.push((input, seen));
    }
    if args.misclassified && model.about.recipe.flip_tta {
        note!("note: chosen are mistakes about the image as it is; testing adds the mirrored image's scores");
    }
    if own.is_none() || args.asks_for_test_images() {
        work.add(select::select(&args.selection(), &predictions, classes)?, &predictions)?;
    }
    let done = work.carry_out(&stop)?;
    finish(args, &model, done, fitted, predict::confusion(&predictions, classes))
}

impl ExplainArgs {
    fn selection(&self) -> Selection {
        Selection {
            indices: self.index.clone(),
            class: self.class,
            misclassified: self.misclassified,
            least_sure: self.least_sure.map(|n| n as usize),
            count: self.count as usize,
        }
    }

    fn asks_for_test_images(&self) -> bool {
        !self.index.is_empty() || self.class.is_some() || self.misclassified || self.least_sure.is_some()
    }

    /// The folder for the report, which nobody else writes into meanwhile.
    fn folder(&self) -> anyhow::Result<Folder> {
        if let Some(out) = &self.out {
            return Folder::open(out, Busy::Refuse);
        }
        let run = if self.run.is_dir() { Some(self.run.as_path()) } else { self.run.parent() };
        let out = run.unwrap_or(&self.run).join("explain");
        files::refuse_link(&out)?;
        Folder::open(&out, Busy::Refuse)
    }
}

/// T and a sentence about it.
fn fit(explainer: &mut Explainer<'_>, dataset: &str, train: &Samples) -> anyhow::Result<(f64, String)> {
    let about = &explainer.model().about;
    let is_own = about.is_of(dataset);
    let validation = if is_own { about.validation.min(train.len() - 1) } else { 0 };
    let (_, held_out) = if validation > 0 { about.divide(train)? } else { train.split_last(train.len() / 5)? };
    let count = held_out.len().min(HELD_OUT);
    let (_, held_out) = if count < held_out.len() { held_out.split_last(count)? } else { (train.select([]), held_out) };
    let scores = predict::scores(explainer, &held_out, "fitting T")?;
    let temperature = temperature::fit(&scores, &held_out.labels);
    let kind = if validation > 0 { "validation" } else { "last training" };
    let caution = match (is_own, validation) {
        (false, _) => format!(" of {dataset}"),
        (true, 0) => "; the model learned from these, so p is somewhat too sure".to_owned(),
        (true, _) => String::new(),
    };
    let text = format!(
        "p = softmax(score / T) with T = {temperature:.4}, fitted once by negative log-likelihood on {count} {kind} \
         images{caution}."
    );
    Ok((temperature, text))
}

/// One of the images, for the network and for the eye.
fn input(model: &Model, images: &Samples, sample: Sample<'_>) -> anyhow::Result<Input> {
    let recipe = &model.about.recipe;
    let write = |features: Features| {
        let mut row = vec![0.0; features.len()];
        features.write(sample, &Variation::NONE, &mut row);
        row
    };
    let features = write(model.network.features_of(images, recipe)?);
    Ok(Input { features, shown: write(Features::new(images, &recipe.unprepared(), model.network.classes)?) })
}

/// What a reader of the report must know of a recipe.
fn cautions(recipe: &Recipe) -> Vec<String> {
    let mut cautions = Vec::new();
    if recipe.flip_tta {
        let text = "Scores, p and maps are those of the image as it is; testing adds the mirrored image's scores.";
        cautions.push(text.to_owned());
    }
    if !recipe.black_is_zero() {
        let mean = if recipe.standardise { "the mean training image" } else { "the image's own mean" };
        cautions.push(format!(
            "What the network sees as 0 is {mean}: read that wherever it says black or empty here. Hardly a pixel is \
             that, so there may be nothing to add."
        ));
    }
    cautions
}

/// What is to be done.
struct Work<'a> {
    args: &'a ExplainArgs,
    by: By,
    model: &'a Model,
    dataset: &'a str,
    test: &'a Samples,
    folder: Folder,
    /// The user's own image.
    jobs: Vec<(Input, Prediction)>,
    /// The chosen test images.
    chosen: Vec<Prediction>,
}

/// What has been done.
struct Done {
    folder: Folder,
    views: Vec<ImageView>,
    entries: Vec<serde_json::Value>,
    dataset: String,
    by: By,
}

/// One image's answers: the map for the export with what it adds up to, and what is shown.
struct Answer {
    exported: Option<(Vec<f32>, Explained)>,
    shown: Option<(ImageView, Vec<FileToWrite>)>,
}

impl Work<'_> {
    fn add(&mut self, chosen: Vec<usize>, predictions: &[Prediction]) -> anyhow::Result<()> {
        for index in chosen {
            self.chosen.push(predictions.get(index).context("an image past the end")?.clone());
        }
        Ok(())
    }

    fn carry_out(self, stop: &AtomicBool) -> anyhow::Result<Done> {
        let Size { width, height } = self.size();
        let total = self.jobs.len() + self.chosen.len();
        let mut npy = if self.args.npy { Some(Npy::create(&self.folder, MAPS, total, height, width)?) } else { None };
        let mut progress = Progress::new("explaining", "images", total);
        let (mut views, mut entries) = (Vec::new(), Vec::new());
        for first in (0..total).step_by(TOGETHER) {
            if stop.load(Ordering::SeqCst) {
                return Err(Cancelled.into());
            }
            let some = first..total.min(first + TOGETHER);
            let answers: Vec<_> = some.clone().into_par_iter().map(|i| self.answer(i)).collect();
            for (i, answer) in some.zip(answers) {
                let Answer { exported, shown } = answer?;
                let mut files = Vec::new();
                if let Some((view, pictures)) = shown {
                    for file in pictures {
                        self.folder.write_unsynced(&file.name, &file.bytes)?;
                        files.push(file.name);
                    }
                    views.push(view);
                }
                if let (Some(npy), Some((map, _))) = (&mut npy, &exported) {
                    npy.push(map)?;
                }
                if self.args.json {
                    entries.push(self.entry(i, &files, exported.map(|(_, explained)| explained)));
                }
                progress.advance(1);
            }
        }
        drop(progress);
        npy.map_or(Ok(()), Npy::finish)?;
        Ok(Done { folder: self.folder, views, entries, dataset: self.dataset.to_owned(), by: self.by })
    }

    /// The size of a map: the model may see images smaller than they are.
    fn size(&self) -> Size {
        let About { width, height, ref recipe, .. } = self.model.about;
        Size { width: width / recipe.pool, height: height / recipe.pool }
    }

    fn seen(&self, i: usize) -> &Prediction {
        self.jobs.get(i).map_or_else(|| &self.chosen[i - self.jobs.len()], |job| &job.1)
    }

    fn answer(&self, i: usize) -> anyhow::Result<Answer> {
        let seen = self.seen(i);
        let chosen;
        let input = match (self.jobs.get(i), seen.index.and_then(|index| self.test.get(index))) {
            (Some((own, _)), _) => own,
            (None, Some((sample, _))) => {
                chosen = input(self.model, self.test, sample)?;
                &chosen
            }
            (None, None) => bail!("an image past the end"),
        };
        let mut explainer = Explainer::new(self.model, self.by, 1)?;
        let size = self.size();
        let target = self.args.against.target(seen);
        let pixels = size.width * size.height;
        let contrast = |explainer: &mut Explainer<'_>| maps::contrast(explainer, &input.features, pixels, target);
        let exported = if self.args.npy { Some(contrast(&mut explainer)?) } else { None };
        if i >= SHOWN {
            return Ok(Answer { exported, shown: None });
        }
        let told = maps::explain(&mut explainer, input, pixels, seen, target.against)?;
        Ok(Answer { exported, shown: Some(view::view(self.dataset, seen, &told, size)) })
    }

    fn entry(&self, i: usize, files: &[String], explained: Option<Explained>) -> serde_json::Value {
        let seen = self.seen(i);
        json!({
            "index": seen.index, "label": seen.truth, "predicted": seen.label, "runner_up": seen.runner_up,
            "p": seen.sureness(), "scores": seen.scores, "probabilities": seen.probabilities,
            "target": maps::target_name(self.args.against.target(seen)), "files": files,
            "map": explained.map(sums),
        })
    }
}

/// What a map of maps.npy adds up to, with what label inputs and biases have beside it:
/// `score - baseline_score`.
fn sums(explained: Explained) -> serde_json::Value {
    let Explained { score, baseline_score, label_share, bias_share } = explained;
    json!({ "score": score, "baseline_score": baseline_score, "label_share": label_share, "bias_share": bias_share })
}

/// Writes the report and says where it is.
fn finish(
    args: &ExplainArgs,
    model: &Model,
    done: Done,
    fitted: String,
    confusion: Vec<Vec<usize>>,
) -> anyhow::Result<()> {
    let widths: Vec<_> = model.network.layers.iter().map(|layer| layer.shape.outputs.to_string()).collect();
    let (own, asked) = (&model.about.dataset, done.dataset);
    let on = if model.about.is_of(&asked) { format!("on {asked}") } else { format!("that learned {own}, on {asked}") };
    let way = model.about.recipe.rule.reading_name(done.by.reading());
    let about = format!("Forward-Forward network {} {on}, classifying by {way}", widths.join("-"));
    let mut notes = vec![fitted];
    notes.extend(cautions(&model.about.recipe));
    if done.views.len() == SHOWN {
        notes.push(format!("At most {SHOWN} images are shown here; --npy and --json have all that were chosen."));
    }
    let mut page = Page::new(about, notes, confusion, done.views);
    page.facts = page::facts(&model.about, None);
    let run = if args.run.is_dir() { Some(args.run.as_path()) } else { args.run.parent() };
    let read = |name, kind| run.and_then(|run| files::bytes(&run.join(name), kind).ok());
    if let Some(bytes) = read(run::METRICS, files::METRICS) {
        match serde_json::from_slice::<Metrics>(&bytes) {
            Ok(metrics) if metrics.is_of(&model.about) => {
                page.facts = page::facts(&model.about, Some(&metrics));
                page.training = page::training(&metrics, &model.about.recipe.rule);
            }
            Ok(_) => note!(
                "note: metrics.json is of another run than the model, or of a later epoch; its curves are left out"
            ),
            Err(error) => note!("note: metrics.json holds no curves to show ({error})"),
        }
    }
    if let Some(bytes) = read(run::EVALUATION, files::EVALUATION) {
        match serde_json::from_slice::<Evaluation>(&bytes) {
            Ok(evaluation) => page.evaluation = evaluation.charts(),
            Err(error) => note!("note: evaluation.json holds no curves to show ({error})"),
        }
    }
    if !args.npy {
        // Maps of other images do not belong beside this report.
        done.folder.remove(&[MAPS])?;
    }
    done.folder.write("report.html", page.render()?.as_bytes())?;
    let report = done.folder.path().join("report.html");
    if args.json {
        let npy = args.npy.then_some(MAPS);
        let folder = done.folder.path().display().to_string();
        let all = json!({ "folder": folder, "report": "report.html", "maps": npy, "images": done.entries });
        say!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        say!("report: {}", report.display());
        output::remark(format_args!("next: open it in a browser"));
    }
    Ok(())
}
