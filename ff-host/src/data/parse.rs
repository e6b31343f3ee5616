//! Checked files become images, by the `mnist` crate.
//!
//! That crate reads four plain files of one folder and panics where they are not what it expects.
//! So it is given bytes that were checked in memory, in a private folder that is gone afterwards:
//! no file can change between the check and the parsing, and the user's folder may be read-only.

use std::fs;
use std::io;

use mnist::{Mnist, MnistBuilder};

use super::published::FILES;
use super::search::Files;
use super::{DataError, Samples, idx};

/// The training images and the test images.
pub(super) fn images(files: Files) -> Result<(Samples, Samples), DataError> {
    let folder = tempfile::tempdir().map_err(DataError::Temporary)?;
    for (file, bytes) in FILES.iter().zip(files.bytes) {
        fs::write(folder.path().join(file.name), bytes).map_err(DataError::Temporary)?;
    }
    let path = folder.path().to_str().ok_or_else(not_unicode)?;
    let [train_count, _, test_count, _] = FILES.each_ref().map(|file| file.count);
    let mnist = MnistBuilder::new()
        .base_path(path)
        .label_format_digit()
        .training_set_length(train_count)
        .validation_set_length(0)
        .test_set_length(test_count)
        .finalize();
    let Mnist { trn_img, trn_lbl, tst_img, tst_lbl, .. } = mnist;
    Ok((of_digits(trn_img, trn_lbl), of_digits(tst_img, tst_lbl)))
}

fn of_digits(values: Vec<u8>, labels: Vec<u8>) -> Samples {
    Samples::grey(idx::SIDE, idx::SIDE, u8::MAX, values, labels)
}

fn not_unicode() -> DataError {
    DataError::Temporary(io::Error::new(io::ErrorKind::InvalidFilename, "its path is not Unicode"))
}
