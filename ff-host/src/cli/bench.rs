//! `ff bench`: how fast training is, against what the machine could do.

use crate::progress::Progress;
use anyhow::{Context, ensure};
use clap::Args;

use super::source::{PlaceArgs, Terminal};
use super::threads::ThreadArgs;
use crate::bench::{self, BenchReport, Ground, limit};
use crate::data::published::PUBLISHED;
use crate::data::{self, Contents, DatasetName, Request, Samples};
use crate::memory;
use crate::output::{self, say};
use crate::recipe::{Optimiser, Recipe, RuleKind, Widths, widths};

/// Measure speed.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct BenchArgs {
    /// The rules to measure
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "RULE,..",
        default_value = "classic,n-way,groups,local-cross-entropy"
    )]
    rule: Vec<RuleKind>,
    /// Width of each layer, first to last
    #[arg(long, value_name = "N,N,..", value_parser = widths, default_value = "1000,1000,1000")]
    layers: Widths,
    /// Samples in a step
    #[arg(long, alias = "batch", value_name = "N", default_value_t = 100)]
    batch_size: usize,
    /// Images of an epoch
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    images: usize,
    /// Epochs, of which the median is told; late ones are faster where rules leave out what is learned
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    epochs: u32,
    /// How directions become changes
    #[arg(long, value_enum, default_value_t = Optimiser::Momentum)]
    optimiser: Optimiser,
    /// A hundredth of the images: a quick look, too short to quote
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    places: PlaceArgs,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
In one run: the machine's limit (fused multiply-adds alone), the products of a step alone, and
whole epochs; ratios of these hold where absolute times do not. Every rule runs with dropout 0.1 and
images moved by up to 1 pixel. MNIST is used where it is at hand, otherwise images made up with as
much ink; nothing is downloaded.

Examples:
  ff bench
  ff bench --quick --rule n-way
  ff bench --json > bench.json           fma_gflops, products_gflops, epoch_seconds,
                                         epoch_fraction_of_fma, and one entry a rule";

/// The most images of an epoch: made up, they take 47 GB.
const MOST: usize = 60_000_000;

/// What is said where a machine refuses threads.
const NO_THREADS: &str = "cannot start the threads; ask for fewer with --threads";

/// Images that are classified at the end.
const TEST: usize = 10_000;

/// Carries the command out.
///
/// # Errors
/// Sizes out of range, and what training refuses.
pub fn run(args: &BenchArgs) -> anyhow::Result<()> {
    ensure!((1..=MOST).contains(&args.images), "--images {} is out of range: from 1 to {MOST}", args.images);
    let recipes = args.rule.iter().map(|&rule| recipe(args, rule)).collect::<Result<Vec<_>, _>>()?;
    let threads = args.threads.start()?;
    let images = if args.quick { args.images.div_ceil(100) } else { args.images };
    let (train, test, source) = ground(args, images)?;
    let fma_gflops = limit::fma_gflops(threads).context(NO_THREADS)?;
    let epochs = args.epochs as usize;
    let ground = Ground { train, test, classes: 10, threads, epochs, fma_gflops };
    let mut progress = Progress::new("", "rules", recipes.len());
    let mut rules = Vec::new();
    for recipe in &recipes {
        progress.name(recipe.rule.name());
        rules.push(ground.measure(recipe)?);
        progress.advance(1);
    }
    drop(progress);
    let Some(first) = rules.first() else { return Ok(()) };
    let report = BenchReport {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        threads,
        layers: args.layers.clone(),
        images,
        source,
        fma_gflops,
        fma_gflops_one_thread: limit::fma_gflops(1).context(NO_THREADS)?,
        products_gflops: first.products_gflops,
        epoch_seconds: first.epoch_seconds,
        epoch_fraction_of_fma: first.epoch_fraction_of_fma,
        rules,
        peak_memory_bytes: memory::peak(),
    };
    if args.json {
        say!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        output::text(format_args!("{}", report.table()));
    }
    Ok(())
}

/// The shipped recipe of a rule, at the sizes asked for, its images varied as every other rule's.
fn recipe(args: &BenchArgs, rule: RuleKind) -> anyhow::Result<Recipe> {
    let base = if rule.is_contrastive() { "classic-augmented" } else { "n-way" };
    let recipe = Recipe {
        name: rule.name().to_owned(),
        layers: args.layers.clone(),
        batch_size: args.batch_size,
        optimiser: args.optimiser,
        dropout: 0.1,
        jitter: 1,
        rotate: 0.0,
        stretch: 0.0,
        shear: 0.0,
        elastic: 0.0,
        ..Recipe::find(base)?.with_rule(rule)
    };
    recipe.check()?;
    Ok(recipe)
}

/// MNIST where it is at hand and large enough, otherwise made-up images; and which it is.
fn ground(args: &BenchArgs, images: usize) -> anyhow::Result<(Samples, Samples, String)> {
    let request = args.places.request(DatasetName::Mnist);
    if is_at_hand(&request)? {
        let dataset = data::load(&request, &mut Terminal::default())?;
        if let Some(rest) = dataset.train.len().checked_sub(images) {
            let (train, _) = dataset.train.split_last(rest)?;
            return Ok((train, dataset.test, format!("mnist from {}", dataset.source)));
        }
    }
    Ok((bench::synthetic(images, 10, 1), bench::synthetic(TEST.min(images), 10, 2), "made up".to_owned()))
}

fn is_at_hand(request: &Request) -> anyhow::Result<bool> {
    let places = data::survey(request, &PUBLISHED)?;
    Ok(places.iter().any(|(_, contents)| matches!(contents, Contents::Published(_))))
}
