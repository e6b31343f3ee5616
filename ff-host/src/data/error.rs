//! What can go wrong with data, told so that the reader knows what to do next.

use std::fmt::{self, Display};
use std::io;
use std::path::PathBuf;

use super::published::FILES;
use super::{Classes, DatasetName, Fault, Split};

/// Why there is no data set.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A name that is no data set's or no split's.
    #[error("there is no {what} named {name:?}; known: {known}")]
    UnknownName {
        /// What kind of thing was named.
        what: &'static str,
        /// The name as given.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A split of another data set.
    #[error("{dataset} has no split {split}: only digits8x8 has it (--dataset digits8x8)")]
    SplitNotHere {
        /// The split asked for.
        split: Split,
        /// The data set asked for.
        dataset: DatasetName,
    },
    /// A class that the data set has not got.
    #[error("{dataset} has no class {class}: its classes are 0 to {last}; check --classes")]
    ClassNotHere {
        /// The class asked for.
        class: u8,
        /// The data set asked for.
        dataset: String,
        /// The last class that there is.
        last: usize,
    },
    /// Own data without an image of the classes that are wanted.
    #[error("{dataset} from {from} has no images of the classes {classes} to learn from, or none to test on")]
    NoImages {
        /// The classes asked for.
        classes: Classes,
        /// The data set asked for.
        dataset: String,
        /// Where it came from.
        from: String,
    },
    /// Own data that cannot be read.
    #[error(transparent)]
    File(#[from] Fault),
    /// A folder that the user named by an option and that holds nothing of what it should.
    #[error("{} holds nothing of {dataset} that can be read; check --data-dir, or name own data as DATA", folder.display())]
    NothingThere {
        /// The folder.
        folder: PathBuf,
        /// The data set asked for.
        dataset: DatasetName,
    },
    /// A folder that the user named does not exist.
    #[error("{} is no folder; check --data-dir and FF_DATA_DIR", .0.display())]
    NoFolder(PathBuf),
    /// A file that should not be used.
    #[error("{} {problem}; replace it by a whole file or remove it", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The checked files could not be laid out for the parser.
    #[error("no room for 55 MB in the folder for temporary files ({0}); set TMPDIR to another one")]
    Temporary(io::Error),
    /// Neither any folder nor any mirror has the data set.
    #[error("{}", unavailable(*dataset, findings))]
    Unavailable {
        /// The data set.
        dataset: DatasetName,
        /// What was found in each place, in the order of search.
        findings: Vec<Finding>,
    },
}

/// What was found in a place where a data set might have been.
#[derive(Debug)]
pub struct Finding {
    /// A folder or an address.
    pub place: String,
    /// What was there instead of the data set.
    pub found: String,
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.found)
    }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No byte at all.
    #[error("is empty")]
    Empty,
    /// The compression does not hold.
    #[error("is a damaged or truncated gzip file ({0})")]
    Gzip(io::Error),
    /// The file or the connection failed.
    #[error("cannot be read ({0})")]
    Read(io::Error),
    /// Another kind of file, such as an error page.
    #[error("is no IDX file of {wanted}: it starts with {start:?}")]
    Magic {
        /// What the file should hold.
        wanted: &'static str,
        /// Its first bytes, as text.
        start: String,
    },
    /// The header is not complete.
    #[error("ends after {found} bytes, inside its header of {header} bytes")]
    Header {
        /// The file's bytes.
        found: usize,
        /// The header's bytes.
        header: usize,
    },
    /// Images of another size.
    #[error("declares images of {width}x{height} pixels, but only 28x28 can be read")]
    Size {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// More or fewer items than the data set has.
    #[error("declares {found} {wanted}, but there must be {expected}")]
    Count {
        /// What the file should hold.
        wanted: &'static str,
        /// The header's number.
        found: u32,
        /// The data set's number.
        expected: u32,
    },
    /// Fewer bytes than the header promises.
    #[error("is truncated: {found} bytes (decompressed), but its header promises {expected}")]
    Short {
        /// The bytes that are there.
        found: usize,
        /// The bytes that should be.
        expected: usize,
    },
    /// More bytes than the header promises.
    #[error("goes on after the {expected} bytes (decompressed) that its header promises")]
    Long {
        /// The bytes that should be.
        expected: usize,
    },
    /// A label that is no class.
    #[error("gives image {index} the label {label}, but labels are 0 to 9")]
    Label {
        /// The image, from 0.
        index: usize,
        /// Its label.
        label: u8,
    },
    /// Well formed, but not the published bytes.
    #[error("is not the published file (its SHA-256 differs)")]
    Checksum,
}

/// The report of a search in vain, and what to do.
fn unavailable(dataset: DatasetName, findings: &[Finding]) -> String {
    let mut text = format!("{dataset} cannot be had. Searched:\n");
    findings.iter().for_each(|finding| text.push_str(&format!("  {finding}\n")));
    let files: Vec<String> = FILES.iter().map(|file| format!("{}.gz", file.name)).collect();
    text.push_str(&format!(
        "Put {} (or the same without .gz) into a folder {dataset} and name the folder above it by \
         --data-dir or FF_DATA_DIR; or use --dataset digits8x8, which needs no files.",
        files.join(", ")
    ));
    text
}
