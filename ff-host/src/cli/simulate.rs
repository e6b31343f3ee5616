//! `ff simulate`: what would a microcontroller learn, and what would it take?

use anyhow::ensure;
use clap::{Args, ValueEnum};
use ff_core::kernel::Portable;
use ff_core::stream::jitter::Jitter;
use rayon::prelude::*;

use super::source::{DatasetArgs, Terminal};
use super::threads;
use crate::data::{Dataset, Samples, Shape};
use crate::output::say;
use crate::recipe::{RuleKind, Widths, widths};
use crate::simulate::{Device, Instructions, Memory, Settings};
use crate::sweep::Seeds;

/// Simulate learning on a device.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SimulateArgs {
    #[command(flatten)]
    source: DatasetArgs,
    /// Widths of the layers; several networks as several options [default: six from 16 to 96,32]
    #[arg(long, value_name = "N,N,..", value_parser = widths)]
    layers: Vec<Widths>,
    /// Take images at a Nth of their width and height: 28x28 pixels become 14x14 by 2, 9x9 by 3, 7x7 by 4
    #[arg(long, value_name = "N,N,..", value_delimiter = ',', default_value = "1")]
    pool: Vec<usize>,
    /// The learning rule
    #[arg(long, default_value = "local-cross-entropy")]
    rule: RuleKind,
    /// The learning rate at the beginning; it falls to 0 in a straight line
    #[arg(long, alias = "rate", value_name = "X", default_value_t = 0.01)]
    learning_rate: f32,
    /// How often every sample is seen
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    passes: u32,
    /// Probability that an image is moved by a pixel before it is learned
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    jitter: f32,
    /// Seeds of weights and order: 1..3 is 1, 2 and 3
    #[arg(long, value_name = "N..N|N,N", default_value = "1")]
    seeds: Seeds,
    /// Where accuracy is read: choose settings by validation (every fourth training image), then read
    /// the test images once
    #[arg(long, value_enum, default_value_t = Part::Test)]
    on: Part,
    /// Leave out networks that learn in more RAM than this, such as 64KB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    fits: Option<usize>,
    /// Only say what the networks take
    #[arg(long)]
    no_train: bool,
    /// Threads, each for a run of its own [default: one a core]
    #[arg(long, value_name = "N", value_parser = threads::threads)]
    threads: Option<usize>,
}

const EXAMPLES: &str = "\
Runs what firmware runs: ff-core's portable kernel, one sample at a time, plain descent, the order of
samples of `cargo xtask qemu`; weights are the same bit for bit. RAM is network, scratch, one
image and 1.5 KiB of stack; program and samples are in flash. The instructions of a step and of a
classification are predicted for a Cortex-M4F from what its kernel would do with 100 training images
after learning (with --no-train, before), most of them to a tenth; making features of pixels comes
on top, some 40 for each.

Examples:
  ff simulate --dataset digits8x8 --layers 32,32 --rule classic --passes 20    the firmware's own run
  ff simulate --dataset digits8x8 --layers 46 --learning-rate 0.02 --passes 60 --jitter 0.2 --fits 16KB
  ff simulate --dataset mnist --pool 1,2,3,4 --fits 64KB --on validation       what fits, and how good
  ff simulate --dataset mnist --pool 2 --fits 64KB --no-train                  without learning";

/// Where accuracy is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The test images, with all others learned
    Test,
    /// Every fourth training image, with the rest learned
    Validation,
}

/// A probability from the command line.
fn probability(text: &str) -> Result<f32, String> {
    let value = text.parse().ok().filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| "a number from 0 to 1 is needed".to_owned())
}

/// A size such as 65536, 64KB or 64KiB; a kilobyte has 1,024 bytes, as on data sheets.
fn bytes(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" | "kib" => Some(1 << 10),
        "m" | "mb" | "mib" => Some(1 << 20),
        _ => None,
    };
    let size = digits.trim().parse::<usize>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    size.ok_or_else(|| "a size is needed, such as 64KB".to_owned())
}

/// Carries the command out.
///
/// # Errors
/// Data that cannot be had, settings out of range, or learning that diverges.
pub fn run(args: &SimulateArgs) -> anyhow::Result<()> {
    ensure!(!args.rule.learns_without_labels(), "firmware has no hybrid images: choose another --rule");
    threads::start(args.threads)?;
    let data = args.source.load(&mut Terminal::default())?;
    let classes = data.classes;
    let (learned, read) = parts(data, args.on);
    ensure!(
        args.jitter == 0.0 || learned.shape().is_picture(),
        "--jitter moves pictures; the data are {}",
        learned.shape()
    );
    ensure!(learned.len() <= usize::from(u16::MAX), "firmware's order of samples counts to 65,535");
    let plans = plans(args, &learned, classes)?;
    ensure!(!plans.is_empty(), "none of the networks fits; allow more with --fits, or try a larger --pool");
    let jobs: Vec<_> = plans.iter().flat_map(|(plan, _)| args.seeds.0.iter().map(move |&seed| (plan, seed))).collect();
    let learn = |&(plan, seed): &(&Settings, u64)| learn(plan, &learned, &read, classes, seed);
    let runs: Vec<_> = if args.no_train { Vec::new() } else { jobs.par_iter().map(learn).collect::<Result<_, _>>()? };
    say!("{:>7} {:14} {:>8} {:>8} {:>10} {:>10}  accuracy", "image", "layers", "RAM", "flash", "step", "classify");
    let mut runs = runs.into_iter();
    for (plan, memory) in &plans {
        let runs: Vec<_> = runs.by_ref().take(args.seeds.0.len()).collect();
        let accuracy = accuracy(&runs, read.len());
        let device = match runs.into_iter().next() {
            Some(run) => run.device,
            None => Device::new(plan, &learned, classes, 1, Portable)?,
        };
        say!("{}", row(&learned, plan, memory, &Instructions::estimate(device, &learned)?, &accuracy));
    }
    Ok(())
}

/// The images to learn from, and those to read the accuracy on.
fn parts(data: Dataset, on: Part) -> (Samples, Samples) {
    let Dataset { train, test, .. } = data;
    match on {
        Part::Test => (train, test),
        Part::Validation => (train.filter(|index, _| index % 4 != 3), train.filter(|index, _| index % 4 == 3)),
    }
}

/// Every network that fits, for every size of image.
fn plans(args: &SimulateArgs, images: &Samples, classes: usize) -> anyhow::Result<Vec<(Settings, Memory)>> {
    const USUAL: [&[usize]; 6] = [&[16], &[16, 16], &[32], &[32, 32], &[60, 32], &[96, 32]];
    let nets = if args.layers.is_empty() { USUAL.map(<[usize]>::to_vec).to_vec() } else { args.layers.clone() };
    let mut plans = Vec::new();
    for &pool in &args.pool {
        for layers in &nets {
            let (rule, layers, passes) = (args.rule, layers.clone(), args.passes as usize);
            let learning_rate = args.learning_rate;
            let jitter = Jitter { probability: args.jitter, pixels: 1 };
            let settings = Settings { rule, layers, pool, learning_rate, passes, jitter };
            let memory = Memory::from_device(&Device::new(&settings, images, classes, 1, Portable)?);
            if args.fits.is_none_or(|limit| memory.ram() <= limit) {
                plans.push((settings, memory));
            }
        }
    }
    Ok(plans)
}

/// What came of learning.
struct Learned {
    /// How many of the images were recognised.
    right: usize,
    /// The weights' checksum.
    checksum: u32,
    /// What has learned.
    device: Device,
}

fn learn(plan: &Settings, learned: &Samples, read: &Samples, classes: usize, seed: u64) -> anyhow::Result<Learned> {
    let mut device = Device::new(plan, learned, classes, seed, Portable)?;
    device.learn(learned)?;
    let (right, checksum) = (device.recognised(read)?, device.checksum());
    Ok(Learned { right, checksum, device })
}

fn accuracy(runs: &[Learned], images: usize) -> String {
    match runs {
        [] => "-".to_owned(),
        [Learned { right, checksum, .. }] => format!("{right} of {images}, weights {checksum:08x}"),
        _ => {
            let percent: Vec<_> = runs.iter().map(|run| 100.0 * run.right as f64 / images as f64).collect();
            let mean = percent.iter().sum::<f64>() / percent.len() as f64;
            let least = percent.iter().copied().fold(f64::INFINITY, f64::min);
            format!("{mean:.2} % of {images}, mean of {} seeds, the worst {least:.2} %", runs.len())
        }
    }
}

fn row(images: &Samples, plan: &Settings, memory: &Memory, instructions: &Instructions, accuracy: &str) -> String {
    let size = match images.shape() {
        Shape::Features { names } => names.len().to_string(),
        shape => format!("{}x{}", shape.columns() / plan.pool, shape.rows() / plan.pool),
    };
    let layers = plan.layers.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    let Instructions { step, classification } = instructions;
    format!(
        "{size:>7} {layers:14} {:>8} {:>8} {step:>10} {classification:>10}  {accuracy}",
        memory.ram(),
        memory.network
    )
}
