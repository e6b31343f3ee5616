//! The beginning of a file of arrays, read by itself: a file of any size is told from a real one before the rest
//! of it is read.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;

use super::ModelError;
use crate::files::{self, Kind};
use crate::memory;

/// The one metadata entry: a single key keeps the file's bytes the same from run to run.
pub(super) const KEY: &str = "forward-forward";

/// The most arrays: three for each of eight layers, with all that an optimiser keeps beside them.
const MOST_ARRAYS: usize = 256;

/// What a file has to fit: `Ok` where so many bytes of arrays go with this record.
pub(super) type Fits<'a> = &'a dyn Fn(&str, u64) -> Result<(), String>;

/// What a header tells; what it says of arrays is left to the library.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__", default)]
    metadata: HashMap<String, String>,
}

/// All bytes of a file whose header has at most `most` bytes and goes with its length.
pub(super) fn read(path: &Path, kind: Kind, most: u64, fits: Fits<'_>) -> Result<Vec<u8>, ModelError> {
    let cannot_read = |problem| ModelError::Read { path: path.to_owned(), problem };
    let unusable = |problem| ModelError::Unusable { path: path.to_owned(), problem };
    let mut file = files::open(path, kind).map_err(cannot_read)?;
    let length = file.metadata().map_err(cannot_read)?.len();
    let mut bytes = Vec::new();
    let record = start(&mut file, most, &mut bytes).map_err(cannot_read)?;
    let rest = length.saturating_sub(bytes.len() as u64);
    record.and_then(|record| fits(&record, rest)).map_err(unusable)?;
    let floats = usize::try_from(length / 4).ok();
    memory::reserve(floats, 1).map_err(|error| unusable(error.to_string()))?;
    file.take(rest).read_to_end(&mut bytes).map_err(cannot_read)?;
    Ok(bytes)
}

/// Reads the header's length and the header into `bytes`; the record that it carries, or what is wrong with it.
fn start(file: &mut File, most: u64, bytes: &mut Vec<u8>) -> io::Result<Result<String, String>> {
    file.take(8).read_to_end(bytes)?;
    let Some(length) = bytes.first_chunk().map(|length| u64::from_le_bytes(*length)) else {
        return Ok(Err("it is cut short".to_owned()));
    };
    if length > most {
        return Ok(Err(format!("its header has {length} bytes, and such a file's at most {most}")));
    }
    file.take(length).read_to_end(bytes)?;
    let header = bytes.split_at(8).1;
    Ok(if header.len() as u64 == length { record(header) } else { Err("it is cut short".to_owned()) })
}

fn record(header: &[u8]) -> Result<String, String> {
    const EACH: &[u8] = br#""dtype""#;
    if header.windows(EACH.len()).filter(|window| *window == EACH).count() > MOST_ARRAYS {
        return Err(format!("it holds more than {MOST_ARRAYS} arrays"));
    }
    let mut header: Header = serde_json::from_slice(header).map_err(|error| format!("its header: {error}"))?;
    header.metadata.remove(KEY).ok_or_else(|| "it carries no training record".to_owned())
}
