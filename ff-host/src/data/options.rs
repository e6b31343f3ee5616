//! How own data are to be read and divided.

use std::fmt::{self, Display};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

/// How own data are read and divided. A model keeps them, so that its data can be read again in the same way.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[command(next_help_heading = "Own data (a file or folder as DATA)")]
pub struct Options {
    /// The file or folder.
    #[arg(skip)]
    pub path: PathBuf,
    /// The features of the model that is to be asked about the data, which then need no labels; none for data to
    /// learn from.
    #[arg(skip)]
    #[serde(skip)]
    pub features: Option<Vec<String>>,
    /// The column of the classes, by its name or its number from 1 [default: class, label or target, or else
    /// the last one]
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Columns to leave out
    #[arg(long, value_name = "COLUMN,..", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Whether the first line names the columns [default: where it holds words above numbers]
    #[arg(long, value_name = "true|false")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Numbers are written 1,5 and not 1.5
    #[arg(long)]
    #[serde(skip_serializing_if = "is_false")]
    pub decimal_comma: bool,
    /// Fill missing values by what the training part says of their column
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill: Option<Fill>,
    /// A file of labels beside one of values (NPY, IDX) [default: the one that is named like it]
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<PathBuf>,
    /// A file or folder of test samples [default: what the data themselves say, or a part of them]
    #[arg(long, value_name = "DATA")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<PathBuf>,
    /// The part that is held out for the test where no test samples are given, the same of every class
    /// [default: 0.2]
    #[arg(long, value_name = "PART", value_parser = part)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_part: Option<f64>,
    /// Another seed draws other samples for the test [default: 1]
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_seed: Option<u64>,
    /// A column whose values stay together, such as the person: none is learned from and tested on
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The lines of a table are steps of time, and those with the same value here are one recording
    #[arg(long, value_name = "COLUMN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording: Option<String>,
    /// Cut recordings into windows of N steps
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<u32>,
    /// Steps from one window's beginning to the next's [default: a whole window]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<u32>,
    /// Take values as pictures, such as 28x28 (width x height), or 32x32x3 in colours
    #[arg(long, value_name = "WxH[xC]", conflicts_with = "series")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<Extents>,
    /// Take values as series, such as 6x100: channels x steps
    #[arg(long, value_name = "CxT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<Extents>,
    /// Bring pictures to one size (width x height)
    #[arg(long, value_name = "WxH")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resize: Option<Extents>,
    /// Take coloured pictures as grey ones
    #[arg(long)]
    #[serde(skip_serializing_if = "is_false")]
    pub grey: bool,
    /// Exchange rows and columns of pictures, as EMNIST needs it
    #[arg(long)]
    #[serde(skip_serializing_if = "is_false")]
    pub transpose: bool,
}

/// What takes the place of a missing value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fill {
    /// The mean of the training part's values in the same column
    Mean,
    /// Their median
    Median,
    /// 0
    Zero,
}

/// Extents such as 28x28.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Extents(pub Vec<usize>);

impl Options {
    /// The usual way to read a file or folder.
    #[must_use]
    pub fn of(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// The same as words of a command line, but for the path.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let fields = serde_json::to_value(self).ok();
        let fields = fields.as_ref().and_then(serde_json::Value::as_object).into_iter().flatten();
        let words = fields.filter(|(name, _)| *name != "path").map(|(name, value)| {
            let option = name.replace('_', "-");
            match value {
                serde_json::Value::Bool(_) if name != "header" => format!("--{option}"),
                serde_json::Value::String(text) => format!("--{option}={text}"),
                serde_json::Value::Array(parts) => {
                    let parts: Vec<&str> = parts.iter().filter_map(serde_json::Value::as_str).collect();
                    format!("--{option}={}", parts.join(","))
                }
                other => format!("--{option}={other}"),
            }
        });
        words.collect()
    }

    /// The part that is held out for the test.
    #[must_use]
    pub fn test_part(&self) -> f64 {
        self.test_part.unwrap_or(0.2)
    }

    /// The seed that draws it.
    #[must_use]
    pub fn test_seed(&self) -> u64 {
        self.test_seed.unwrap_or(1)
    }
}

impl Extents {
    /// Width, height and channels; none for another number of extents.
    #[must_use]
    pub fn picture(&self) -> Option<[usize; 3]> {
        match self.0[..] {
            [width, height] => Some([width, height, 1]),
            [width, height, channels] => Some([width, height, channels]),
            _ => None,
        }
    }

    /// The two extents; none for another number.
    #[must_use]
    pub fn two(&self) -> Option<[usize; 2]> {
        self.0.as_slice().try_into().ok()
    }
}

impl FromStr for Extents {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let extent = |part: &str| part.trim().parse().ok().filter(|&extent| (1..=1 << 20).contains(&extent));
        let extents: Option<Vec<usize>> = text.split('x').map(extent).collect();
        let extents = extents.filter(|extents| (2..=3).contains(&extents.len()));
        extents.map(Self).ok_or_else(|| format!("{text:?} gives no extents; write 28x28 or 32x32x3"))
    }
}

impl Display for Extents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(usize::to_string).collect::<Vec<_>>().join("x"))
    }
}

impl TryFrom<String> for Extents {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Extents> for String {
    fn from(extents: Extents) -> Self {
        extents.to_string()
    }
}

/// A part of the samples from the command line.
fn part(text: &str) -> Result<f64, String> {
    let part = text.parse().ok().filter(|part| (0.0..1.0).contains(part));
    part.ok_or_else(|| "a part from 0 (nothing) to less than 1 is needed, such as 0.2".to_owned())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
const fn is_false(value: &bool) -> bool {
    !*value
}
