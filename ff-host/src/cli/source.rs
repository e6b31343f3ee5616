//! The arguments that say which data to use, shared by every command that needs data, and the
//! terminal's view of a download.

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::data::{self, DataError, Dataset, DatasetName, Options, Progress, Request, Split};
use crate::output::note;

/// Where data may be found.
#[derive(Args, Clone, Debug, Default)]
pub struct PlaceArgs {
    /// Look here first: DIR/DATASET/FILE or DIR/FILE (then $FF_DATA_DIR, then the cache)
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Download from URL/DATASET/FILE.gz instead of the public mirrors [env: FF_MIRROR]
    #[arg(long, value_name = "URL")]
    pub mirror: Option<String>,
}

impl PlaceArgs {
    /// The request for a data set, with the environment's places after the named ones.
    #[must_use]
    pub fn request(&self, dataset: DatasetName) -> Request {
        let mut request = Request::from_environment(dataset);
        request.folders.splice(0..0, self.data_dir.clone());
        request.must_be_in_first = self.data_dir.is_some();
        request.mirror = self.mirror.clone().or(request.mirror);
        request
    }
}

/// Which data set to use.
#[derive(Args, Clone, Debug, Default)]
pub struct DatasetArgs {
    /// Your own data: a table (CSV, TSV), NPY or NPZ arrays, time series (.ts), IDX files, or a folder with one
    /// sub-folder of pictures a class; or one of the names of --dataset
    #[arg(value_name = "DATA", conflicts_with = "dataset")]
    pub data: Option<PathBuf>,

    /// mnist, fashion-mnist or digits8x8 [default: mnist where it can be had, or else digits8x8]
    #[arg(long, value_name = "NAME")]
    pub dataset: Option<DatasetName>,

    /// How to divide it: default or writer-shift (digits8x8 only: other writers are held out)
    #[arg(long, value_name = "NAME", default_value_t)]
    pub split: Split,

    /// Where it may be found.
    #[command(flatten)]
    pub places: PlaceArgs,

    /// How own data are read.
    #[command(flatten)]
    pub options: Options,
}

impl DatasetArgs {
    /// Loads what was asked for, or what serves best where nothing was.
    ///
    /// # Errors
    /// As [`data::load`], [`data::load_own`] and [`data::load_default`].
    pub fn load(&self, progress: &mut dyn Progress) -> Result<Dataset, DataError> {
        let known = self.dataset.or_else(|| self.data.as_deref().and_then(known));
        if let (None, Some(path)) = (known, &self.data) {
            return data::load_own(&Options { path: path.clone(), ..self.options.clone() }, progress);
        }
        let request = self.places.request(known.unwrap_or(DatasetName::Mnist));
        let request = Request { split: self.split, ..request };
        match known {
            Some(_) => data::load(&request, progress),
            None => data::load_default(&request, progress),
        }
    }
}

/// The data set that is known by what was given as DATA, unless there is a file or folder of that name.
fn known(data: &Path) -> Option<DatasetName> {
    data.to_str().filter(|_| !data.exists())?.parse().ok()
}

/// Tells a load on standard error: notices as lines, downloads as a bar where a person watches.
#[derive(Default)]
pub struct Terminal {
    bar: Option<ProgressBar>,
}

impl Progress for Terminal {
    fn notice(&mut self, text: &str) {
        note!("note: {text}");
    }

    fn download(&mut self, file: &str, received: u64, total: Option<u64>) {
        let bar = self.bar.get_or_insert_with(|| new_bar(file, total));
        bar.set_position(received);
    }

    fn download_ended(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// A bar where the server tells the length, otherwise a spinner with the bytes so far.
fn new_bar(file: &str, total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{msg} {bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
        None => "{msg} {spinner} {bytes}, {bytes_per_sec}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(style).with_message(file.to_owned())
}
