//! NumPy's files of one array.
//!
//! The format: `\x93NUMPY`, a version of two bytes, the header's length, the header as a Python dictionary
//! (`{'descr': '<f4', 'fortran_order': False, 'shape': (40, 6, 100), }`), and the numbers.

use std::path::{Path, PathBuf};

use super::super::{Fault, Options, Progress, Shape, Values};
use super::element::{Element, Kind};
use super::{Column, Raw, source};

/// What an NPY file begins with.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// An array.
#[derive(Clone, Debug)]
pub(super) struct Array {
    stored: Stored,
    pub shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// What an array holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stored {
    Numbers(Element),
    /// Words of so many bytes.
    Bytes(usize),
    /// Words of so many characters of four bytes.
    Characters {
        count: usize,
        big_endian: bool,
    },
}

impl Stored {
    const fn bytes(self) -> usize {
        match self {
            Self::Numbers(element) => element.bytes,
            Self::Bytes(count) => count,
            Self::Characters { count, .. } => 4 * count,
        }
    }
}

/// Reads a file of samples, with the labels in a file of its own beside it.
pub(super) fn read(path: &Path, options: &Options, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    let samples = Array::read(path, progress)?;
    if options.features.is_some() {
        return samples.unlabelled(path);
    }
    let labels = labels_beside(path, options)?;
    let labels = Array::read(&labels, progress)?.column(&labels)?;
    samples.labelled(path, labels)
}

/// The file of labels: as named, or called like that of the samples with `y` or `labels` for `X` or `data`.
fn labels_beside(path: &Path, options: &Options) -> Result<PathBuf, Fault> {
    if let Some(labels) = &options.labels {
        return Ok(labels.clone());
    }
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let pairs = [("X", "y"), ("x", "y"), ("data", "labels"), ("samples", "labels"), ("images", "labels")];
    let swapped = pairs.iter().flat_map(|(samples, labels)| {
        name.match_indices(samples)
            .map(|(at, _)| format!("{}{labels}{}", &name[..at], &name[at + samples.len()..]))
            .collect::<Vec<_>>()
    });
    let found = swapped.map(|name| path.with_file_name(name)).find(|path| path.is_file());
    found.ok_or_else(|| {
        Fault::new(path, "holds samples, and no file beside it (X.npy, y.npy) their labels; name it by --labels")
    })
}

impl Array {
    pub fn read(path: &Path, progress: &mut dyn Progress) -> Result<Self, Fault> {
        let bytes = source::bytes(path, progress)?;
        Self::parse(bytes).map_err(|problem| Fault::new(path, problem))
    }

    /// An array from a file's bytes, or what is wrong with them.
    pub fn parse(mut bytes: Vec<u8>) -> Result<Self, String> {
        let (header, start) = header(&bytes)?;
        let stored = stored(&field(header, "descr").ok_or("is a NumPy file without a type")?)?;
        let shape = shape(&field(header, "shape").ok_or("is a NumPy file without a shape")?)?;
        let by_columns = field(header, "fortran_order").is_some_and(|order| order.starts_with("True"));
        let count = shape.iter().try_fold(1_usize, |count, &extent| count.checked_mul(extent));
        let expected =
            count.and_then(|count| count.checked_mul(stored.bytes())).ok_or("declares more than there can be")?;
        bytes.drain(..start);
        if bytes.len() < expected {
            return Err(format!("is cut short: {} bytes of numbers where {expected} are declared", bytes.len()));
        }
        bytes.truncate(expected);
        let bytes = if by_columns { by_rows(&bytes, &shape, stored.bytes()) } else { bytes };
        Ok(Self { stored, shape, bytes })
    }

    /// A word an entry, of an array of one dimension (or of columns of one).
    pub fn column(&self, path: &Path) -> Result<Column, Fault> {
        if self.shape.len() != 1 && self.shape.get(1..) != Some(&[1]) {
            let found = format!("holds labels of shape {:?}; one number or word a sample is needed", self.shape);
            return Err(Fault::new(path, found));
        }
        match self.stored {
            Stored::Numbers(element) => Ok(Column::of(element.numbers(&self.bytes).map(|number| number.to_string()))),
            Stored::Bytes(length) => {
                let word = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
                Ok(Column::of(self.bytes.chunks_exact(length.max(1)).map(word)))
            }
            Stored::Characters { count, big_endian } => {
                let character = |bytes: &[u8]| {
                    let bytes: [u8; 4] = bytes.try_into().unwrap_or_default();
                    let code = if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
                    char::from_u32(code).filter(|&character| character != '\0')
                };
                let word = |bytes: &[u8]| bytes.chunks_exact(4).filter_map(character).collect::<String>();
                Ok(Column::of(self.bytes.chunks_exact(4 * count.max(1)).map(word)))
            }
        }
    }

    /// Samples that nobody has labelled.
    pub fn unlabelled(self, path: &Path) -> Result<Raw, Fault> {
        let count = self.shape.first().copied().unwrap_or(0);
        self.labelled(path, Column::of(std::iter::repeat_n("", count)))
    }

    /// Samples with their labels.
    pub fn labelled(self, path: &Path, labels: Column) -> Result<Raw, Fault> {
        let Stored::Numbers(element) = self.stored else {
            return Err(Fault::new(path, "holds words where samples of numbers are needed"));
        };
        let count = self.shape.first().copied().unwrap_or(0);
        if count != labels.ids.len() {
            let problem = format!("holds {count} samples, but {} labels belong to them", labels.ids.len());
            return Err(Fault::new(path, problem));
        }
        let is_last = |channels: usize| matches!(channels, 1 | 3);
        let (shape, bytes) = match self.shape[..] {
            [_, features] => (Shape::features(features), self.bytes),
            [_, rows, columns] if element.is_byte() => (Shape::grey(columns, rows), self.bytes),
            [_, channels, time] => (Shape::series(channels, time), self.bytes),
            [_, channels, rows, columns] if is_last(channels) => {
                (Shape::Picture { channels, rows, columns }, self.bytes)
            }
            [_, rows, columns, channels] if is_last(channels) => {
                let planes = planes_first(&self.bytes, rows * columns, channels, element.bytes);
                (Shape::Picture { channels, rows, columns }, planes)
            }
            _ => return Err(Fault::new(path, wrong_shape(&self.shape))),
        };
        if shape.is_empty() || count == 0 {
            return Err(Fault::new(path, format!("is empty: its shape is {:?}", self.shape)));
        }
        let mut raw = Raw::new(shape, element.values(bytes), labels);
        refuse_infinite(path, &raw.values)?;
        if let Shape::Series { channels, time } = &raw.shape {
            raw.notes.push(format!(
                "taken as series of {} channels x {time} steps; for pictures say --picture {time}x{}",
                channels.len(),
                channels.len()
            ));
        }
        Ok(raw)
    }
}

fn wrong_shape(shape: &[usize]) -> String {
    format!(
        "has the shape {shape:?}; what can be read is samples x features, samples x channels x steps, or samples x \
         rows x columns x channels with 1 or 3 channels (first or last)"
    )
}

/// Refuses infinite values; NaN is a missing value, which is looked for later.
fn refuse_infinite(path: &Path, values: &Values) -> Result<(), Fault> {
    match values {
        Values::Floats(values) if values.iter().any(|value| value.is_infinite()) => {
            Err(Fault::new(path, "holds infinite values, or some beyond 3e38; remove or scale them"))
        }
        _ => Ok(()),
    }
}

/// Pixels whose channels lie side by side, as planes.
pub(super) fn planes_first(bytes: &[u8], pixels: usize, channels: usize, size: usize) -> Vec<u8> {
    let mut planes = Vec::with_capacity(bytes.len());
    for sample in bytes.chunks_exact((pixels * channels * size).max(1)) {
        for channel in 0..channels {
            let pixels = sample.chunks_exact(channels * size);
            pixels.for_each(|pixel| planes.extend_from_slice(&pixel[channel * size..][..size]));
        }
    }
    planes
}

/// The header's text, and where the numbers begin.
fn header(bytes: &[u8]) -> Result<(&str, usize), String> {
    let wrong = || "is a damaged NumPy file: its header cannot be read".to_owned();
    let version = *bytes.get(MAGIC.len()).ok_or_else(wrong)?;
    let length_bytes = if version == 1 { 2 } else { 4 };
    let place = MAGIC.len() + 2;
    let length = bytes.get(place..place + length_bytes).ok_or_else(wrong)?;
    let length = length.iter().rev().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
    let start = place + length_bytes;
    let text = start.checked_add(length).and_then(|end| bytes.get(start..end)).ok_or_else(wrong)?;
    Ok((std::str::from_utf8(text).map_err(|_| wrong())?, start + length))
}

/// The text behind a key of the header's dictionary.
fn field(header: &str, key: &str) -> Option<String> {
    let behind = header.split_once(&format!("'{key}':"))?.1.trim_start();
    let end = match behind.chars().next()? {
        '(' => behind.find(')')? + 1,
        '\'' => behind[1..].find('\'')? + 2,
        _ => behind.find([',', '}'])?,
    };
    Some(behind[..end].trim_matches('\'').trim().to_owned())
}

fn shape(text: &str) -> Result<Vec<usize>, String> {
    let inner = text.trim_matches(['(', ')']).split(',').map(str::trim).filter(|extent| !extent.is_empty());
    let extents: Result<Vec<usize>, _> = inner.map(str::parse).collect();
    extents.map_err(|_| format!("declares the shape {text}, which cannot be read"))
}

/// How the elements of a type are stored.
fn stored(descr: &str) -> Result<Stored, String> {
    let refuse = || {
        let hint = if descr.contains('O') {
            "Python objects; save numbers or words instead (X.astype('f4'))"
        } else {
            "neither numbers nor words"
        };
        format!("holds the type {descr}: {hint}")
    };
    let (order, rest) = match descr.split_at_checked(1) {
        Some((order @ ("<" | ">" | "|" | "="), rest)) => (order, rest),
        _ => ("<", descr),
    };
    let big_endian = order == ">";
    let (kind, size) = rest.split_at_checked(1).ok_or_else(refuse)?;
    let size: usize = size.parse().map_err(|_| refuse())?;
    let numbers = |kind| Stored::Numbers(Element { kind, bytes: size, big_endian });
    match (kind, size) {
        ("b", 1) | ("u", 1 | 2 | 4 | 8) => Ok(numbers(Kind::Unsigned)),
        ("i", 1 | 2 | 4 | 8) => Ok(numbers(Kind::Signed)),
        ("f", 2 | 4 | 8) => Ok(numbers(Kind::Float)),
        ("S", _) => Ok(Stored::Bytes(size)),
        ("U", _) => Ok(Stored::Characters { count: size, big_endian }),
        _ => Err(refuse()),
    }
}

/// The elements row by row, of an array that was stored column by column.
fn by_rows(bytes: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    let mut strides = vec![size; shape.len()];
    for dimension in 1..shape.len() {
        strides[dimension] = strides[dimension - 1] * shape[dimension - 1];
    }
    let mut sorted = Vec::with_capacity(bytes.len());
    let mut index = vec![0; shape.len()];
    for _ in 0..bytes.len() / size.max(1) {
        let place: usize = index.iter().zip(&strides).map(|(index, stride)| index * stride).sum();
        sorted.extend_from_slice(&bytes[place..place + size]);
        for (index, extent) in index.iter_mut().zip(shape).rev() {
            *index += 1;
            if *index < *extent {
                break;
            }
            *index = 0;
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, numbers: &[u8]) -> Vec<u8> {
        let mut bytes = [MAGIC, &[1, 0], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
        bytes.extend_from_slice(numbers);
        bytes
    }

    #[test]
    fn arrays_are_read_by_rows_and_by_columns() {
        let rows = file("{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }", &[1, 2, 3, 4, 5, 6]);
        let columns = file("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", &[1, 4, 2, 5, 3, 6]);
        for bytes in [rows, columns] {
            let raw = Array::parse(bytes).unwrap().labelled(Path::new("X.npy"), Column::of(["a", "b"])).unwrap();
            assert_eq!(raw.values, Values::Floats(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
            assert_eq!(raw.shape, Shape::features(3));
        }
    }

    #[test]
    fn words_are_read() {
        let characters: Vec<u8> = "ab\0c\0\0".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let words =
            Array::parse(file("{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", &characters)).unwrap();
        let column = words.column(Path::new("y.npy")).unwrap();
        assert_eq!((column.word(0), column.word(1)), ("ab", "c"));
        let bytes =
            Array::parse(file("{'descr': '|S2', 'fortran_order': False, 'shape': (2, 1), }", b"xy\0\0")).unwrap();
        assert_eq!(bytes.column(Path::new("y.npy")).unwrap().word(0), "xy");
    }

    #[test]
    fn colours_become_planes() {
        let bytes = file("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 1, 3), }", &[1, 2, 3, 4, 5, 6]);
        let raw = Array::parse(bytes).unwrap().labelled(Path::new("X.npy"), Column::of(["a"])).unwrap();
        assert_eq!(raw.values, Values::Bytes(vec![1, 4, 2, 5, 3, 6]));
        assert_eq!(raw.shape, Shape::Picture { channels: 3, rows: 2, columns: 1 });
    }

    #[test]
    fn damaged_files_are_told() {
        let whole = file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", &[0; 24]);
        for (bytes, says) in [
            (whole[..whole.len() - 1].to_vec(), "cut short: 23 bytes"),
            (whole[..20].to_vec(), "header"),
            (file("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", &[]), "Python objects"),
            (file("{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }", &[]), "type <c8"),
            (file("{'descr': '<f4', 'fortran_order': False, 'shape': (x,), }", &[]), "shape (x,)"),
        ] {
            let problem = Array::parse(bytes).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
