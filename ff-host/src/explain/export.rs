//! Maps for other tools, written as they come.
//!
//! The array format is 20 lines when only one shape and type is written; the libraries for it want
//! the whole array in memory or bring an array type with them.

use std::io::{BufWriter, Write};

use anyhow::{Context, ensure};

use crate::files::{Folder, Unfinished};

/// A `.npy` file of `count` maps: 32-bit floats, count x height x width. It takes its name when it
/// is whole.
pub struct Npy {
    file: BufWriter<Unfinished>,
    /// Values that are still to come.
    missing: usize,
}

impl Npy {
    /// Begins the file beside its final place.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn create(folder: &Folder, name: &str, count: usize, height: usize, width: usize) -> anyhow::Result<Self> {
        let file = BufWriter::new(folder.begin(name)?);
        let mut npy = Self { file, missing: count * height * width };
        npy.file.write_all(&header(count, height, width))?;
        Ok(npy)
    }

    /// Writes the next map.
    ///
    /// # Errors
    /// A full disk, or more values than promised.
    pub fn push(&mut self, map: &[f32]) -> anyhow::Result<()> {
        self.missing = self.missing.checked_sub(map.len()).context("more maps than promised")?;
        for value in map {
            self.file.write_all(&value.to_le_bytes())?;
        }
        Ok(())
    }

    /// Gives the whole file its name.
    ///
    /// # Errors
    /// A full disk, or maps that are missing.
    pub fn finish(self) -> anyhow::Result<()> {
        ensure!(self.missing == 0, "{} values of the maps are missing", self.missing);
        self.file.into_inner().context("cannot write the maps")?.finish()
    }
}

/// Magic, version 1.0, the header's length, and the header, padded so that data begin at a
/// multiple of 64.
fn header(count: usize, height: usize, width: usize) -> Vec<u8> {
    let mut text =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, {height}, {width}), }}").into_bytes();
    let whole = (10 + text.len() + 1).next_multiple_of(64);
    text.resize(whole - 11, b' ');
    text.push(b'\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text);
    bytes
}
