//! A trained network with what is needed to use it: `model.safetensors`.
//!
//! The file is [safetensors](https://github.com/huggingface/safetensors): eight bytes with the length of a JSON
//! header, the header (name, type, shape and place of every tensor), then the values, little-endian. A tensor's
//! shape is that of its bytes, the last index running fastest, so NumPy reads each of them as it is. With `L` layers
//! of `n_0, n_1, ..` units, layer `l` from 0:
//!
//! | tensor | type | shape | what |
//! |---|---|---|---|
//! | `layer<l>.weights` | F32 | inputs x units | weights; the first layer's first rows are the label's inputs, one a class, where its rule feeds the label in |
//! | `layer<l>.biases` | F32 | units | biases |
//! | `layer<l>.readout` | F32 | units x classes | the softmax readout of a contrastive rule, of all layers but the first (of a single layer, its own) |
//! | `layer<l>.readout` | F32 | classes x units | the label rows of `n-way` and `local-cross-entropy`, of every layer |
//! | `input.mean`, `input.scale` | F32 | features | where the recipe standardises: `(feature - mean) * scale` comes first |
//! | `input.fill` | F32 | values of a sample | what missing values are filled with, where any may be missing |
//! | `checksum` | U32 | 1 | CRC-32 of the metadata's record, then of all other tensors' bytes in the order of their names |
//!
//! The metadata have one entry, `forward-forward`: a JSON record ([`About`]) with the format's version, the whole
//! recipe, the data set, and the number of classes.
//!
//! Formats: 2 is written; 1, read still, had all layers' readouts or label rows in one tensor `readout` that was
//! declared units x classes whatever its bytes were, and its earliest files have no checksum.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::header;
use super::tensors::{self, Contents};
use crate::data::{Classes, DatasetName, Options, Samples, Shape, Split};
use crate::files;
use crate::memory;
use crate::network::HostNetwork;
use crate::recipe::Recipe;
use crate::rule::Reading;

/// The version of the file that this program writes.
const FORMAT: u32 = 2;

/// Up to this version all of the readout was one tensor, [`READOUT`].
const WHOLE_READOUT: u32 = 1;

/// The tensor of all readouts or label rows in early versions, whose shape was not that of its bytes.
const READOUT: &str = "readout";

/// The most bytes of a model's header, which has some 4 KiB for eight layers.
const MOST_HEADER: u64 = 1 << 20;

/// Draws the samples for validation, where a part of every class is held out: the same for every seed of the
/// weights, so that runs can be compared.
const VALIDATION_SEED: u64 = 2;

/// A trained network and how it came to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// What was learned.
    pub network: HostNetwork,
    /// How.
    pub about: About,
}

/// How a model came to be, and which images it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The format's version.
    pub format: u32,
    /// The recipe, whole.
    pub recipe: Recipe,
    /// The data set that it learned from.
    pub dataset: String,
    /// How that was divided.
    pub split: String,
    /// CRC-32 of the data set's images and labels; null from earlier versions.
    #[serde(default)]
    pub data_checksum: Option<u32>,
    /// How many of the last training images were held out.
    pub validation: usize,
    /// The seed.
    pub seed: u64,
    /// Epochs that were finished.
    pub epochs: usize,
    /// Classes.
    pub classes: usize,
    /// The classes that it learned, and is tested on; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned_classes: Option<Classes>,
    /// Values in a row of a sample: pixels of a picture.
    pub width: usize,
    /// Rows of a sample.
    pub height: usize,
    /// What a sample is made of; none for a grey picture of that width and height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// The stored value that stands for 1.0; none for that of the data set with this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u8>,
    /// What the classes are called; empty for the names of the data set's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_names: Vec<String>,
    /// The part of the training samples that was held out for validation, the same of every class; none where
    /// these are the last `validation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_part: Option<f64>,
    /// How own data were read and divided; none for a data set that this program knows by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Options>,
    /// What logits are divided by before a softmax makes probabilities of them.
    #[serde(default, skip_serializing_if = "Temperatures::are_unknown")]
    pub temperatures: Temperatures,
}

/// The temperatures that were fitted on validation samples, for each way to read the network; none where no such
/// samples were read in the model's epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Temperatures {
    /// For the goodness of the classes.
    pub goodness: Option<f64>,
    /// For the readout, or the layers' own classifiers.
    pub readout: Option<f64>,
}

impl Temperatures {
    /// That of a reading; none where it was not fitted, and 1 is as good as any.
    #[must_use]
    pub const fn of(&self, reading: Reading) -> Option<f64> {
        match reading {
            Reading::Goodness => self.goodness,
            Reading::Readout => self.readout,
        }
    }

    const fn are_unknown(&self) -> bool {
        self.goodness.is_none() && self.readout.is_none()
    }
}

impl About {
    /// The format's version that is written now.
    pub const FORMAT: u32 = FORMAT;

    /// Whether the model learned from the data set of this name.
    #[must_use]
    pub fn is_of(&self, dataset: &str) -> bool {
        self.dataset == dataset
    }

    /// What a sample is made of.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape.clone().unwrap_or_else(|| Shape::grey(self.width, self.height))
    }

    /// What the classes are called.
    #[must_use]
    pub fn class_names(&self) -> Vec<String> {
        match (&self.class_names[..], self.dataset.parse::<DatasetName>()) {
            ([], Ok(known)) => known.class_names(),
            ([], Err(_)) => (0..self.classes).map(|class| class.to_string()).collect(),
            (names, _) => names.to_vec(),
        }
    }

    /// The stored value that stands for 1.0.
    #[must_use]
    pub fn maximum(&self) -> u8 {
        let known = || self.dataset.parse::<DatasetName>().map_or(u8::MAX, DatasetName::maximum);
        self.maximum.unwrap_or_else(known)
    }

    /// The training samples as they were divided: those learned from, and those held out for validation.
    ///
    /// # Errors
    /// Fewer samples than were held out.
    pub fn divide(&self, train: &Samples) -> Result<(Samples, Samples), ff_core::error::Error> {
        match self.validation_part {
            Some(part) => Ok(train.hold_out(part, VALIDATION_SEED)),
            None => train.split_last(self.validation),
        }
    }
}

/// Why a model file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It cannot be read at all.
    #[error("cannot read the model {path}: {problem}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: std::io::Error,
    },
    /// It is not a model of this program.
    #[error("{path} is no usable model: {problem}; train one with `ff train`")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl Model {
    /// The file's bytes: the same for the same model.
    ///
    /// # Errors
    /// None for a network whose slices have the lengths that its shapes say.
    pub fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        Self::bytes_of(&self.network, &self.about)
    }

    /// The same of a model in parts.
    ///
    /// # Errors
    /// As [`Model::to_bytes`].
    pub fn bytes_of(network: &HostNetwork, about: &About) -> anyhow::Result<Vec<u8>> {
        tensors::encode(serde_json::to_string(about)?, &network.arrays(&about.recipe))
    }

    /// Loads a model from its file, or from the run folder that holds it.
    ///
    /// # Errors
    /// A file that cannot be read, is cut short, or does not hold what its metadata promise.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let path = if path.is_dir() { Cow::Owned(path.join(super::MODEL)) } else { Cow::Borrowed(path) };
        let bytes = header::read(&path, files::MODEL, MOST_HEADER, &About::fits)?;
        Self::from_bytes(&bytes).map_err(|problem| ModelError::Unusable { path: path.to_path_buf(), problem })
    }

    /// Whether there is a model: in a run folder, or as a file.
    #[must_use]
    pub fn is_at(path: &Path) -> bool {
        use std::io::Read;
        let file = if path.is_dir() { path.join(super::MODEL) } else { path.to_owned() };
        // The length of the header, then the header: JSON.
        let mut start = [0; 9];
        let file = files::open(&file, files::MODEL);
        file.and_then(|mut file| file.read_exact(&mut start)).is_ok() && start[8] == b'{'
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let contents = Contents::read(bytes)?;
        let about = About::parse(contents.record())?;
        let (features, recipe) = (about.features()?, &about.recipe);
        // Sizes are compared with the file's before anything that large is asked of the machine.
        let fills = about.fills();
        let count = HostNetwork::count(features, about.classes, recipe).and_then(|count| count.checked_add(fills));
        if count != contents.values() {
            return Err("its tensors do not have the shapes that its recipe says".to_owned());
        }
        memory::reserve(contents.values(), 1).map_err(|error| error.to_string())?;
        let mut network = HostNetwork::zeroed(features, about.classes, recipe);
        network.standard.fill = vec![0.0; fills];
        let mut arrays = network.arrays_mut(recipe);
        if about.format <= WHOLE_READOUT {
            arrays.retain(|array| !array.name.ends_with(READOUT));
        }
        contents.fill_all(arrays)?;
        if about.format <= WHOLE_READOUT && !network.readout.is_empty() {
            contents.fill(READOUT, &mut network.readout)?;
        }
        contents.check()?;
        // As it would be written again.
        Ok(Self { network, about: About { format: FORMAT, ..about } })
    }
}

impl About {
    /// Reads a record, of this version or an earlier one.
    fn parse(record: &str) -> Result<Self, String> {
        let about: Self = serde_json::from_str(record).map_err(|error| format!("its training record: {error}"))?;
        about.check()?;
        Ok(about)
    }

    /// Whether so many bytes are those of a record's network. A checksum, which early versions did not write, is
    /// four more.
    fn fits(record: &str, bytes: u64) -> Result<(), String> {
        let values = Self::parse(record)?.values()? as u64;
        if bytes == 4 * values || bytes == 4 * values + 4 {
            Ok(())
        } else {
            Err("it is cut short, or its tensors do not have the shapes that its recipe says".to_owned())
        }
    }

    /// How many values its network has.
    pub(super) fn values(&self) -> Result<usize, String> {
        let network = HostNetwork::count(self.features()?, self.classes, &self.recipe);
        let values = network.and_then(|values| values.checked_add(self.fills()));
        values.filter(|&values| values < 1 << 40).ok_or_else(|| "its network is larger than any memory".to_owned())
    }

    /// Refuses a record of another version, or of what this program does not know.
    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=FORMAT).contains(&self.format) {
            return Err(format!("it has format {}, this program reads formats 1 to {FORMAT}", self.format));
        }
        self.recipe.check().map_err(|error| error.to_string())?;
        let extents = self.shape().extents();
        if self.own.is_some() {
            let fits = [extents[2], extents[1]] == [self.width, self.height] && !extents.contains(&0);
            return if fits { Ok(()) } else { Err("its samples' shape contradicts itself".to_owned()) };
        }
        self.dataset.parse::<DatasetName>().map_err(|error| error.to_string())?;
        self.split.parse::<Split>().map(drop).map_err(|error| error.to_string())
    }

    /// How many values fill missing ones.
    fn fills(&self) -> usize {
        let may_be_missing = self.own.as_ref().is_some_and(|own| own.fill.is_some());
        if may_be_missing { self.shape().len() } else { 0 }
    }

    /// Features of a sample.
    fn features(&self) -> Result<usize, String> {
        let features = self.recipe.features(&self.shape(), self.classes);
        let features = features.filter(|_| (2..=256).contains(&self.classes));
        features.ok_or_else(|| "its samples' size does not fit its classes".to_owned())
    }
}
