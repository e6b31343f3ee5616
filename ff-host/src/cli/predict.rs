//! `ff predict`: what a trained model says of new samples.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};

use super::source::{PlaceArgs, Terminal};
use super::threads::ThreadArgs;
use crate::data::{self, DatasetName, Options, Samples};
use crate::explain::own;
use crate::files;
use crate::output::{self, note};
use crate::predict::{Format, Predictor, npz, rows};
use crate::rule::Reading;
use crate::run::Model;

/// Let a trained model judge new samples.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PredictArgs {
    /// A run folder, or a model file
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// A table, arrays or a picture of the kind that the model learned from, without labels or with labels that
    /// are not looked at; a data set's name for its test samples; - for standard input
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// How the predictions are written
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// What answers [default: the readout where there is one, otherwise goodness]
    #[arg(long, value_enum)]
    by: Option<ReadBy>,
    /// Also tell how usual each sample is: the goodness of its class
    #[arg(long)]
    goodness: bool,
    /// Write into a file instead of on standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    places: PlaceArgs,
    #[command(flatten)]
    threads: ThreadArgs,
}

const EXAMPLES: &str = "\
Columns of a table are found by the names that the model learned, in any order; others are left out. A
probability is softmax(score / temperature), with the temperature that was fitted on the validation samples when
the model was trained, so that it may be taken at its word; a model trained without such samples has the
temperature 1, which is told. The goodness tells how usual a sample is among those of one model: the lower, the
less it is like what the model learned from.

Examples:
  ff predict runs/wine new.csv                           a line a sample: class and probabilities
  ff predict runs/wine - --format jsonl < new.csv        from standard input, as JSON lines
  ff predict runs/first mnist --goodness --format npz --out found.npz";

/// What a model answers by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReadBy {
    /// The readout, or the layers' own classifiers
    Readout,
    /// The goodness of every class
    Goodness,
}

/// Samples that are judged at once: their lines are written before the next.
const TOGETHER: usize = 8192;

/// Carries the command out.
///
/// # Errors
/// An unusable model, data that cannot be had or do not fit the model.
pub fn run(args: &PredictArgs) -> anyhow::Result<()> {
    ensure!(args.format != Format::Npz || args.out.is_some(), "--format npz is no text: name a file by --out");
    let predictor = Predictor::load(&args.run)?.with_threads(args.threads.start()?);
    let predictor = match args.by {
        Some(ReadBy::Readout) => predictor.by(Reading::Readout)?,
        Some(ReadBy::Goodness) => predictor.by(Reading::Goodness)?,
        None => predictor,
    };
    if predictor.temperature().is_none() {
        note!("note: probabilities are not calibrated (temperature 1): the model was trained without --validation");
    }
    let samples = read(&args.data, &args.places, predictor.model())?;
    let predict = |samples: &Samples| match args.goodness {
        true => predictor.predict_with_goodness(samples),
        false => predictor.predict(samples),
    };
    if args.format == Format::Npz {
        let out = args.out.as_deref().context("there is no file to write")?;
        return files::write(out, &npz(&predict(&samples)?)?);
    }
    let mut whole = String::new();
    for first in (0..samples.len()).step_by(TOGETHER) {
        let lines = rows(&predict(&samples.select(first..first + TOGETHER))?, args.format, first)?;
        match args.out {
            Some(_) => whole += &lines,
            None => output::text(format_args!("{lines}")),
        }
    }
    args.out.as_deref().map_or(Ok(()), |out| files::write(out, whole.as_bytes()))
}

/// The samples that are to be judged.
fn read(data: &Path, places: &PlaceArgs, model: &Model) -> anyhow::Result<Samples> {
    let about = &model.about;
    let shape = about.shape();
    if data == Path::new("-") {
        // Readers look at a file's beginning before they read it.
        let mut file = tempfile::NamedTempFile::new().context("cannot keep standard input in a temporary file")?;
        io::copy(&mut io::stdin().lock(), &mut file).context("cannot read standard input")?;
        return read(file.path(), places, model);
    }
    let name = data.to_str().filter(|_| !data.exists()).and_then(|name| name.parse::<DatasetName>().ok());
    let samples = if let Some(name) = name {
        let test = data::load(&places.request(name), &mut Terminal::default())?.test;
        ensure!(test.shape().len() == shape.len(), "{name} has {}, the model takes {shape}", test.shape());
        test
    } else if data.extension().is_some_and(|end| end.eq_ignore_ascii_case("png")) {
        own::read(data, shape.columns(), shape.rows())?
    } else {
        let options = Options { path: data.to_owned(), ..about.own.clone().unwrap_or_default() };
        data::load_unlabelled(&options, &shape, &mut Terminal::default())?
    };
    // A picture of 8 bits is white at 255, whatever the model's own data count as white.
    Ok(if name.is_some() || about.own.is_some() { samples.scaled(about.maximum()) } else { samples })
}
