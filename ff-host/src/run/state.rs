//! `state.safetensors`: what a run goes on from.
//!
//! It is sufficient by itself: the training record, the metrics so far, how the run is to be conducted, and every
//! array that training changes (the weights, the optimiser's moments, the weights' average once it was begun, peer
//! normalisation's means). It takes two to four times the model's size. Of a run's files it is the last to be
//! replaced, so it counts what is over; if a process is killed before, the epoch is learned again, to the same bits.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::header;
use super::tensors::{self, Contents};
use super::{About, Keep, Metrics, ModelError};
use crate::files;
use crate::train::{Position, Trainer};

/// The most bytes of a state's header, which holds what was measured after every epoch.
const MOST_HEADER: u64 = 64 << 20;

/// Whether so many bytes may be those of a record's arrays: its network, what an optimiser keeps beside it, the
/// weights' average and peer normalisation's means.
fn fits(record: &str, bytes: u64) -> Result<(), String> {
    let record: StateRecord = serde_json::from_str(record).map_err(|error| error.to_string())?;
    record.about.check()?;
    if bytes / 4 <= 5 * record.about.values()? as u64 {
        Ok(())
    } else {
        Err("it holds more than its recipe says".to_owned())
    }
}

/// Everything about a run but its arrays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateRecord {
    /// What the model is.
    pub about: About,
    /// What was measured so far.
    pub metrics: Metrics,
    /// Where training stands.
    pub position: Position,
    /// How the run is conducted.
    pub conduct: Conduct,
}

/// How a run is conducted, beside its recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conduct {
    /// Which epoch's model the run keeps as its own.
    pub keep: Keep,
    /// After how many epochs without fewer validation errors it ends; none for never.
    pub patience: Option<usize>,
    /// After how many epochs the validation images are classified by goodness.
    pub goodness_every: usize,
    /// Whether the test images stay unread.
    pub no_test: bool,
    /// Whether it ends as soon as it is seen to learn nothing.
    pub stop_when_dead: bool,
}

/// A state as it was read.
#[derive(Debug)]
pub struct State {
    /// All but its arrays.
    pub record: StateRecord,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl State {
    /// The file's bytes.
    ///
    /// # Errors
    /// None for a trainer as it is made.
    pub fn bytes_of<K>(record: &StateRecord, trainer: &Trainer<K>) -> anyhow::Result<Vec<u8>> {
        tensors::encode(serde_json::to_string(record)?, &trainer.arrays())
    }

    /// Reads the state of a run folder, and checks it.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, or is of another version.
    pub fn load(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join(super::STATE);
        let bytes = header::read(&path, files::MODEL, MOST_HEADER, &fits)?;
        match Self::record(&bytes) {
            Ok(record) => Ok(Self { record, path, bytes }),
            Err(problem) => Err(ModelError::Unusable { path, problem }),
        }
    }

    fn record(bytes: &[u8]) -> Result<StateRecord, String> {
        let contents = Contents::read(bytes)?;
        contents.check()?;
        let record: StateRecord = serde_json::from_str(contents.record()).map_err(|error| error.to_string())?;
        record.about.check()?;
        Ok(record)
    }

    /// Brings a fresh trainer of the same recipe, images and seed to where this one stood.
    ///
    /// # Errors
    /// Arrays of other sizes.
    pub fn restore<K>(&self, trainer: &mut Trainer<K>) -> Result<(), ModelError> {
        trainer.set_position(&self.record.position);
        let filled = Contents::read(&self.bytes).and_then(|contents| contents.fill_all(trainer.arrays_mut()));
        filled.map_err(|problem| ModelError::Unusable { path: self.path.clone(), problem })
    }
}
