//! A made-up data set in MNIST's format, and a server on loopback that hands it out, well or badly.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ff_host::data::published::{FILES, Kind, Published};
use ff_host::data::{DataError, Dataset, DatasetName, Progress, Request, Samples, Shape};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

pub mod server;

/// The four files of a made-up data set, in the order of [`FILES`].
pub struct MadeUp {
    pub plain: [Vec<u8>; 4],
    pub gzip: [Vec<u8>; 4],
}

/// Images that are white but for one pixel each, with labels that count up.
pub static DIGITS: LazyLock<MadeUp> = LazyLock::new(|| MadeUp::new(0));
/// Another data set, different in every file.
pub static CLOTHES: LazyLock<MadeUp> = LazyLock::new(|| MadeUp::new(1));

impl MadeUp {
    fn new(variant: u8) -> Self {
        let plain = FILES.each_ref().map(|file| match file.kind {
            Kind::Images => images(file.count, variant),
            Kind::Labels => labels(file.count, variant),
        });
        let gzip = plain.each_ref().map(|bytes| gzip(bytes));
        Self { plain, gzip }
    }

    /// The table's entry that these files satisfy.
    pub fn published(&self, dataset: DatasetName) -> Published {
        let sha256 = self.plain.each_ref().map(|bytes| Sha256::digest(bytes).into());
        Published { dataset, sha256, mirrors: &[], system: None }
    }

    /// Writes all four files, compressed.
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for (file, bytes) in FILES.iter().zip(&self.gzip) {
            fs::write(folder.join(format!("{}.gz", file.name)), bytes).unwrap();
        }
    }
}

fn images(count: u32, variant: u8) -> Vec<u8> {
    let mut bytes = header(0x0803, &[count, 28, 28]);
    bytes.resize(16 + count as usize * 784, 0);
    for (index, image) in bytes[16..].chunks_exact_mut(784).enumerate() {
        image[index % 784] = 255 - variant;
    }
    bytes
}

fn labels(count: u32, variant: u8) -> Vec<u8> {
    let mut bytes = header(0x0801, &[count]);
    bytes.extend((0..count).map(|index| ((index + u32::from(variant)) % 10) as u8));
    bytes
}

/// An IDX header.
pub fn header(magic: u32, fields: &[u32]) -> Vec<u8> {
    [&[magic], fields].concat().iter().flat_map(|field| field.to_be_bytes()).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The table in which [`DIGITS`] are the published MNIST and [`CLOTHES`] the published Fashion.
pub fn table() -> [Published; 2] {
    [DIGITS.published(DatasetName::Mnist), CLOTHES.published(DatasetName::FashionMnist)]
}

/// A request for "MNIST" in one folder of the user.
pub fn in_folder(folder: &Path) -> Request {
    Request { folders: vec![folder.to_owned()], ..Request::new(DatasetName::Mnist) }
}

/// Remembers the notices.
#[derive(Default)]
pub struct Notices(pub Vec<String>);

impl Progress for Notices {
    fn notice(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }
}

/// Loads by the made-up table; the notices go into one text.
pub fn load(request: &Request) -> (Result<Dataset, DataError>, String) {
    let mut notices = Notices::default();
    let result = ff_host::data::load_from(request, &table(), &mut notices);
    (result, notices.0.join("\n"))
}

/// That all of these texts occur in the message of the error that a load gave.
#[track_caller]
pub fn assert_error(result: Result<Dataset, DataError>, texts: &[&str]) {
    let error = result.expect_err("a bad file should be refused").to_string();
    for text in texts {
        assert!(error.contains(text), "{text:?} is not in: {error}");
    }
}

/// That a load gave [`DIGITS`].
#[track_caller]
pub fn assert_digits(result: Result<Dataset, DataError>) {
    let data = result.unwrap();
    assert_eq!((data.train.len(), data.test.len(), data.classes), (60_000, 10_000, 10));
    assert_eq!((data.train.shape(), data.train.maximum()), (&Shape::grey(28, 28), 255));
    assert!(bytes(&data.train) == DIGITS.plain[0][16..], "training images");
    assert!(data.train.labels == DIGITS.plain[1][8..], "training labels");
    assert!(bytes(&data.test) == DIGITS.plain[2][16..], "test images");
    assert!(data.test.labels == DIGITS.plain[3][8..], "test labels");
}

/// All pixels of a set.
fn bytes(samples: &Samples) -> Vec<u8> {
    samples.iter().flat_map(|(sample, _)| sample.bytes()).copied().collect()
}

/// Every file below a folder, whatever it is called.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// The folder of the real data, for tests that need it: `$FF_DATA_DIR`. Without it such a test
/// says so and passes; where it is set, data that is missing from it is a failure.
pub fn real_data() -> Option<PathBuf> {
    let folder = std::env::var_os("FF_DATA_DIR").filter(|folder| !folder.is_empty());
    if folder.is_none() {
        // Not `eprintln!`: the test harness would swallow the notice of a test that passes.
        let notice = "SKIPPED: set FF_DATA_DIR to a folder with mnist/ and fashion-mnist/ to run this test";
        let mut stderr = io::stderr();
        writeln!(stderr, "{notice}").unwrap();
    }
    folder.map(PathBuf::from)
}
