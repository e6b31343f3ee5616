//! A trained network with what is needed to use it, as safetensors.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::checksum;
use crate::data::{Classes, DatasetName, Split};
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
    /// Pixels in a row of an image.
    pub width: usize,
    /// Rows of an image.
    pub height: usize,
}

impl About {
    /// The format's version that is written now.
    pub const FORMAT: u32 = FORMAT;

    /// Whether the model learned from this data set.
    #[must_use]
    pub fn is_of(&self, dataset: DatasetName) -> bool {
        self.dataset == dataset.as_str()
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
        if HostNetwork::count(features, about.classes, recipe) != values(&tensors) {
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
        checksum::check(text, &tensors)?;
        Ok(Self { network, about })
    }
}

/// A network's [`Standard`] as tensors: name, shape, bytes. None where it has none.
#[must_use]
pub fn standard_tensors(Standard { mean, scale }: &Standard) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let tensors = [(MEAN, mean), (SCALE, scale)].into_iter().filter(|(_, values)| !values.is_empty());
    tensors.map(|(name, values)| (name.to_owned(), vec![values.len()], bytes(values))).collect()
}

impl About {
    /// Refuses a record of what this program does not know.
    fn check(&self) -> Result<(), String> {
        self.recipe.check().map_err(|error| error.to_string())?;
        self.dataset.parse::<DatasetName>().map_err(|error| error.to_string())?;
        self.split.parse::<Split>().map(drop).map_err(|error| error.to_string())
    }

    /// Features of an image.
    fn features(&self) -> Option<usize> {
        let features = self.recipe.features(self.width, self.height, self.classes);
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
