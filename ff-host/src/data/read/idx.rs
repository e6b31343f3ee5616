//! IDX files: the format of MNIST, of any type, size and count.
//!
//! The format: two zeros, the type, the number of dimensions; each dimension's extent as four bytes, the
//! highest first; the numbers. Samples and labels are files of their own.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::super::fault::count;
use super::super::{Fault, Options, Progress, Shape};
use super::element::{Element, Kind};
use super::{Column, Raw, source};

/// Whether a file begins as IDX files do.
pub(crate) fn is_idx(start: &[u8]) -> bool {
    matches!(start, [0, 0, kind, dimensions, ..] if element(*kind).is_some() && (1..=4).contains(dimensions))
}

fn element(kind: u8) -> Option<Element> {
    let (kind, bytes) = match kind {
        0x08 => (Kind::Unsigned, 1),
        0x09 => (Kind::Signed, 1),
        0x0b => (Kind::Signed, 2),
        0x0c => (Kind::Signed, 4),
        0x0d => (Kind::Float, 4),
        0x0e => (Kind::Float, 8),
        _ => return None,
    };
    Some(Element { kind, bytes, big_endian: true })
}

/// Reads samples and labels, with a test part where there is one: a folder's, or those that belong to a file.
pub(super) fn read(path: &Path, options: &Options, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let files = survey(folder)?;
    let samples = choose(path, &files)?;
    let train = pair(samples, &files, options.labels.as_deref(), progress)?;
    let test_key = |word| samples.key.replace("train", word);
    let is_test = |file: &&Found| !file.is_labels && ["t10k", "test"].iter().any(|word| file.key == test_key(word));
    match files.iter().find(is_test).filter(|_| samples.key.contains("train")) {
        Some(test) => train.divided(pair(test, &files, None, progress)?, &test.path),
        None => Ok(train),
    }
}

/// An IDX file in a folder.
#[derive(Debug)]
struct Found {
    path: PathBuf,
    /// What its name says besides the format: `train-images`.
    key: String,
    is_labels: bool,
}

/// The IDX files of a folder, by their names.
fn survey(folder: &Path) -> Result<Vec<Found>, Fault> {
    let entries = fs::read_dir(folder).map_err(|error| Fault::io(folder, &error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    let found = paths.into_iter().filter_map(|path| {
        let start = source::start(&path).ok().filter(|start| is_idx(start))?;
        let key = key(&path.file_name()?.to_string_lossy());
        // QMNIST's labels have columns of which the first is the class.
        let is_labels = start[3] == 1 || start[3] == 2 && (start[2] == 0x0c || key.contains("labels"));
        Some(Found { path, key, is_labels })
    });
    Ok(found.collect())
}

/// A name in small letters without endings: `train-images` for `train-images.idx3-ubyte.gz`.
pub(crate) fn key(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let name = name.split("idx").next().unwrap_or(name);
    name.trim_end_matches(['-', '.', '_']).to_owned()
}

/// The file of the samples to learn from.
fn choose<'a>(path: &Path, files: &'a [Found]) -> Result<&'a Found, Fault> {
    if !path.is_dir() {
        let found = files.iter().find(|file| file.path.file_name() == path.file_name());
        return match found {
            Some(file) if !file.is_labels => Ok(file),
            _ => Err(Fault::new(path, "holds labels: name the file of the samples, such as train-images-idx3-ubyte")),
        };
    }
    let samples: Vec<&Found> = files.iter().filter(|file| !file.is_labels).collect();
    let train: Vec<&Found> = samples.iter().copied().filter(|file| file.key.contains("train")).collect();
    match (&train[..], &samples[..]) {
        ([one], _) | ([], [one]) => Ok(one),
        ([], []) => Err(Fault::new(path, "holds IDX files of labels, and none of samples")),
        (several, _) => {
            let several = if several.is_empty() { &samples } else { &train };
            let names: Vec<_> = several.iter().map(|file| file.path.display().to_string()).collect();
            Err(Fault::new(path, format!("holds several sets; name one of {}", names.join(", "))))
        }
    }
}

/// Samples with the labels that belong to them.
fn pair(samples: &Found, files: &[Found], labels: Option<&Path>, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    let key = samples.key.replace("images", "labels");
    let all: Vec<&Found> = files.iter().filter(|file| file.is_labels).collect();
    let by_name = all.iter().find(|file| file.key == key).or(if let [only] = &all[..] { Some(only) } else { None });
    let labels = labels.map(Path::to_owned).or_else(|| by_name.map(|file| file.path.clone()));
    let missing = || {
        Fault::new(&samples.path, format!("has no file of labels beside it ({key}-idx1-ubyte); name it by --labels"))
    };
    let labels = labels.ok_or_else(missing)?;
    let column = Array::read(&labels, progress)?.column();
    let array = Array::read(&samples.path, progress)?;
    let there = array.extents.first().copied().unwrap_or(0);
    if there != column.ids.len() {
        let labels = labels.display();
        let problem = format!(
            "holds {}, but {labels} {}",
            count(there, "sample", "samples"),
            count(column.ids.len(), "label", "labels")
        );
        return Err(Fault::new(&samples.path, problem));
    }
    let shape = match array.extents[..] {
        [_, features] => Shape::features(features),
        [_, rows, columns] => Shape::grey(columns, rows),
        [_, rows, columns, channels @ (1 | 3)] => Shape::Picture { channels, rows, columns },
        [_, channels @ (1 | 3), rows, columns] => Shape::Picture { channels, rows, columns },
        _ => {
            return Err(Fault::new(
                &samples.path,
                format!("has the extents {:?}, which are no pictures'", array.extents),
            ));
        }
    };
    if shape.is_empty() || there == 0 {
        return Err(Fault::new(&samples.path, "holds no sample"));
    }
    let is_last = array.extents.len() == 4 && matches!(array.extents[3], 1 | 3);
    let Shape::Picture { channels, rows, columns } = shape else {
        return Ok(Raw::new(shape, array.element.values(array.bytes), column));
    };
    let bytes = if is_last && channels > 1 {
        super::npy::planes_first(&array.bytes, rows * columns, channels, array.element.bytes)
    } else {
        array.bytes
    };
    Ok(Raw::new(shape, array.element.values(bytes), column))
}

/// The numbers of a file.
struct Array {
    element: Element,
    extents: Vec<usize>,
    bytes: Vec<u8>,
}

impl Array {
    fn read(path: &Path, progress: &mut dyn Progress) -> Result<Self, Fault> {
        let mut file = source::open(path, progress)?;
        Self::parse(&mut file).map_err(|error| Fault::io(path, &error))?.map_err(|problem| Fault::new(path, problem))
    }

    /// The numbers, or what is wrong with the file; of one that goes on for ever, no more is read than it declares.
    fn parse(file: &mut impl Read) -> io::Result<Result<Self, String>> {
        let mut start = Vec::new();
        file.take(4).read_to_end(&mut start)?;
        let [0, 0, kind, dimensions] = start[..] else { return Ok(Err("is no IDX file".to_owned())) };
        let Some(element) = element(kind) else {
            return Ok(Err(format!("has the type {kind:#04x}, which IDX does not know")));
        };
        let mut extents = Vec::new();
        file.take(4 * u64::from(dimensions)).read_to_end(&mut extents)?;
        if extents.len() < 4 * usize::from(dimensions) {
            return Ok(Err("ends inside its header".to_owned()));
        }
        let extent = |bytes: &[u8]| bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte));
        let extents: Vec<usize> = extents.chunks_exact(4).map(extent).collect();
        let count = extents.iter().try_fold(element.bytes, |count, &extent| count.checked_mul(extent));
        let Some(expected) = count else { return Ok(Err("declares more than there can be".to_owned())) };
        let mut bytes = Vec::new();
        file.take(expected as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Self::whole(element, extents, bytes, expected))
    }

    fn whole(element: Element, extents: Vec<usize>, bytes: Vec<u8>, expected: usize) -> Result<Self, String> {
        match bytes.len() {
            found if found < expected => {
                Err(format!("is cut short: {found} bytes of numbers where {expected} are declared"))
            }
            found if found > expected => Err(format!("goes on behind the {expected} bytes that it declares")),
            _ => Ok(Self { element, extents, bytes }),
        }
    }

    /// A word a sample: the number, or the first of several.
    fn column(&self) -> Column {
        let each = self.extents.get(1).copied().unwrap_or(1).max(1);
        Column::of(self.element.numbers(&self.bytes).step_by(each).map(|number| number.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_by_what_they_say() {
        for (name, says) in [
            ("train-images-idx3-ubyte", "train-images"),
            ("train-images.idx3-ubyte", "train-images"),
            ("t10k-labels-idx1-ubyte.gz", "t10k-labels"),
            ("emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-train-images"),
            ("Train_Images_IDX3_ubyte", "train_images"),
        ] {
            assert_eq!(key(name), says);
        }
    }

    #[test]
    fn numbers_of_every_type_are_read_whole() {
        let floats = [&[0, 0, 0x0d, 1, 0, 0, 0, 2][..], &1.5_f32.to_be_bytes(), &(-2.0_f32).to_be_bytes()].concat();
        let parse = |bytes: Vec<u8>| Array::parse(&mut &bytes[..]).unwrap();
        let array = parse(floats.clone()).unwrap();
        assert_eq!(array.element.numbers(&array.bytes).collect::<Vec<_>>(), [1.5, -2.0]);
        assert!(parse(floats[..15].to_vec()).err().unwrap().contains("7 bytes of numbers where 8"));
        assert!(parse([&floats[..], &[0]].concat()).err().unwrap().contains("goes on"));
        assert!(parse(floats[..6].to_vec()).err().unwrap().contains("header"));
        // QMNIST's labels: the class, and more about each sample.
        let words =
            [&[0, 0, 0x0c, 2, 0, 0, 0, 2, 0, 0, 0, 2][..], &[0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1]].concat();
        let column = parse(words).unwrap().column();
        assert_eq!((column.word(0), column.word(1)), ("7", "9"));
    }
}
