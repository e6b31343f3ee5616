//! Checked files become images.

use super::search::Files;
use super::{Samples, idx};

/// The training images and the test images: what follows the headers, which were checked.
pub(super) fn images(files: Files) -> (Samples, Samples) {
    let [train, train_labels, test, test_labels] = files.bytes;
    (of_digits(train, train_labels), of_digits(test, test_labels))
}

fn of_digits(mut pixels: Vec<u8>, mut labels: Vec<u8>) -> Samples {
    pixels.drain(..pixels.len().min(idx::IMAGES_HEADER));
    labels.drain(..labels.len().min(idx::LABELS_HEADER));
    Samples::grey(idx::SIDE, idx::SIDE, u8::MAX, pixels, labels)
}
