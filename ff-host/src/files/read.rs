//! Reading: plain files alone, and none larger than its kind may be.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// What a file is for, and how large it may be.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// In a message: `a recipe`.
    name: &'static str,
    /// The most bytes.
    most: u64,
}

/// A recipe: its fields take some 2 KiB.
pub const RECIPE: Kind = Kind { name: "a recipe", most: 1 << 20 };
/// What a run measured: about 1 KiB for each epoch and all its layers.
pub const METRICS: Kind = Kind { name: "a run's metrics", most: 256 << 20 };
/// Curves and numbers of maps.
pub const EVALUATION: Kind = Kind { name: "an evaluation of maps", most: 64 << 20 };
/// A text with tables.
pub const TEXT: Kind = Kind { name: "a text", most: 16 << 20 };
/// A user's own image.
pub const PICTURE: Kind = Kind { name: "an image", most: 16 << 20 };
/// Images or labels, compressed or not: a plain file of MNIST's form has 47 MB.
pub const IDX: Kind = Kind { name: "a file of images or labels", most: 1 << 30 };
/// A user's own data, packed or not.
pub const DATA: Kind = Kind { name: "a file of data", most: 16 << 30 };
/// A trained network: eight of the widest layers have 8 GiB.
pub const MODEL: Kind = Kind { name: "a model", most: 16 << 30 };

/// Opens a file for reading. What waits for a writer or has no end is refused and not read.
///
/// # Errors
/// A file that is not there, is no plain file, or is larger than its kind may be.
pub fn open(path: &Path, kind: Kind) -> Result<File> {
    let file = without_waiting().open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is no plain file"));
    }
    if about.len() > kind.most {
        return Err(too_large(about.len(), kind));
    }
    Ok(file)
}

/// All bytes of a file.
///
/// # Errors
/// As [`open`], and a file that grows while it is read.
pub fn bytes(path: &Path, kind: Kind) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, kind)?.take(kind.most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > kind.most { Err(too_large(bytes.len() as u64, kind)) } else { Ok(bytes) }
}

/// The same as text.
///
/// # Errors
/// As [`bytes`], and what is not UTF-8.
pub fn text(path: &Path, kind: Kind) -> Result<String> {
    String::from_utf8(bytes(path, kind)?).map_err(|_| Error::new(ErrorKind::InvalidData, "it is no text in UTF-8"))
}

fn too_large(found: u64, Kind { name, most }: Kind) -> Error {
    Error::new(ErrorKind::FileTooLarge, format!("it has {found} bytes; {name} has at most {most}"))
}

/// How to open what may be a pipe: opening one for reading would wait for its writer.
#[cfg(unix)]
fn without_waiting() -> std::fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

/// See there.
#[cfg(not(unix))]
fn without_waiting() -> std::fs::OpenOptions {
    let mut options = File::options();
    options.read(true);
    options
}
