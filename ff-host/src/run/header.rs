//! The beginning of a model file, read by itself: it tells how long the rest is to be.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};

use serde::Deserialize;

/// The one metadata entry: a single key keeps the file's bytes the same from run to run.
pub(super) const KEY: &str = "forward-forward";

/// The most bytes of a header. With eight layers it takes some 4 KiB.
const MOST: u64 = 1 << 20;

/// What a header tells; what it says of tensors is left to the library.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__", default)]
    metadata: HashMap<String, String>,
}

/// Reads the header's length and the header into `bytes`; the training record that it carries, or what is
/// wrong with it.
pub(super) fn read(file: &mut File, bytes: &mut Vec<u8>) -> io::Result<Result<String, String>> {
    file.take(8).read_to_end(bytes)?;
    let Some(length) = bytes.first_chunk().map(|length| u64::from_le_bytes(*length)) else {
        return Ok(Err("it is cut short".to_owned()));
    };
    if length > MOST {
        return Ok(Err(format!("its header has {length} bytes, and a model's at most {MOST}")));
    }
    file.take(length).read_to_end(bytes)?;
    let header = bytes.split_at(8).1;
    if (header.len() as u64) < length {
        return Ok(Err("it is cut short".to_owned()));
    }
    Ok(record(header))
}

fn record(header: &[u8]) -> Result<String, String> {
    let mut header: Header = serde_json::from_slice(header).map_err(|error| format!("its header: {error}"))?;
    header.metadata.remove(KEY).ok_or_else(|| "it carries no training record".to_owned())
}
