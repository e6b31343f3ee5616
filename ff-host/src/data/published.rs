//! The published files of MNIST and of the data sets in its format.

use super::DatasetName;

/// A SHA-256 of decompressed bytes.
pub type Sha256 = [u8; 32];

/// What one of a data set's four files holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Images, with a header of 16 bytes.
    Images,
    /// Labels, with a header of 8 bytes.
    Labels,
}

/// One of the four files, the same for every data set in MNIST's format.
#[derive(Debug, PartialEq, Eq)]
pub struct IdxFile {
    /// The file's name, without `.gz`.
    pub name: &'static str,
    /// Images or labels.
    pub kind: Kind,
    /// How many of them.
    pub count: u32,
}

/// The four files, in the order of every array of four in this module.
pub static FILES: [IdxFile; 4] = [
    IdxFile { name: "train-images-idx3-ubyte", kind: Kind::Images, count: 60_000 },
    IdxFile { name: "train-labels-idx1-ubyte", kind: Kind::Labels, count: 60_000 },
    IdxFile { name: "t10k-images-idx3-ubyte", kind: Kind::Images, count: 10_000 },
    IdxFile { name: "t10k-labels-idx1-ubyte", kind: Kind::Labels, count: 10_000 },
];

/// A data set in MNIST's format, as its authors published it.
#[derive(Clone, Debug)]
pub struct Published {
    /// The data set.
    pub dataset: DatasetName,
    /// The checksums of the four decompressed [`FILES`].
    pub sha256: [Sha256; 4],
    /// Folders that serve the four files as `<file>.gz`, in the order of trial. HTTPS only.
    pub mirrors: &'static [&'static str],
    /// Where a system package puts the files.
    pub system: Option<&'static str>,
}

/// The data sets that can be downloaded.
pub static PUBLISHED: [Published; 2] = [
    Published {
        dataset: DatasetName::Mnist,
        sha256: [
            hex("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            hex("65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            hex("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            hex("ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        ],
        mirrors: &[
            "https://storage.googleapis.com/cvdf-datasets/mnist",
            "https://ossci-datasets.s3.amazonaws.com/mnist",
        ],
        system: None,
    },
    Published {
        dataset: DatasetName::FashionMnist,
        sha256: [
            hex("c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
            hex("bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
            hex("5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
            hex("0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
        ],
        mirrors: &[
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        ],
        // Debian's package dataset-fashion-mnist.
        system: Some("/usr/share/datasets/fashion-mnist"),
    },
];

/// The bytes of 64 hexadecimal digits; a wrong digit in the table above does not compile.
const fn hex(text: &str) -> Sha256 {
    let text = text.as_bytes();
    assert!(text.len() == 64, "a SHA-256 has 64 hexadecimal digits");
    let mut bytes = [0; 32];
    let mut i = 0;
    while i < 32 {
        bytes[i] = 16 * digit(text[2 * i]) + digit(text[2 * i + 1]);
        i += 1;
    }
    bytes
}

const fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        _ => panic!("no lower-case hexadecimal digit"),
    }
}
