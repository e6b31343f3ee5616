//! `ff data`: which data sets there are, fetching them, and looking at an image.

use std::fmt::Write;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand, ValueEnum};

use super::source::{DatasetArgs, PlaceArgs, Terminal};
use crate::data::published::PUBLISHED;
use crate::data::{self, Contents, DatasetName, Sample, Samples};
use crate::output::{self, say};

/// List, fetch and show data sets.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct DataArgs {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  ff data list                       what there is, and where it was found
  ff data fetch mnist                12 MB, checked, into the user's cache folder
  ff data show --dataset digits8x8   the first held-out digit, as text";

const LIST_EXAMPLES: &str = "\
Each folder that is searched gets a line, in the order of search.

Examples:
  ff data list
  ff data list --data-dir ~/data     what is in ~/data/mnist, ~/data/fashion-mnist and ~/data";

const FETCH_EXAMPLES: &str = "\
A download appears in the cache whole and verified by SHA-256, or not at all.

Examples:
  ff data fetch mnist
  ff data fetch fashion-mnist --mirror https://mirror.example/datasets";

const SHOW_EXAMPLES: &str = "\
Examples:
  ff data show --dataset mnist --index 7
  ff data show --dataset digits8x8 --part train --index 100";

#[derive(Subcommand, Clone, Debug)]
enum Action {
    /// List the data sets, and where each is found
    #[command(after_help = LIST_EXAMPLES)]
    List {
        #[command(flatten)]
        places: PlaceArgs,
    },
    /// Download a data set into the cache, unless it is already somewhere
    #[command(after_help = FETCH_EXAMPLES)]
    Fetch {
        /// mnist, fashion-mnist or digits8x8
        #[arg(value_name = "NAME")]
        dataset: DatasetName,
        #[command(flatten)]
        places: PlaceArgs,
    },
    /// Show one image with its label
    Show(Box<ShowArgs>),
}

#[derive(Args, Clone, Debug)]
#[command(after_help = SHOW_EXAMPLES)]
struct ShowArgs {
    #[command(flatten)]
    source: DatasetArgs,

    /// Which images: those to learn from, or the held-out ones
    #[arg(long, value_enum, default_value_t = Part::Test)]
    part: Part,

    /// Which image, from 0
    #[arg(long, default_value_t = 0)]
    index: usize,
}

/// The two parts of a data set.
#[derive(ValueEnum, Clone, Copy, Debug)]
enum Part {
    Train,
    Test,
}

/// Carries out `ff data`.
///
/// # Errors
/// Where a data set cannot be had, or has no image of the index asked for.
pub fn run(args: DataArgs) -> anyhow::Result<()> {
    match args.action {
        Action::List { places } => output::text(format_args!("{}", list(&places)?)),
        Action::Fetch { dataset, places } => say!("{}", fetch(dataset, places)?),
        Action::Show(show_args) => output::text(format_args!("{}", show(&show_args)?)),
    }
    Ok(())
}

/// Two lines on each data set, and one on each folder that was searched for it.
fn list(places: &PlaceArgs) -> anyhow::Result<String> {
    let mut text = String::new();
    for dataset in DatasetName::ALL {
        let _ = writeln!(text, "{dataset:15}{}", summary(dataset));
        if dataset == DatasetName::Digits8x8 {
            text.push_str("  compiled in\n");
        }
        let found = data::survey(&places.request(dataset), &PUBLISHED)?;
        for (place, contents) in &found {
            let _ = writeln!(text, "  {}: {contents}", place.folder.display());
        }
        let is_usable = |contents: &Contents| matches!(contents, Contents::Published(_) | Contents::Own(_));
        if !found.is_empty() && !found.iter().any(|(_, contents)| is_usable(contents)) {
            let _ = writeln!(text, "  to download it: ff data fetch {dataset}");
        }
    }
    Ok(text)
}

/// Size, licence and, where there is one, download.
const fn summary(dataset: DatasetName) -> &'static str {
    match dataset {
        DatasetName::Mnist => "60,000 + 10,000 handwritten digits, 28x28; public research data; download 12 MB",
        DatasetName::FashionMnist => "60,000 + 10,000 pictures of clothes, 28x28; MIT licence; download 31 MB",
        DatasetName::Digits8x8 => {
            "1,438 + 359 handwritten digits, 8x8; CC BY 4.0, E. Alpaydin and C. Kaynak (UCI, 1998)"
        }
    }
}

/// Makes sure that a data set is on this machine, and says where.
fn fetch(dataset: DatasetName, places: PlaceArgs) -> anyhow::Result<String> {
    let source = DatasetArgs { dataset: Some(dataset), places, ..DatasetArgs::default() };
    let data = source.load(&mut Terminal::default())?;
    let (train, test) = (data.train.len(), data.test.len());
    Ok(format!("{dataset}: {train} training and {test} test images ({})", data.source))
}

/// One image in shades, below a line that says what it is.
fn show(args: &ShowArgs) -> anyhow::Result<String> {
    let data = args.source.load(&mut Terminal::default())?;
    let (part, images) = match args.part {
        Part::Train => ("training", &data.train),
        Part::Test => ("test", &data.test),
    };
    let index = args.index;
    let last = images.len().saturating_sub(1);
    ensure!(index <= last, "{} has {part} samples 0 to {last}: there is no sample {index}", data.name);
    let (sample, label) = images.get(index).context("the data set is empty")?;
    let class = data.class_names.get(usize::from(label)).cloned().unwrap_or_default();
    let shown = if images.shape().is_picture() { shades(images, sample) } else { values(images, sample) };
    Ok(format!("{} {part} sample {index}, label {class}\n{shown}", data.name))
}

/// A picture as text: two characters a pixel, because characters are about twice as high as wide.
fn shades(images: &Samples, sample: Sample<'_>) -> String {
    const INK: &[u8] = b" .:-=+*#%@";
    let maximum = f32::from(images.maximum());
    let shade = |value: f32| {
        let level = (value / maximum).clamp(0.0, 1.0) * (INK.len() - 1) as f32;
        char::from(INK[level.ceil() as usize])
    };
    let values: Vec<f32> = sample.numbers().collect();
    let mut text = String::new();
    for row in values.chunks(images.shape().columns()) {
        let line: String = row.iter().map(|&value| shade(value)).flat_map(|shade| [shade; 2]).collect();
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// A table's or series' values, each with its name.
fn values(samples: &Samples, sample: Sample<'_>) -> String {
    let lines = sample.numbers().enumerate().map(|(i, value)| format!("{}: {value}\n", samples.shape().name_of(i)));
    lines.collect()
}
