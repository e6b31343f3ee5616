//! Data sets: which there are, where they are found, and how a bad file is refused.
//!
//! The path of a [`load`], and the order of the modules:
//!
//! | module | what it answers |
//! |---|---|
//! | [`Request`] | which data set, divided how, searched for where? |
//! | [`published`] | which files make a data set, and what are their checksums? |
//! | `search` | what is in each folder where they may be? |
//! | [`idx`] | is this file what it should be? |
//! | `download` | how does a file get from a mirror into the cache? |
//! | `parse` | how do checked files become images? |
//! | `digits` | the data set that is compiled in |
//! | [`Classes`] | which of its classes are wanted? |
//!
//! Own data ([`load_own`]) go another way to the same [`Dataset`]:
//!
//! | module | what it answers |
//! |---|---|
//! | [`Options`] | which file or folder, read and divided how? |
//! | `recognise` | what is in it? |
//! | `read` | which samples does it hold? A file for each format |
//! | [`Samples`] | how do they lie in memory? |
//! | `divide` | which are learned from, and which are held out? |
//! | `odd` | what should the user know about them? |
//!
//! Nothing is parsed before it is checked: every bad file is a [`DataError`] that names it.

mod classes;
mod copies;
mod dataset;
mod digits;
mod divide;
mod download;
mod error;
mod fault;
pub mod idx;
mod natural;
mod odd;
mod options;
mod own;
mod parse;
mod progress;
pub mod published;
mod read;
mod recognise;
mod request;
mod samples;
mod search;
mod shape;
mod validation;

pub use classes::Classes;
pub use copies::copies;
pub use dataset::Dataset;
pub use divide::shuffled;
pub use error::{DataError, Finding, Problem};
pub use fault::Fault;
pub use odd::{oddities, oddities_of_values};
pub use options::{Extents, Fill, Options};
pub use own::{load_for, load_own, load_unlabelled};
pub use progress::{Progress, Silent};
pub use request::{DatasetName, Patience, Request, Split};
pub use samples::{Sample, Samples, Values};
pub use search::{Contents, Files, Owner, Place, places, survey};
pub use shape::Shape;
pub use validation::Validation;

use crate::files;
use published::{PUBLISHED, Published};
use search::Found;

/// Finds a data set, downloads it where it is missing, checks it and reads it.
///
/// The user's own folders come first, then the cache, then the system's folder, then the mirrors.
/// Own data of MNIST's exact form (60,000 and 10,000 images of 28x28, ten classes) is welcome in an
/// own folder, with a notice; in the cache and from a mirror only the published bytes are.
///
/// # Errors
/// [`DataError`] says which file or place is at fault and what to do.
pub fn load(request: &Request, progress: &mut dyn Progress) -> Result<Dataset, DataError> {
    load_from(request, &PUBLISHED, progress)
}

/// [`load`] with another table of published files: for a mirror of small or changed data, and for
/// tests, which cannot serve the real thing.
///
/// # Errors
/// As [`load`].
pub fn load_from(request: &Request, table: &[Published], progress: &mut dyn Progress) -> Result<Dataset, DataError> {
    let Request { dataset, split, .. } = *request;
    if dataset == DatasetName::Digits8x8 {
        return Ok(digits::load(split));
    }
    if split != Split::Default {
        return Err(DataError::SplitNotHere { split, dataset });
    }
    if let Some(cache) = &request.cache {
        // What a killed download left, even where the data come from elsewhere by now.
        files::sweep(&cache.join(dataset.as_str()));
    }
    let files = match search::find(request, table, progress)? {
        Found::Files(files) => files,
        Found::Folder(folder) => return own::load_folder(&folder, dataset, progress),
        Found::Nothing(findings) => download::into_cache(request, table, findings, progress)?,
    };
    let source = files.folder.display().to_string();
    let (train, test) = parse::images(files)?;
    let (name, split, class_names) = (dataset.to_string(), split.to_string(), dataset.class_names());
    Ok(Dataset { name, split, source, classes: idx::CLASSES, class_names, train, test, own: None })
}

/// The data set for somebody who named none: MNIST where it can be had, otherwise `digits8x8`, with
/// a notice that says why. `request` says where to look; its data set is not used.
///
/// # Errors
/// As [`load`], but never because MNIST could not be had. A damaged MNIST in the user's own folder
/// is still an error: going on with other data would hide it.
pub fn load_default(request: &Request, progress: &mut dyn Progress) -> Result<Dataset, DataError> {
    let request = |dataset| Request { dataset, ..request.clone() };
    match load(&request(DatasetName::Mnist), progress) {
        Err(DataError::Unavailable { findings, .. }) => {
            let why = findings.last().map_or_else(String::new, |finding| format!(" ({finding})"));
            progress.notice(&format!(
                "MNIST is in none of the folders searched and could not be downloaded{why}; going on with the \
                 built-in digits8x8. `ff data fetch mnist` says more."
            ));
            load(&request(DatasetName::Digits8x8), progress)
        }
        other => other,
    }
}
