//! Checked files become images, by the `mnist` crate.
//!
//! That crate reads four plain files of one folder and panics where they are not what it expects. So it is
//! given bytes that were checked in memory: no file can change between the check and the parsing, and the
//! user's folder may be read-only.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use mnist::{Mnist, MnistBuilder};
use tempfile::TempDir;

use super::published::FILES;
use super::search::Files;
use super::{DataError, Samples, idx};

/// The training images and the test images.
pub(super) fn images(files: Files) -> Result<(Samples, Samples), DataError> {
    let desk = Desk::lay_out(&files.bytes).map_err(DataError::Temporary)?;
    drop(files);
    let [train, train_labels, test, test_labels] = desk.names.each_ref().map(String::as_str);
    let [train_count, _, test_count, _] = FILES.each_ref().map(|file| file.count);
    let mnist = MnistBuilder::new()
        .base_path(&desk.folder)
        .training_images_filename(train)
        .training_labels_filename(train_labels)
        .test_images_filename(test)
        .test_labels_filename(test_labels)
        .label_format_digit()
        .training_set_length(train_count)
        .validation_set_length(0)
        .test_set_length(test_count)
        .finalize();
    let Mnist { trn_img, trn_lbl, tst_img, tst_lbl, .. } = mnist;
    Ok((of_digits(trn_img, trn_lbl), of_digits(tst_img, tst_lbl)))
}

fn of_digits(pixels: Vec<u8>, labels: Vec<u8>) -> Samples {
    Samples::grey(idx::SIDE, idx::SIDE, u8::MAX, pixels, labels)
}

/// Four files as the parser takes them.
struct Desk {
    folder: String,
    names: [String; 4],
    _held: Held,
}

/// What keeps the files; when it goes, they go.
enum Held {
    /// Files without a name, which vanish with the process, however it ends.
    Nameless { _files: [File; 4] },
    /// A private folder, where the system has no names for open files.
    Folder { _folder: TempDir },
}

/// Where a system has names for a process's open files.
const OPEN_FILES: &str = "/dev/fd";

impl Desk {
    fn lay_out(bytes: &[Vec<u8>; 4]) -> io::Result<Self> {
        #[cfg(unix)]
        if Path::new(OPEN_FILES).is_dir() {
            return Self::nameless(bytes);
        }
        Self::in_folder(bytes)
    }

    #[cfg(unix)]
    fn nameless(bytes: &[Vec<u8>; 4]) -> io::Result<Self> {
        use std::io::Seek;
        use std::os::fd::AsRawFd;
        let file = |bytes: &Vec<u8>| -> io::Result<File> {
            let mut file = tempfile::tempfile()?;
            file.write_all(bytes)?;
            file.rewind()?;
            Ok(file)
        };
        let [a, b, c, d] = bytes.each_ref().map(file);
        let files = [a?, b?, c?, d?];
        let names = files.each_ref().map(|file| file.as_raw_fd().to_string());
        Ok(Self { folder: OPEN_FILES.to_owned(), names, _held: Held::Nameless { _files: files } })
    }

    fn in_folder(bytes: &[Vec<u8>; 4]) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        for (file, bytes) in FILES.iter().zip(bytes) {
            std::fs::write(folder.path().join(file.name), bytes)?;
        }
        let not_unicode = || io::Error::new(io::ErrorKind::InvalidFilename, "its path is not Unicode");
        let path = folder.path().to_str().ok_or_else(not_unicode)?.to_owned();
        let names = FILES.each_ref().map(|file| file.name.to_owned());
        Ok(Self { folder: path, names, _held: Held::Folder { _folder: folder } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_hand_over_the_same_bytes() {
        let bytes = [vec![1, 2, 3], vec![4], vec![], vec![5; 70_000]];
        for desk in [Desk::lay_out(&bytes).unwrap(), Desk::in_folder(&bytes).unwrap()] {
            for (name, bytes) in desk.names.iter().zip(&bytes) {
                assert_eq!(&std::fs::read(Path::new(&desk.folder).join(name)).unwrap(), bytes, "{}", desk.folder);
            }
        }
    }
}
