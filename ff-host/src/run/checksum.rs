//! The checksum in a model file: a flipped bit is an error and not another result.

use safetensors::tensor::{Dtype, SafeTensors};

/// The tensor that holds it: one word.
pub(super) const NAME: &str = "checksum";

/// CRC-32 of the training record and of all tensors' bytes, in the order of their names.
pub(super) fn of(record: &str, mut tensors: Vec<(&str, &[u8])>) -> u32 {
    tensors.sort_unstable_by_key(|&(name, _)| name);
    let mut sum = crc32fast::Hasher::new();
    sum.update(record.as_bytes());
    tensors.iter().for_each(|(_, bytes)| sum.update(bytes));
    sum.finalize()
}

/// Compares a file's checksum with what the file holds. One without, as earlier versions wrote it, passes.
pub(super) fn check(record: &str, tensors: &SafeTensors<'_>) -> Result<(), String> {
    let Ok(kept) = tensors.tensor(NAME) else { return Ok(()) };
    let others = tensors.iter().filter(|(name, _)| *name != NAME);
    let found = of(record, others.map(|(name, view)| (name, view.data())).collect());
    if kept.dtype() == Dtype::U32 && kept.data() == found.to_le_bytes() {
        Ok(())
    } else {
        Err("it is damaged: its checksum is not that of what it holds".to_owned())
    }
}
