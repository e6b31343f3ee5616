//! MNIST as a file that firmware streams from: made once, from the published files.

use std::{
    env,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;

use crate::process;

/// The programs that stream, examples of `ff-embedded`.
pub const PROGRAMS: [&str; 2] = ["stream_mnist", "costs"];

/// Where they look, from the top of the checkout.
const STREAM: &str = "target/mnist-stream.bin";

const PIXELS: usize = 28 * 28;

/// Makes the file, if it is not there and MNIST is: `$FF_DATA_DIR`, or its folder `mnist`, with the four
/// files as published.
///
/// # Errors
/// When files are there but damaged, or the disk is full.
pub fn prepare() -> Result<()> {
    let stream = process::root().join(STREAM);
    if stream.is_file() {
        return Ok(());
    }
    let Some(folder) = folder() else {
        println!("no MNIST: set FF_DATA_DIR to a folder that has train-images-idx3-ubyte.gz and the other three");
        return Ok(());
    };
    let (training, held_out) = (records(&folder, "train")?, records(&folder, "t10k")?);
    let mut bytes = Vec::with_capacity(4 + training.len() + held_out.len());
    for part in [&training, &held_out] {
        let count = u16::try_from(part.len() / (PIXELS + 1)).context("more images than firmware counts")?;
        bytes.extend(count.to_le_bytes());
    }
    bytes.extend(training);
    bytes.extend(held_out);
    // Whole or not at all: a half of it would be taken for all of it the next time.
    let unfinished = stream.with_extension("unfinished");
    fs::write(&unfinished, bytes).with_context(|| format!("cannot write {}", unfinished.display()))?;
    fs::rename(&unfinished, &stream).with_context(|| format!("cannot write {STREAM}"))
}

fn folder() -> Option<PathBuf> {
    let named = PathBuf::from(env::var_os("FF_DATA_DIR")?);
    [named.join("mnist"), named].into_iter().find(|folder| folder.join("train-images-idx3-ubyte.gz").is_file())
}

/// Images of one part, each with its label behind it.
fn records(folder: &Path, part: &str) -> Result<Vec<u8>> {
    let images = unpacked(&folder.join(format!("{part}-images-idx3-ubyte.gz")), 16)?;
    let labels = unpacked(&folder.join(format!("{part}-labels-idx1-ubyte.gz")), 8)?;
    let whole = images.len() == labels.len() * PIXELS && !labels.is_empty();
    ensure!(whole, "{} images of {part} do not go with {} labels", images.len() / PIXELS, labels.len());
    Ok(images.chunks(PIXELS).zip(labels).flat_map(|(image, label)| image.iter().copied().chain([label])).collect())
}

/// A file's content behind its header.
fn unpacked(path: &Path, header: usize) -> Result<Vec<u8>> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).with_context(|| format!("cannot unpack {name}"))?;
    ensure!(bytes.len() > header, "{name} is too short");
    Ok(bytes.split_off(header))
}
