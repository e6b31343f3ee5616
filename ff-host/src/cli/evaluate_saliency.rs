//! `ff evaluate-saliency`: measures which explanations of a trained model tell the truth.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::source::{PlaceArgs, Terminal};
use super::train;
use crate::data;
use crate::evaluate::Reader;
use crate::output::{note, say};
use crate::run::{Existing, Model, RunFolder};
use crate::saliency_eval::{self, Evaluation};

/// Measure how faithful the explanations of a trained model are.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvaluateSaliencyArgs {
    /// A run folder
    run: PathBuf,
    /// Test images to ask about, as many of every class
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    images: u32,
    /// Draws random orders, ties and bootstrap samples
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    places: PlaceArgs,
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = train::threads)]
    threads: Option<usize>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Pixels are set to 0, 8 at a time, in the order of each map. Deletion (lower is better) takes the most
telling first, insertion (higher is better) brings them first; SRG is their difference. The last
columns compare the first method with each other on the same images: the mean difference of SRG
with its 95 % bootstrap interval, and Wilcoxon's signed rank test with Holm's correction. The
result is kept as evaluation.json in the run folder.

Examples:
  ff evaluate-saliency runs/first                 1000 test images
  ff evaluate-saliency runs/first --images 200    a quick look";

/// Carries the command out.
///
/// # Errors
/// An unusable model, data that cannot be had or do not fit the model.
pub fn run(args: &EvaluateSaliencyArgs) -> anyhow::Result<()> {
    ensure!(args.run.is_dir(), "{} is no run folder; train one with `ff train`", args.run.display());
    let model = Model::load(&args.run)?;
    let folder = RunFolder::named(&args.run, Existing::Replace)?;
    let threads = train::start_threads(args.threads)?;
    let about = &model.about;
    let mut request = args.places.request(about.dataset.parse()?);
    request.split = about.split.parse()?;
    let images = data::load(&request, &mut Terminal::default())?.test;
    ensure!(
        images.width == about.width && images.height == about.height,
        "the model takes {}x{} images, {} has {}x{}",
        about.width,
        about.height,
        about.dataset,
        images.width,
        images.height
    );
    ensure!(
        about.recipe.dropped(about.classes) == 0 && !about.recipe.centre,
        "maps of models whose label takes the place of pixels, or whose images are centred, cannot be compared: \
         a deleted pixel would not be background"
    );
    let reader = Reader { network: &model.network, recipe: &about.recipe, threads };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} images, {eta} left")?;
    let bar = ProgressBar::new(u64::from(args.images)).with_style(style);
    let found = saliency_eval::evaluate(&reader, &images, args.images as usize, args.seed, || bar.inc(1))?;
    bar.finish_and_clear();
    let json = serde_json::to_string_pretty(&found)?;
    folder.write("evaluation.json", format!("{json}\n").as_bytes())?;
    if args.json {
        say!("{json}");
    } else {
        table(&found);
    }
    note!("kept as {}", folder.path().join("evaluation.json").display());
    Ok(())
}

fn table(found: &Evaluation) {
    say!("{} test images, T = {:.4}", found.images, found.temperature);
    say!(
        "{:32} {:>8} {:>9} {:>6}  {:15}  {:24}  p",
        "method",
        "deletion",
        "insertion",
        "SRG",
        "95 %",
        "the first is better by"
    );
    for line in &found.lines {
        let [low, high] = line.srg_interval;
        let start = format!(
            "{:32} {:8.3} {:9.3} {:6.3}  {low:6.3} .. {high:5.3}",
            line.method, line.deletion, line.insertion, line.srg
        );
        match line.p {
            None => say!("{start}"),
            Some(p) => {
                let [low, high] = line.difference_interval;
                say!("{start}  {:6.3} ({low:6.3} .. {high:6.3})  {p:.1e}", line.difference);
            }
        }
    }
}
