//! A file on its way into memory: unpacked where it is packed, with its progress told.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::super::{Fault, Progress};
use crate::files;

/// What a gzip file begins with.
pub(crate) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Bytes that are read at once.
const PIECE: usize = 1 << 18;

/// A file that tells how much of it has been read.
pub(crate) struct Watched<'a> {
    file: File,
    name: String,
    done: u64,
    total: Option<u64>,
    progress: &'a mut dyn Progress,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.done += count as u64;
        self.progress.download(&self.name, self.done, self.total);
        Ok(count)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.progress.download_ended();
    }
}

/// Opens a file, packed by gzip or not, whatever it is called.
pub(crate) fn open<'a>(path: &Path, progress: &'a mut dyn Progress) -> Result<Box<dyn BufRead + 'a>, Fault> {
    let fault = |error: io::Error| Fault::io(path, &error);
    let file = files::open(path, files::DATA).map_err(fault)?;
    let total = file.metadata().map(|about| about.len()).ok();
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut reader = BufReader::with_capacity(PIECE, Watched { file, name, done: 0, total, progress });
    let is_packed = reader.fill_buf().map_err(fault)?.starts_with(&GZIP);
    Ok(if is_packed {
        Box::new(BufReader::with_capacity(PIECE, MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}

/// The whole of a file, unpacked.
pub(crate) fn bytes(path: &Path, progress: &mut dyn Progress) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    open(path, progress)?.read_to_end(&mut bytes).map_err(|error| Fault::io(path, &error))?;
    Ok(bytes)
}

/// The first bytes of a file, unpacked: what it is recognised by.
pub(crate) fn start(path: &Path) -> Result<Vec<u8>, Fault> {
    const START: u64 = 4096;
    let mut start = Vec::new();
    let mut silent = super::super::Silent;
    open(path, &mut silent)?.take(START).read_to_end(&mut start).map_err(|error| Fault::io(path, &error))?;
    Ok(start)
}
