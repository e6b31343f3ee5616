//! IDX files of any bytes: refused with a reason, or exactly the images or labels that were asked for.

use std::io::Write;

use ff_host::data::idx;
use ff_host::data::published::{IdxFile, Kind};
use flate2::{Compression, write::GzEncoder};

/// Two labels and one image, each plain and packed.
const FILES: [IdxFile; 2] = [
    IdxFile { name: "labels", kind: Kind::Labels, count: 2 },
    IdxFile { name: "images", kind: Kind::Images, count: 1 },
];

/// Reads them as either kind of file.
pub fn run(bytes: &[u8]) {
    for file in &FILES {
        match idx::check(bytes, file) {
            Err(problem) => assert!(!problem.to_string().is_empty()),
            Ok(checked) if file.kind == Kind::Labels => assert!(matches!(checked.bytes[8..], [0..10, 0..10])),
            Ok(checked) => assert_eq!(checked.bytes.len(), 16 + 28 * 28),
        }
    }
}

/// Files of both kinds, plain and packed.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let labels = [&[0, 0, 8, 1, 0, 0, 0, 2], [3, 9].as_slice()].concat();
    let images = [&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28], [7; 28 * 28].as_slice()].concat();
    [labels, images].into_iter().flat_map(|plain| [packed(&plain), plain]).collect()
}

fn packed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).expect("memory that can be written");
    encoder.finish().expect("memory that can be written")
}
