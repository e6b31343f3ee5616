//! What is asked for: which data set, divided how, searched for where.

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use etcetera::BaseStrategy;

use super::DataError;

/// The data sets that this project knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatasetName {
    /// 70,000 handwritten digits of 28x28 pixels.
    Mnist,
    /// 70,000 pictures of clothes, in MNIST's format.
    FashionMnist,
    /// 1,797 handwritten digits of 8x8 pixels, compiled in.
    Digits8x8,
}

impl DatasetName {
    /// Every data set.
    pub const ALL: [Self; 3] = [Self::Mnist, Self::FashionMnist, Self::Digits8x8];

    /// The name on the command line, in folders and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Digits8x8 => "digits8x8",
        }
    }

    /// What its classes are called.
    #[must_use]
    pub fn class_names(self) -> Vec<String> {
        match self {
            Self::Mnist | Self::Digits8x8 => (0..10).map(|digit| digit.to_string()).collect(),
            Self::FashionMnist => FASHION.map(str::to_owned).to_vec(),
        }
    }

    /// The pixel value that stands for 1.0.
    #[must_use]
    pub const fn maximum(self) -> u8 {
        match self {
            Self::Mnist | Self::FashionMnist => u8::MAX,
            Self::Digits8x8 => 16,
        }
    }
}

/// Fashion-MNIST's classes, as its authors call them.
const FASHION: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

impl Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DatasetName {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == name);
        known.ok_or_else(|| DataError::UnknownName {
            what: "data set",
            name: name.to_owned(),
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}

/// How a data set is divided into training and held-out images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// The published division; for `digits8x8`, every fifth image is held out.
    #[default]
    Default,
    /// `digits8x8` only: the last 360 images, which other writers wrote, are held out. Harder.
    WriterShift,
}

impl Split {
    /// Every split.
    pub const ALL: [Self; 2] = [Self::Default, Self::WriterShift];

    /// The name on the command line and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::WriterShift => "writer-shift",
        }
    }
}

impl Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Split {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == name);
        known.ok_or_else(|| DataError::UnknownName {
            what: "split",
            name: name.to_owned(),
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}

/// A data set that somebody wants, and where it may be looked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which data set.
    pub dataset: DatasetName,
    /// How to divide it.
    pub split: Split,
    /// The user's own folders, in the order of search. They must exist.
    pub folders: Vec<PathBuf>,
    /// Whether the first of them must hold the data set: the user named it for this one command.
    pub must_be_in_first: bool,
    /// Where downloads are kept; without it nothing is downloaded.
    pub cache: Option<PathBuf>,
    /// Downloads come from `<mirror>/<data set>/<file>.gz` instead of the public mirrors.
    pub mirror: Option<String>,
    /// How long a download may keep us waiting.
    pub patience: Patience,
}

impl Request {
    /// A request that looks nowhere but in the system's own folders, whatever the environment says.
    #[must_use]
    pub fn new(dataset: DatasetName) -> Self {
        let (split, patience) = (Split::Default, Patience::DEFAULT);
        Self { dataset, split, folders: Vec::new(), must_be_in_first: false, cache: None, mirror: None, patience }
    }

    /// A request as users mean it: `$FF_DATA_DIR`, the user's cache folder, and `$FF_MIRROR`.
    #[must_use]
    pub fn from_environment(dataset: DatasetName) -> Self {
        Self {
            folders: variable("FF_DATA_DIR").map(PathBuf::from).into_iter().collect(),
            cache: user_cache(),
            mirror: variable("FF_MIRROR").map(|url| url.to_string_lossy().into_owned()),
            ..Self::new(dataset)
        }
    }
}

/// How long a download may keep us waiting. A machine without network should be told soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For finding the server's address, and again for connecting to it.
    pub connect: Duration,
    /// For the answer to begin, and for each further piece of it.
    pub piece: Duration,
    /// For one whole file.
    pub file: Duration,
}

impl Patience {
    /// Enough for a slow line, without a long wait where there is none.
    pub const DEFAULT: Self =
        Self { connect: Duration::from_secs(4), piece: Duration::from_secs(15), file: Duration::from_secs(600) };
}

/// An environment variable; an empty one counts as unset.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The folder for downloads, by the platform's own convention (`~/.cache/forward-forward`).
fn user_cache() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.cache_dir().join("forward-forward"))
}
