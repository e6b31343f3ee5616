//! A trained network with what is needed to use it, as safetensors.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ff_core::layer::Shape;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::checksum;
use super::header::{self, KEY};
use crate::data::{Classes, DatasetName, Split};
use crate::features::Standard;
use crate::files;
use crate::memory;
use crate::network::{HostLayer, HostNetwork};
use crate::recipe::Recipe;

/// The version of the metadata that this program writes and reads.
const FORMAT: u32 = 1;

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
        let unusable = |problem| ModelError::Unusable { path: path.to_path_buf(), problem };
        let read = Self::read(&path).map_err(|problem| ModelError::Read { path: path.to_path_buf(), problem });
        read?.map_err(unusable)
    }

    /// The model in a file, or what is wrong with the file. One of any size is told from a model before it is
    /// read.
    fn read(path: &Path) -> io::Result<Result<Self, String>> {
        let mut file = files::open(path, files::MODEL)?;
        let length = file.metadata()?.len();
        let mut bytes = Vec::new();
        let promised = header::read(&mut file, &mut bytes)?.and_then(|record| {
            let (about, values) = About::read(&record)?;
            check_length(length.saturating_sub(bytes.len() as u64), values)?;
            Ok((record, about, values))
        });
        let (record, about, values) = match promised {
            Ok(promised) => promised,
            Err(problem) => return Ok(Err(problem)),
        };
        // Its bytes, and the network that they become.
        if let Err(problem) = memory::reserve(Some(values), 2) {
            return Ok(Err(problem.to_string()));
        }
        file.take(length).read_to_end(&mut bytes)?;
        Ok(Self::from_bytes(&bytes, &record, about))
    }

    fn from_bytes(bytes: &[u8], record: &str, about: About) -> Result<Self, String> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let recipe = &about.recipe;
        let features = about.features().ok_or("its image size does not fit its classes")?;
        let mut network = HostNetwork::zeroed(features, about.classes, recipe);
        for (l, HostLayer { shape: Shape { inputs, outputs }, weights, biases }) in
            network.layers.iter_mut().enumerate()
        {
            fill(&tensors, &format!("layer{l}.weights"), &[*inputs, *outputs], weights)?;
            fill(&tensors, &format!("layer{l}.biases"), &[*outputs], biases)?;
        }
        if !network.readout.is_empty() {
            let units = network.readout.len() / about.classes;
            fill(&tensors, "readout", &[units, about.classes], &mut network.readout)?;
        }
        if recipe.standardise {
            fill(&tensors, MEAN, &[features], &mut network.standard.mean)?;
            fill(&tensors, SCALE, &[features], &mut network.standard.scale)?;
        }
        checksum::check(record, &tensors)?;
        Ok(Self { network, about })
    }
}

/// Compares the length of a file's tensors with the values that its record promises. A checksum, which
/// earlier versions did not write, is one more.
fn check_length(bytes: u64, values: usize) -> Result<(), String> {
    let fits = |more: usize| {
        values.checked_add(more).and_then(|all| all.checked_mul(4)).is_some_and(|all| all as u64 == bytes)
    };
    if fits(0) || fits(1) {
        Ok(())
    } else {
        Err("it is cut short, or its tensors do not have the shapes that its recipe says".to_owned())
    }
}

/// A network's [`Standard`] as tensors: name, shape, bytes. None where it has none.
#[must_use]
pub fn standard_tensors(Standard { mean, scale }: &Standard) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let tensors = [(MEAN, mean), (SCALE, scale)].into_iter().filter(|(_, values)| !values.is_empty());
    tensors.map(|(name, values)| (name.to_owned(), vec![values.len()], bytes(values))).collect()
}

impl About {
    /// The record in a text, checked, and how many values its network has.
    fn read(text: &str) -> Result<(Self, usize), String> {
        let about: Self = serde_json::from_str(text).map_err(|error| format!("its training record: {error}"))?;
        if about.format != FORMAT {
            return Err(format!("it has format {}, this program reads format {FORMAT}", about.format));
        }
        about.check()?;
        let features = about.features().ok_or("its image size does not fit its classes")?;
        let values = HostNetwork::count(features, about.classes, &about.recipe);
        Ok((about, values.ok_or("its network is larger than any machine's memory")?))
    }

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

/// Copies a tensor of finite floats of a shape.
fn fill(tensors: &SafeTensors<'_>, name: &str, shape: &[usize], target: &mut [f32]) -> Result<(), String> {
    let view = tensors.tensor(name).map_err(|_| format!("tensor {name} is missing"))?;
    if view.dtype() != Dtype::F32 || view.shape() != shape || view.data().len() != 4 * target.len() {
        return Err(format!("tensor {name} does not hold floats of shape {shape:?}"));
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
