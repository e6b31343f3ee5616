//! Own data: a file or folder becomes a divided data set.

use std::path::{Path, PathBuf};

use super::read::{self, Part, Raw};
use super::{DataError, Dataset, DatasetName, Extents, Fault, Options, Progress, Samples, Shape, Values};

/// The split of data that say themselves which samples are for the test.
const GIVEN: &str = "given";

/// A label is a byte.
const MOST_CLASSES: usize = 256;

/// Reads own data and divides them: by the test samples that are given, or as the data say themselves, or by
/// holding a part out.
///
/// # Errors
/// [`DataError::File`] says which file is at fault, where, and what to do.
pub fn load_own(options: &Options, progress: &mut dyn Progress) -> Result<Dataset, DataError> {
    let (raw, given) = gather(options, progress)?;
    raw.notes.iter().for_each(|note| progress.notice(note));
    let Raw { shape, values, labels, groups, parts, .. } = raw;
    let (class_names, places) = labels.names.sorted();
    check_classes(&options.path, &class_names)?;
    let classes = class_names.len();
    let labels = labels.ids.iter().map(|&id| places[id as usize] as u8).collect();
    let groups = groups.map_or_else(Vec::new, |groups| groups.ids);
    let all = Samples::new(shape, values, labels).with_groups(groups).with_fill(options.fill);
    let (train, test, split) = match parts {
        Some(parts) => {
            let is = |part| move |parts: &[Part], index: usize| parts.get(index) == Some(&part);
            let of = |part| all.filter(|index, _| is(part)(&parts, index));
            (of(Part::Train), of(Part::Test), given)
        }
        None => {
            let (train, test) = all.hold_out(options.test_part(), options.test_seed());
            (train, test, format!("{}-held-out-{}", options.test_part(), options.test_seed()))
        }
    };
    if train.is_empty() {
        return Err(Fault::new(&options.path, "leaves no sample to learn from").into());
    }
    let source = options.path.display().to_string();
    let (name, own) = (name(&options.path), Some(options.clone()));
    Ok(Dataset { name, split, source, classes, class_names, train, test, own })
}

/// Whether a folder's IDX files can be read as own data.
pub(super) fn is_whole(folder: &Path) -> bool {
    load_own(&Options::of(folder), &mut super::Silent).is_ok_and(|data| data.split == GIVEN)
}

/// Reads a folder of IDX files that takes the place of a data set known by name.
pub(super) fn load_folder(folder: &Path, name: DatasetName, progress: &mut dyn Progress) -> Result<Dataset, DataError> {
    let data = load_own(&Options::of(folder), progress)?;
    Ok(Dataset { name: name.to_string(), ..data })
}

/// Reads own data whole, for a model that knows these classes.
///
/// # Errors
/// As [`load_own`], and labels that the model does not know.
pub fn load_for(options: &Options, class_names: &[String], progress: &mut dyn Progress) -> Result<Samples, DataError> {
    let raw = shaped(&options.path, options, progress)?;
    raw.notes.iter().for_each(|note| progress.notice(note));
    let place = |id: u32| {
        let word = raw.labels.names.name(id);
        let place = class_names.iter().position(|name| name == word);
        place.map(|place| place as u8).ok_or_else(|| {
            let known = class_names.join(", ");
            Fault::new(&options.path, format!("has the label {word:?}, but the model's classes are {known}"))
        })
    };
    let labels = raw.labels.ids.iter().map(|&id| place(id)).collect::<Result<_, _>>()?;
    Ok(Samples::new(raw.shape, raw.values, labels).with_fill(options.fill))
}

/// Reads data that are to be judged by a model which takes samples of this shape; labels need not be there. Their
/// labels are all 0.
///
/// # Errors
/// As [`load_own`], and samples that the model does not take.
pub fn load_unlabelled(options: &Options, shape: &Shape, progress: &mut dyn Progress) -> Result<Samples, DataError> {
    let features = match shape {
        Shape::Features { names } => names.clone(),
        Shape::Series { channels, .. } => channels.clone(),
        Shape::Picture { .. } => Vec::new(),
    };
    // What a column is for was a question of learning; here the model's columns count.
    let options = Options {
        features: Some(features),
        label: None,
        group: None,
        test: None,
        ignore: Vec::new(),
        ..options.clone()
    };
    let Raw { shape: found, mut values, labels, notes, .. } = shaped(&options.path, &options, progress)?;
    notes.iter().for_each(|note| progress.notice(note));
    if let (Shape::Features { names: wanted }, Shape::Features { names }, Values::Floats(values)) =
        (shape, &found, &mut values)
    {
        order_columns(values, names, wanted);
    }
    if found.len() != shape.len() {
        let differs = format!("holds samples of {found}, the model takes {shape}{}", shape.difference(&found));
        return Err(Fault::new(&options.path, differs).into());
    }
    Ok(Samples::new(shape.clone(), values, vec![0; labels.ids.len()]).with_fill(options.fill))
}

/// Brings columns into the order in which a model takes them, where they have its names.
fn order_columns(values: &mut [f32], names: &[String], wanted: &[String]) {
    let places: Option<Vec<_>> = wanted.iter().map(|name| names.iter().position(|found| found == name)).collect();
    let Some(places) = places.filter(|_| names != wanted) else { return };
    let mut row = vec![0.0; places.len()];
    for values in values.chunks_exact_mut(places.len()) {
        row.iter_mut().zip(&places).for_each(|(to, &from)| *to = values[from]);
        values.copy_from_slice(&row);
    }
}

/// All samples, with what says how they are divided.
fn gather(options: &Options, progress: &mut dyn Progress) -> Result<(Raw, String), Fault> {
    let raw = shaped(&options.path, options, progress)?;
    let test = match &options.test {
        Some(test) => Some(test.clone()),
        None if raw.parts.is_none() && options.test_part.is_none() => named_test(&options.path),
        None => None,
    };
    let Some(test) = test else { return Ok((raw, GIVEN.to_owned())) };
    if options.test.is_none() {
        progress
            .notice(&format!("testing on {}, as its name says; --test-part 0.2 would hold out a part", test.display()));
    }
    let others = shaped(&test, options, progress)?;
    Ok((raw.divided(others, &test)?, format!("given-{}", name(&test))))
}

/// A file or folder that is called like this one, with `test` for `train`.
fn named_test(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let pairs = [("train", "test"), ("TRAIN", "TEST"), ("Train", "Test")];
    let (at, (train, test)) = pairs.into_iter().find_map(|pair| Some((name.rfind(pair.0)?, pair)))?;
    let name = format!("{}{test}{}", &name[..at], &name[at + train.len()..]);
    Some(path.with_file_name(name)).filter(|path| path.exists())
}

/// Reads a file and brings its samples into the shape that is asked for.
fn shaped(path: &Path, options: &Options, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    let mut raw = read::read(path, options, progress)?;
    let shape = match (&options.picture, &options.series) {
        (Some(extents), _) => {
            extents.picture().map(|[columns, rows, channels]| Shape::Picture { channels, rows, columns })
        }
        (_, Some(extents)) => extents.two().map(|[channels, time]| Shape::series(channels, time)),
        _ => Some(raw.shape.clone()),
    };
    let extents = || options.picture.as_ref().or(options.series.as_ref()).map_or_else(String::new, Extents::to_string);
    let shape = shape.filter(|shape| shape.len() == raw.shape.len());
    let wrong = || format!("holds samples of {}, which are not {}", raw.shape, extents());
    raw.shape = shape.ok_or_else(|| Fault::new(path, wrong()))?;
    if options.picture.is_some() {
        pack(&mut raw.values);
    }
    if options.transpose {
        transpose(path, &mut raw)?;
    }
    refuse_missing(path, options, &raw)?;
    Ok(raw)
}

/// Pictures whose values are whole numbers from 0 to 255 become bytes.
fn pack(values: &mut Values) {
    let Values::Floats(floats) = values else { return };
    if floats.iter().all(|value| (0.0..=255.0).contains(value) && value.fract() == 0.0)
        && floats.iter().any(|v| *v > 1.0)
    {
        *values = Values::Bytes(floats.iter().map(|&value| value as u8).collect());
    }
}

/// Exchanges rows and columns.
fn transpose(path: &Path, raw: &mut Raw) -> Result<(), Fault> {
    let Shape::Picture { channels, rows, columns } = raw.shape else {
        return Err(Fault::new(path, format!("holds {}: only pictures can be transposed", raw.shape)));
    };
    match &mut raw.values {
        Values::Bytes(values) => values.chunks_exact_mut(rows * columns).for_each(|plane| turn(plane, rows, columns)),
        Values::Floats(values) => values.chunks_exact_mut(rows * columns).for_each(|plane| turn(plane, rows, columns)),
    }
    raw.shape = Shape::Picture { channels, rows: columns, columns: rows };
    Ok(())
}

fn turn<T: Copy>(plane: &mut [T], rows: usize, columns: usize) {
    let before = plane.to_vec();
    for row in 0..rows {
        for column in 0..columns {
            plane[column * rows + row] = before[row * columns + column];
        }
    }
}

/// Refuses missing values of arrays, where nothing says what fills them. Tables have their own message.
fn refuse_missing(path: &Path, options: &Options, raw: &Raw) -> Result<(), Fault> {
    let Values::Floats(values) = &raw.values else { return Ok(()) };
    match values.iter().position(|value| value.is_nan()) {
        Some(place) if options.fill.is_none() => {
            let (sample, within) = (place / raw.shape.len(), place % raw.shape.len());
            let what = raw.shape.name_of(within);
            let advice = "is missing (NaN); fill such by --fill mean, median or zero";
            Err(Fault::new(path, format!("{what} of sample {sample} {advice}")))
        }
        _ => Ok(()),
    }
}

fn check_classes(path: &Path, names: &[String]) -> Result<(), Fault> {
    let of = |names: &[String]| names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    match names.len() {
        0 | 1 => {
            let problem = format!("has one class ({}): to tell classes apart, two are needed", of(names));
            Err(Fault::new(path, problem))
        }
        2..=MOST_CLASSES => Ok(()),
        several => Err(Fault::new(
            path,
            format!(
                "has {several} different labels ({}, ..), and {MOST_CLASSES} classes can be told apart at most; name the \
                 column of the classes by --label",
                of(names)
            ),
        )),
    }
}

/// A file's name without its endings, as a folder may be called.
fn name(path: &Path) -> String {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let name = name.trim_end_matches(".gz");
    let stem = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or(name, |(stem, _)| stem);
    let plain: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '-' }).collect();
    if plain.is_empty() { "data".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_turned() {
        let mut plane = [1, 2, 3, 4, 5, 6];
        turn(&mut plane, 2, 3);
        assert_eq!(plane, [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn names_are_those_of_files() {
        for (path, says) in
            [("a/wine.csv", "wine"), ("my data.csv.gz", "my-data"), ("folder", "folder"), ("..", "data")]
        {
            assert_eq!(name(Path::new(path)), says);
        }
    }
}
