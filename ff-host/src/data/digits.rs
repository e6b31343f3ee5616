//! `digits8x8`: 1,797 real handwritten digits inside the binary, so that everything works without
//! files and without network. `assets/README.md` gives their source, licence and format.

use super::{Dataset, DatasetName, Samples, Split};

/// The very bytes that the firmware includes: records of 64 pixels and a label.
static RECORDS: &[u8] = include_bytes!("../../assets/digits8x8.bin");

/// Pixels in a row, and rows.
const SIDE: usize = 8;
/// The value of full ink.
const MAXIMUM: u8 = 16;
/// One image and its label.
const RECORD_BYTES: usize = SIDE * SIDE + 1;
/// Every fifth image is held out: the file's end comes from other writers, so that a split by
/// position alone would measure something else ([`Split::WriterShift`] does).
const HOLD_OUT_EVERY: usize = 5;
/// How many images [`Split::WriterShift`] trains on.
const FIRST_WRITERS: usize = 1437;

/// The digits, divided as asked for.
pub(super) fn load(split: Split) -> Dataset {
    let is_train = |index: usize| match split {
        Split::Default => index % HOLD_OUT_EVERY != HOLD_OUT_EVERY - 1,
        Split::WriterShift => index < FIRST_WRITERS,
    };
    Dataset {
        name: DatasetName::Digits8x8.to_string(),
        split: split.to_string(),
        source: "this program".to_owned(),
        classes: 10,
        class_names: DatasetName::Digits8x8.class_names(),
        train: select(is_train),
        test: select(|index| !is_train(index)),
        own: None,
    }
}

/// The images whose index in the file is wanted, in the file's order.
fn select(wanted: impl Fn(usize) -> bool) -> Samples {
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    let records = RECORDS.chunks_exact(RECORD_BYTES).enumerate();
    for (_, record) in records.filter(|(index, _)| wanted(*index)) {
        let (pixels, label) = record.split_at(SIDE * SIDE);
        values.extend_from_slice(pixels);
        labels.extend_from_slice(label);
    }
    Samples::grey(SIDE, SIDE, MAXIMUM, values, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many images each label has.
    fn per_label(images: &Samples) -> [usize; 10] {
        let mut counts = [0; 10];
        images.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
        counts
    }

    // The numbers below were counted in the published text file, by another program.

    #[test]
    fn the_default_split_holds_out_every_fifth_image() {
        let digits = load(Split::Default);
        assert_eq!(per_label(&digits.train), [151, 161, 143, 131, 147, 154, 150, 136, 127, 138]);
        assert_eq!(per_label(&digits.test), [27, 21, 34, 52, 34, 28, 31, 43, 47, 42]);
    }

    #[test]
    fn the_writer_shift_holds_out_the_end_of_the_file() {
        let digits = load(Split::WriterShift);
        assert_eq!(per_label(&digits.train), [143, 146, 142, 146, 144, 145, 144, 143, 141, 143]);
        assert_eq!(per_label(&digits.test), [35, 36, 35, 37, 37, 37, 37, 36, 33, 37]);
    }

    #[test]
    fn the_file_is_whole_and_its_pixels_are_the_published_ones() {
        let all = select(|_| true);
        assert_eq!((all.len(), all.features(), RECORDS.len()), (1797, 64, 116_805));
        let values: Vec<f32> = all.iter().flat_map(|(sample, _)| sample.numbers()).collect();
        assert_eq!(values.iter().copied().fold(0.0, f32::max), f32::from(MAXIMUM));
        assert_eq!(values.iter().map(|&value| value as u64).sum::<u64>(), 561_718);
        let (first, label) = all.get(0).expect("there is a first image");
        let first: Vec<f32> = first.numbers().take(8).collect();
        assert_eq!((first, label), (vec![0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0], 0));
    }
}
