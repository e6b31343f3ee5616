//! A trained network with what is needed to use it, as safetensors.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::checksum;
use crate::data::{Classes, DatasetName, Options, Samples, Shape, Split};
use crate::features::Standard;
use crate::memory;
use crate::network::HostNetwork;
use crate::recipe::Recipe;

/// The version of the metadata that this program writes and reads.
const FORMAT: u32 = 1;

/// The one metadata entry: a single key keeps the file's bytes the same from run to run.
const KEY: &str = "forward-forward";

/// The tensors of a network's [`Standard`], where it has one.
const MEAN: &str = "input.mean";
const SCALE: &str = "input.scale";
const FILL: &str = "input.fill";

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
    /// Never for a network whose slices have the lengths that its shapes say.
    pub fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        Self::bytes_of(&self.network, &self.about)
    }

    /// The same of a model in parts.
    ///
    /// # Errors
    /// As [`Model::to_bytes`].
    pub fn bytes_of(network: &HostNetwork, about: &About) -> anyhow::Result<Vec<u8>> {
        let mut tensors = Vec::new();
        for (l, layer) in network.layers.iter().enumerate() {
            let shape = vec![layer.shape.inputs, layer.shape.outputs];
            tensors.push((format!("layer{l}.weights"), shape, bytes(&layer.weights)));
            tensors.push((format!("layer{l}.biases"), vec![layer.shape.outputs], bytes(&layer.biases)));
        }
        if !network.readout.is_empty() {
            let units = network.readout.len() / network.classes;
            tensors.push(("readout".to_owned(), vec![units, network.classes], bytes(&network.readout)));
        }
        tensors.extend(standard_tensors(&network.standard));
        let record = serde_json::to_string(about)?;
        let all = tensors.iter().map(|(name, _, bytes)| (name.as_str(), bytes.as_slice()));
        let checksum = checksum::of(&record, all.collect()).to_le_bytes();
        let views = tensors.iter().map(|(name, shape, bytes)| {
            TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.as_str(), view))
        });
        let mut views = views.collect::<Result<Vec<_>, _>>()?;
        views.push((checksum::NAME, TensorView::new(Dtype::U32, vec![1], &checksum)?));
        let about = HashMap::from([(KEY.to_owned(), record)]);
        Ok(safetensors::serialize(views, Some(about))?)
    }

    /// Loads a model from its file, or from the run folder that holds it.
    ///
    /// # Errors
    /// A file that cannot be read, is cut short, or does not hold what its metadata promise.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let path = if path.is_dir() { Cow::Owned(path.join(super::MODEL)) } else { Cow::Borrowed(path) };
        let bytes = fs::read(&path).map_err(|problem| ModelError::Read { path: path.to_path_buf(), problem })?;
        Self::from_bytes(&bytes).map_err(|problem| ModelError::Unusable { path: path.to_path_buf(), problem })
    }

    /// Whether there is a model: in a run folder, or as a file.
    #[must_use]
    pub fn is_at(path: &Path) -> bool {
        use std::io::Read;
        let file = if path.is_dir() { path.join(super::MODEL) } else { path.to_owned() };
        // The length of the header, then the header: JSON.
        let mut start = [0; 9];
        fs::File::open(file).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start[8] == b'{'
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
        let text = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
        let text = text.ok_or("it carries no training record")?;
        let about: About = serde_json::from_str(text).map_err(|error| format!("its training record: {error}"))?;
        if about.format != FORMAT {
            return Err(format!("it has format {}, this program reads format {FORMAT}", about.format));
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        about.check()?;
        let features = about.features().ok_or("its image size does not fit its classes")?;
        let recipe = &about.recipe;
        // Sizes are compared with the file's before anything that large is asked of the machine.
        let fills = about.fills();
        let count = HostNetwork::count(features, about.classes, recipe).and_then(|count| count.checked_add(fills));
        if count != values(&tensors) {
            return Err("its tensors do not have the shapes that its recipe says".to_owned());
        }
        memory::reserve(values(&tensors), 1).map_err(|error| error.to_string())?;
        let mut network = HostNetwork::zeroed(features, about.classes, recipe);
        for (l, layer) in network.layers.iter_mut().enumerate() {
            fill(&tensors, &format!("layer{l}.weights"), &mut layer.weights)?;
            fill(&tensors, &format!("layer{l}.biases"), &mut layer.biases)?;
        }
        if !network.readout.is_empty() {
            fill(&tensors, "readout", &mut network.readout)?;
        }
        if recipe.standardise {
            fill(&tensors, MEAN, &mut network.standard.mean)?;
            fill(&tensors, SCALE, &mut network.standard.scale)?;
        }
        if fills > 0 {
            network.standard.fill = vec![0.0; fills];
            fill(&tensors, FILL, &mut network.standard.fill)?;
        }
        checksum::check(text, &tensors)?;
        Ok(Self { network, about })
    }
}

/// A network's [`Standard`] as tensors: name, shape, bytes. None where it has none.
#[must_use]
pub fn standard_tensors(Standard { mean, scale, fill }: &Standard) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let tensors = [(MEAN, mean), (SCALE, scale), (FILL, fill)].into_iter().filter(|(_, values)| !values.is_empty());
    tensors.map(|(name, values)| (name.to_owned(), vec![values.len()], bytes(values))).collect()
}

impl About {
    /// Refuses a record of what this program does not know.
    fn check(&self) -> Result<(), String> {
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
    fn features(&self) -> Option<usize> {
        let features = self.recipe.features(&self.shape(), self.classes);
        features.filter(|_| (2..=256).contains(&self.classes))
    }
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// How many values a network's tensors hold.
fn values(tensors: &SafeTensors<'_>) -> Option<usize> {
    let learned = tensors.iter().filter(|(name, _)| *name != checksum::NAME);
    learned.map(|(_, view)| view.data().len() / 4).try_fold(0, usize::checked_add)
}

/// Copies a tensor of finite floats.
fn fill(tensors: &SafeTensors<'_>, name: &str, target: &mut [f32]) -> Result<(), String> {
    let view = tensors.tensor(name).map_err(|_| format!("tensor {name} is missing"))?;
    if view.dtype() != Dtype::F32 || view.data().len() != 4 * target.len() {
        return Err(format!("tensor {name} does not hold {} floats", target.len()));
    }
    let (floats, _) = view.data().as_chunks::<4>();
    for (target, bytes) in target.iter_mut().zip(floats) {
        *target = f32::from_le_bytes(*bytes);
    }
    if target.iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(format!("tensor {name} holds NaN or infinity"))
    }
}
