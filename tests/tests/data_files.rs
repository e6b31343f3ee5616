//! Data on disk: where it is found, whose it is, and that every bad file is refused by name.

mod data_support;

use std::fs;
use std::path::Path;

use data_support::{CLOTHES, DIGITS, Notices, assert_digits, assert_error, gzip, header, in_folder, load, real_data};
use ff_host::data::published::FILES;
use ff_host::data::{DataError, DatasetName, Request, Samples, Silent, Split, load_default};
use tempfile::TempDir;

const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
const TEST_LABELS: &str = "t10k-labels-idx1-ubyte";
const TEST_IMAGES: &str = "t10k-images-idx3-ubyte";

/// Good files, but one of them holds these bytes; the error must name it and say all of `texts`.
#[track_caller]
fn assert_refused(name: &str, bytes: &[u8], texts: &[&str]) {
    let folder = TempDir::new().unwrap();
    DIGITS.write(folder.path());
    let path = folder.path().join(format!("{name}.gz"));
    fs::write(&path, bytes).unwrap();
    let path = path.display().to_string();
    assert_error(load(&in_folder(folder.path())).0, &[&[path.as_str()], texts].concat());
}

#[test]
fn a_file_without_content_is_refused() {
    assert_refused(TRAIN_IMAGES, b"", &["is empty"]);
    assert_refused(TRAIN_IMAGES, &gzip(b""), &["is empty"]);
}

#[test]
fn a_short_header_is_refused() {
    let whole = header(0x0803, &[60_000, 28, 28]);
    assert_refused(TRAIN_IMAGES, &whole[..1], &["ends after 1 bytes, inside its header of 16"]);
    assert_refused(TRAIN_IMAGES, &whole[..15], &["ends after 15 bytes"]);
    assert_refused(TEST_LABELS, &gzip(&header(0x0801, &[])), &["ends after 4 bytes, inside its header of 8"]);
}

#[test]
fn another_kind_of_file_is_refused() {
    assert_refused(TRAIN_IMAGES, b"<!DOCTYPE html><html>", &["is no IDX file of images", "<!DOCTYPE html>"]);
    assert_refused(TRAIN_IMAGES, &header(0x0801, &[60_000]), &["is no IDX file of images"]);
    assert_refused(TEST_LABELS, &DIGITS.gzip[2], &["is no IDX file of labels"]);
}

#[test]
fn absurd_sizes_are_refused_before_anything_is_allocated_for_them() {
    for size in [[u32::MAX, 28], [28, u32::MAX], [0, 0], [784, 1], [14, 14]] {
        let [height, width] = size;
        let bytes = header(0x0803, &[60_000, height, width]);
        assert_refused(TRAIN_IMAGES, &bytes, &[&format!("declares images of {width}x{height} pixels")]);
    }
    for count in [0, 59_999, u32::MAX] {
        let bytes = header(0x0803, &[count, 28, 28]);
        assert_refused(TRAIN_IMAGES, &bytes, &[&format!("declares {count} images, but there must be 60000")]);
    }
}

#[test]
fn images_and_labels_of_different_number_are_refused() {
    let mut labels = header(0x0801, &[9_999]);
    labels.resize(8 + 9_999, 0);
    assert_refused(TEST_LABELS, &labels, &["declares 9999 labels, but there must be 10000"]);
}

#[test]
fn a_truncated_file_is_refused() {
    let images = &DIGITS.plain[2];
    assert_refused(TEST_IMAGES, &images[..images.len() - 1], &["is truncated: 7840015 bytes"]);
    assert_refused(TEST_IMAGES, &gzip(&images[..16]), &["is truncated: 16 bytes"]);
    let packed = &DIGITS.gzip[2];
    assert_refused(TEST_IMAGES, &packed[..packed.len() / 2], &["damaged or truncated gzip"]);
    assert_refused(TEST_IMAGES, &packed[..packed.len() - 1], &["damaged or truncated gzip"]);
}

#[test]
fn bytes_after_the_end_are_refused() {
    let longer = [&DIGITS.plain[3][..], &[0]].concat();
    assert_refused(TEST_LABELS, &longer, &["goes on after the 10008 bytes"]);
    assert_refused(TEST_LABELS, &gzip(&longer), &["goes on after the 10008 bytes"]);
    let padded = [&DIGITS.gzip[3][..], b"padding"].concat();
    assert_refused(TEST_LABELS, &padded, &["damaged or truncated gzip"]);
}

#[test]
fn a_gzip_file_that_unpacks_to_far_too_much_is_refused_early() {
    let mut bomb = header(0x0801, &[10_000]);
    bomb.resize(64 << 20, 0);
    assert_refused(TEST_LABELS, &gzip(&bomb), &["goes on after the 10008 bytes"]);
}

#[test]
fn damaged_compression_is_refused() {
    assert_refused(TEST_LABELS, &[0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], &["damaged or truncated gzip"]);
    let mut flipped = DIGITS.gzip[3].clone();
    let crc = flipped.len() - 8;
    flipped[crc] ^= 1;
    assert_refused(TEST_LABELS, &flipped, &["damaged or truncated gzip"]);
}

#[test]
fn whole_files_of_other_classes_are_own_data() {
    for label in [10, 255] {
        let mut labels = DIGITS.plain[3].clone();
        labels[8 + 9_999] = label;
        let folder = TempDir::new().unwrap();
        DIGITS.write(&folder.path().join("mnist"));
        fs::write(folder.path().join("mnist").join(format!("{TEST_LABELS}.gz")), gzip(&labels)).unwrap();
        let (result, notices) = load(&in_folder(folder.path()));
        let data = result.unwrap();
        assert_eq!((data.classes, data.class_names.last()), (11, Some(&label.to_string())));
        assert!(notices.contains(&format!("gives image 9999 the label {label}")), "{notices}");
    }
}

#[test]
fn plain_and_compressed_files_are_found_in_the_folder_and_in_its_subfolder() {
    let folder = TempDir::new().unwrap();
    DIGITS.write(&folder.path().join("mnist"));
    let (result, notices) = load(&in_folder(folder.path()));
    assert_digits(result);
    assert_eq!(notices, "");

    let folder = TempDir::new().unwrap();
    for (file, bytes) in FILES.iter().zip(&DIGITS.plain) {
        fs::write(folder.path().join(file.name), bytes).unwrap();
    }
    let (result, notices) = load(&in_folder(folder.path()));
    assert_digits(result);
    assert_eq!(notices, "");
}

#[test]
fn the_first_folder_goes_before_the_second() {
    let [first, second] = [(); 2].map(|()| TempDir::new().unwrap());
    DIGITS.write(second.path());
    let folders = [&first, &second].map(|folder| folder.path().to_owned()).to_vec();
    let request = Request { folders, ..Request::new(DatasetName::Mnist) };
    assert_eq!(load(&request).0.unwrap().source, second.path().display().to_string());
    DIGITS.write(first.path());
    assert_eq!(load(&request).0.unwrap().source, first.path().display().to_string());
}

#[test]
fn own_data_of_the_same_form_is_used_with_a_notice() {
    let folder = TempDir::new().unwrap();
    DIGITS.write(folder.path());
    let mut labels = DIGITS.plain[1].clone();
    labels[8..].reverse();
    fs::write(folder.path().join("train-labels-idx1-ubyte.gz"), gzip(&labels)).unwrap();
    let (result, notices) = load(&in_folder(folder.path()));
    assert!(result.unwrap().train.labels == labels[8..]);
    assert!(notices.contains("SHA-256 differs") && notices.contains("are used"), "{notices}");
}

#[test]
fn only_the_published_files_are_used_from_the_cache() {
    let cache = TempDir::new().unwrap();
    let mut other = DIGITS.plain[3].clone();
    other[8] = 9;
    DIGITS.write(&cache.path().join("mnist"));
    fs::write(cache.path().join("mnist").join(TEST_LABELS), other).unwrap();
    let mirror = Some("http://127.0.0.1:1".to_owned());
    let request = Request { cache: Some(cache.path().to_owned()), mirror, ..Request::new(DatasetName::Mnist) };
    assert_error(load(&request).0, &["not the published files", "127.0.0.1:1"]);
}

#[test]
fn the_files_of_another_data_set_are_recognised() {
    let folder = TempDir::new().unwrap();
    CLOTHES.write(folder.path());
    let (result, notices) = load(&in_folder(folder.path()));
    assert_error(result, &[&format!("{}: holds fashion-mnist instead", folder.path().display())]);
    assert!(notices.contains("holds fashion-mnist instead"), "{notices}");
}

#[test]
fn a_search_in_vain_tells_what_was_where_and_what_to_do() {
    let folder = TempDir::new().unwrap();
    DIGITS.write(&folder.path().join("mnist"));
    fs::remove_file(folder.path().join("mnist").join(format!("{TEST_LABELS}.gz"))).unwrap();
    let (result, _) = load(&in_folder(folder.path()));
    assert_error(
        result,
        &[
            &format!("{}: lacks {TEST_LABELS}", folder.path().join("mnist").display()),
            &format!("{}: none of the files", folder.path().display()),
            "no cache folder",
            "--data-dir or FF_DATA_DIR",
            "--dataset digits8x8",
        ],
    );
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let request = in_folder(Path::new("no/such/folder"));
    assert_error(load(&request).0, &["no/such/folder is no folder"]);
}

#[test]
fn without_mnist_the_default_is_the_built_in_digits_and_says_why() {
    let mut notices = Notices::default();
    let data = load_default(&Request::new(DatasetName::Mnist), &mut notices).unwrap();
    assert_eq!((data.name, data.train.len(), data.test.len()), ("digits8x8".to_owned(), 1438, 359));
    let notices = notices.0.join("\n");
    assert!(notices.contains("no cache folder") && notices.contains("digits8x8"), "{notices}");
}

#[test]
fn the_default_does_not_hide_a_damaged_file_of_the_user() {
    let folder = TempDir::new().unwrap();
    DIGITS.write(folder.path());
    fs::write(folder.path().join(TRAIN_IMAGES), "").unwrap();
    let result = load_default(&in_folder(folder.path()), &mut Silent);
    assert!(matches!(result, Err(DataError::BadFile { .. })), "{result:?}");
}

#[test]
fn unknown_names_list_the_known_ones() {
    let error = "mnits".parse::<DatasetName>().unwrap_err().to_string();
    assert!(error.contains("\"mnits\"") && error.contains("mnist, fashion-mnist, digits8x8"), "{error}");
    let error = "half".parse::<Split>().unwrap_err().to_string();
    assert!(error.contains("default, writer-shift"), "{error}");
}

#[test]
fn a_split_of_another_data_set_is_refused() {
    let request = Request { split: Split::WriterShift, ..Request::new(DatasetName::Mnist) };
    assert_error(load(&request).0, &["mnist has no split writer-shift"]);
}

/// The sum of all pixels, and how many images each label has.
fn fingerprint(images: &Samples) -> (u64, [usize; 10]) {
    let mut counts = [0; 10];
    images.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
    (images.iter().flat_map(|(sample, _)| sample.bytes()).map(|&pixel| u64::from(pixel)).sum(), counts)
}

// The numbers below were counted in the published files, by another program.

#[test]
fn the_real_mnist_is_read_as_it_was_published() {
    let Some(folder) = real_data() else { return };
    let mut notices = Notices::default();
    let data =
        ff_host::data::load(&in_folder(&folder), &mut notices).expect("FF_DATA_DIR is set, so it should hold MNIST");
    assert_eq!(notices.0, [""; 0], "these should be the published files");
    let train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    let test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];
    assert_eq!(fingerprint(&data.train), (1_567_298_545, train));
    assert_eq!(fingerprint(&data.test), (264_923_200, test));
    assert_eq!((&data.train.labels[..5], &data.test.labels[..5]), (&[5, 0, 4, 1, 9][..], &[7, 2, 1, 0, 4][..]));
}

#[test]
fn the_real_fashion_mnist_is_read_as_it_was_published() {
    let Some(folder) = real_data() else { return };
    let mut notices = Notices::default();
    let request = Request { dataset: DatasetName::FashionMnist, ..in_folder(&folder) };
    let data =
        ff_host::data::load(&request, &mut notices).expect("FF_DATA_DIR is set, so it should hold Fashion-MNIST");
    assert_eq!(notices.0, [""; 0], "these should be the published files");
    assert_eq!(fingerprint(&data.train), (3_431_114_169, [6000; 10]));
    assert_eq!(fingerprint(&data.test), (573_469_082, [1000; 10]));
    assert_eq!((&data.train.labels[..5], &data.test.labels[..5]), (&[9, 0, 0, 3, 0][..], &[9, 2, 1, 1, 6][..]));
}
