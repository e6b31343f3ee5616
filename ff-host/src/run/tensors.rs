//! Files of arrays: safetensors with one record of text and a checksum of it all, so that a flipped bit is an
//! error and not another result.

use std::borrow::Cow;
use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, View};

use super::header::KEY;
use crate::arrays::Array;

/// The tensor that holds the checksum: one word.
const CHECKSUM: &str = "checksum";

/// A file's bytes: the same for the same record and the same arrays.
///
/// # Errors
/// [`NotFinite`], and an array that does not hold as many values as its shape says.
pub(super) fn encode(record: String, arrays: &[Array<&[f32]>]) -> anyhow::Result<Vec<u8>> {
    arrays.iter().try_for_each(|array| finite(&array.name, array.values)).map_err(NotFinite)?;
    let sum = checksum(&record, arrays).to_le_bytes();
    let tensors = arrays.iter().map(|array| (array.name.as_str(), Tensor::Floats(array)));
    let tensors = tensors.chain([(CHECKSUM, Tensor::Word(sum))]);
    Ok(safetensors::serialize(tensors, Some(HashMap::from([(KEY.to_owned(), record)])))?)
}

/// CRC-32 of the record and of all arrays' bytes, in the order of their names.
fn checksum(record: &str, arrays: &[Array<&[f32]>]) -> u32 {
    let mut arrays: Vec<_> = arrays.iter().collect();
    arrays.sort_unstable_by_key(|array| &array.name);
    let mut sum = crc32fast::Hasher::new();
    sum.update(record.as_bytes());
    arrays.iter().for_each(|array| sum.update(&bytes(array.values)));
    sum.finalize()
}

/// Arrays that no file takes, for nothing could be done with them.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotFinite(String);

fn finite(name: &str, values: &[f32]) -> Result<(), String> {
    if values.iter().all(|value| value.is_finite()) {
        Ok(())
    } else {
        Err(format!("tensor {name} holds NaN or infinity"))
    }
}

/// What a file holds, still as bytes.
pub(super) struct Contents<'a> {
    record: String,
    tensors: SafeTensors<'a>,
}

impl<'a> Contents<'a> {
    /// Reads a file's bytes, all but the values.
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
        let record = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
        let record = record.ok_or("it carries no training record")?.clone();
        Ok(Self { record, tensors: SafeTensors::deserialize(bytes).map_err(|error| error.to_string())? })
    }

    /// The record.
    pub fn record(&self) -> &str {
        &self.record
    }

    /// How many values its arrays hold.
    pub fn values(&self) -> Option<usize> {
        let arrays = self.tensors.iter().filter(|(name, _)| *name != CHECKSUM);
        arrays.map(|(_, view)| view.data().len() / 4).try_fold(0, usize::checked_add)
    }

    /// Compares the checksum with what the file holds. A file without one, as early versions wrote it, passes.
    pub fn check(&self) -> Result<(), String> {
        let Ok(kept) = self.tensors.tensor(CHECKSUM) else { return Ok(()) };
        let mut arrays: Vec<_> = self.tensors.iter().filter(|(name, _)| *name != CHECKSUM).collect();
        arrays.sort_unstable_by_key(|&(name, _)| name);
        let mut sum = crc32fast::Hasher::new();
        sum.update(self.record.as_bytes());
        arrays.iter().for_each(|(_, view)| sum.update(view.data()));
        if kept.dtype() == Dtype::U32 && kept.data() == sum.finalize().to_le_bytes() {
            Ok(())
        } else {
            Err("it is damaged: its checksum is not that of what it holds".to_owned())
        }
    }

    /// Copies an array of finite floats, whatever shape its file says that it has.
    pub fn fill(&self, name: &str, target: &mut [f32]) -> Result<(), String> {
        let view = self.tensors.tensor(name).map_err(|_| format!("tensor {name} is missing"))?;
        if view.dtype() != Dtype::F32 || view.data().len() != 4 * target.len() {
            return Err(format!("tensor {name} does not hold {} floats", target.len()));
        }
        let (floats, _) = view.data().as_chunks::<4>();
        for (target, bytes) in target.iter_mut().zip(floats) {
            *target = f32::from_le_bytes(*bytes);
        }
        finite(name, target)
    }

    /// Copies all of them, each into the array of its name and its shape.
    pub fn fill_all(&self, arrays: Vec<Array<&mut [f32]>>) -> Result<(), String> {
        arrays.into_iter().try_for_each(|Array { name, shape, values }| match self.tensors.tensor(&name) {
            Ok(view) if view.shape() != shape => Err(format!("tensor {name} does not have the shape {shape:?}")),
            _ => self.fill(&name, values),
        })
    }
}

impl<V: AsRef<[f32]>> View for &Array<V> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        bytes(self.values.as_ref()).into()
    }

    fn data_len(&self) -> usize {
        4 * self.values.as_ref().len()
    }
}

/// Either of the two kinds of tensors.
enum Tensor<'a> {
    Floats(&'a Array<&'a [f32]>),
    Word([u8; 4]),
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self {
            Self::Floats(array) => array.dtype(),
            Self::Word(_) => Dtype::U32,
        }
    }

    fn shape(&self) -> &[usize] {
        match self {
            Self::Floats(array) => &array.shape,
            Self::Word(_) => &[1],
        }
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Floats(array) => array.data(),
            Self::Word(word) => word.into(),
        }
    }

    fn data_len(&self) -> usize {
        self.data().len()
    }
}

/// Little-endian, as everything in such files.
fn bytes(values: &[f32]) -> Vec<u8> {
    let mut bytes = vec![0; 4 * values.len()];
    let (words, _) = bytes.as_chunks_mut::<4>();
    words.iter_mut().zip(values).for_each(|(word, value)| *word = value.to_le_bytes());
    bytes
}
