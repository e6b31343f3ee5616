//! One IDX file, gzip or plain: read within bounds and checked in full, before anything parses it.
//!
//! The format: a magic number, then the number of items (for images also of rows and columns), each
//! as four bytes, the highest first; then one byte a pixel or a label.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use sha2::Digest;

use super::published::{IdxFile, Kind, Sha256};
use super::{DataError, Problem};
use crate::files;

/// How many classes there are: labels are `0..CLASSES`.
pub(super) const CLASSES: usize = 10;
/// Pixels in a row, and rows; the parser knows no other size.
pub(super) const SIDE: usize = 28;

/// Bytes before the first pixel, and before the first label.
pub(super) const IMAGES_HEADER: usize = 16;
pub(super) const LABELS_HEADER: usize = 8;

/// What a gzip file begins with; an IDX file begins with two zeros.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file's decompressed bytes, checked, with their checksum.
#[derive(Debug)]
pub struct Checked {
    /// The bytes, header and all.
    pub bytes: Vec<u8>,
    /// Their checksum.
    pub sha256: Sha256,
}

/// Reads and checks a file on disk.
pub(super) fn read(path: &Path, file: &IdxFile) -> Result<Checked, DataError> {
    let open = files::open(path, files::IDX).map_err(Problem::Read);
    let checked = open.and_then(|reader| check(BufReader::new(reader), file));
    checked.map_err(|problem| DataError::BadFile { path: path.to_owned(), problem })
}

/// Reads everything there is, but never more than one byte beyond what the file should have, and
/// checks it: compression, header, length, labels.
///
/// # Errors
/// What is wrong with it, the first that shows.
pub fn check(reader: impl BufRead, file: &IdxFile) -> Result<Checked, Problem> {
    let bytes = decompress(reader, file.bytes() + 1)?;
    check_header(&bytes, file)?;
    check_length(&bytes, file)?;
    check_labels(&bytes, file)?;
    let sha256 = sha2::Sha256::digest(&bytes).into();
    Ok(Checked { bytes, sha256 })
}

impl IdxFile {
    /// What the file holds, for messages.
    const fn items(&self) -> &'static str {
        match self.kind {
            Kind::Images => "images",
            Kind::Labels => "labels",
        }
    }

    const fn header_bytes(&self) -> usize {
        match self.kind {
            Kind::Images => IMAGES_HEADER,
            Kind::Labels => LABELS_HEADER,
        }
    }

    const fn magic(&self) -> u32 {
        match self.kind {
            Kind::Images => 0x0803,
            Kind::Labels => 0x0801,
        }
    }

    /// The decompressed length.
    pub(super) const fn bytes(&self) -> usize {
        let item = match self.kind {
            Kind::Images => SIDE * SIDE,
            Kind::Labels => 1,
        };
        self.header_bytes() + self.count as usize * item
    }
}

/// The first `limit` bytes, decompressed where they begin like gzip, whatever the file is called.
/// The decoder sees the end of a file that is not too long, and so verifies gzip's own checksum.
fn decompress(mut reader: impl BufRead, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut start = Vec::new();
    (&mut reader).take(2).read_to_end(&mut start).map_err(Problem::Read)?;
    let is_gzip = start == GZIP;
    let whole = io::Cursor::new(start).chain(reader);
    if is_gzip {
        read_up_to(limit, MultiGzDecoder::new(whole)).map_err(gzip_problem)
    } else {
        read_up_to(limit, whole).map_err(Problem::Read)
    }
}

fn read_up_to(limit: usize, reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The decoder passes on errors of the file or connection below it; these are not the gzip's fault.
fn gzip_problem(error: io::Error) -> Problem {
    match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Problem::Gzip(error),
        _ => Problem::Read(error),
    }
}

fn check_header(bytes: &[u8], file: &IdxFile) -> Result<(), Problem> {
    let (wanted, header) = (file.items(), file.header_bytes());
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    let magic = file.magic().to_be_bytes();
    if !bytes.starts_with(&magic[..magic.len().min(bytes.len())]) {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(16)]).into_owned();
        return Err(Problem::Magic { wanted, start });
    }
    let short = Problem::Header { found: bytes.len(), header };
    let mut fields = bytes.get(4..header).ok_or(short)?.chunks_exact(4).map(big_endian);
    let count = fields.next().unwrap_or(0);
    if let (Some(height), Some(width)) = (fields.next(), fields.next())
        && [height, width] != [SIDE as u32; 2]
    {
        return Err(Problem::Size { width, height });
    }
    if count != file.count {
        return Err(Problem::Count { wanted, found: count, expected: file.count });
    }
    Ok(())
}

fn big_endian(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

fn check_length(bytes: &[u8], file: &IdxFile) -> Result<(), Problem> {
    let (found, expected) = (bytes.len(), file.bytes());
    if found < expected {
        return Err(Problem::Short { found, expected });
    }
    if found > expected {
        return Err(Problem::Long { expected });
    }
    Ok(())
}

fn check_labels(bytes: &[u8], file: &IdxFile) -> Result<(), Problem> {
    if file.kind == Kind::Images {
        return Ok(());
    }
    let labels = &bytes[file.header_bytes()..];
    match labels.iter().position(|&label| usize::from(label) >= CLASSES) {
        Some(index) => Err(Problem::Label { index, label: labels[index] }),
        None => Ok(()),
    }
}
