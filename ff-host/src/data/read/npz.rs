//! NumPy's archives of several arrays: X and y, or X_train, y_train, X_test and y_test.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use super::super::{Fault, Options};
use super::npy::Array;
use super::{Column, Raw};
use crate::files;

/// Names of the samples' array, in small letters.
const SAMPLES: [&str; 5] = ["x", "data", "samples", "images", "features"];
/// Names of the labels'.
const LABELS: [&str; 4] = ["y", "labels", "label", "target"];

/// Reads an archive.
pub(super) fn read(path: &Path, options: &Options) -> Result<Raw, Fault> {
    let mut arrays = arrays(path)?;
    if options.features.is_some() {
        let is_single = arrays.len() == 1;
        let samples = SAMPLES.iter().find_map(|name| arrays.remove(*name));
        let samples = samples.or_else(|| arrays.into_values().next().filter(|_| is_single));
        let missing = || Fault::new(path, "has no array X of samples");
        return samples.ok_or_else(missing)?.unlabelled(path);
    }
    let train = part(path, &mut arrays, &["_train", "train_", ""])?;
    let has_test =
        SAMPLES.iter().any(|name| ["_test", "test_"].iter().any(|end| arrays.contains_key(&named(name, end))));
    if has_test { train.divided(part(path, &mut arrays, &["_test", "test_"])?, path) } else { Ok(train) }
}

/// The arrays by their names in small letters.
fn arrays(path: &Path) -> Result<BTreeMap<String, Array>, Fault> {
    let wrong = |error: zip::result::ZipError| Fault::new(path, format!("is a damaged or truncated archive ({error})"));
    let file = files::open(path, files::DATA).map_err(|error| Fault::io(path, &error))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(wrong)?;
    let mut arrays = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(wrong)?;
        let name = entry.name().map_err(wrong)?.to_ascii_lowercase();
        let Some(name) = name.strip_suffix(".npy").map(str::to_owned) else { continue };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| Fault::io(path, &error))?;
        let array = Array::parse(bytes).map_err(|problem| Fault::new(path, format!("{problem} (array {name})")))?;
        arrays.insert(name, array);
    }
    Ok(arrays)
}

/// An array's name with what says which part it is, before or behind it.
fn named(name: &str, part: &str) -> String {
    if part.ends_with('_') { format!("{part}{name}") } else { format!("{name}{part}") }
}

/// The samples and labels of a part.
fn part(path: &Path, arrays: &mut BTreeMap<String, Array>, parts: &[&str]) -> Result<Raw, Fault> {
    let find = |arrays: &mut BTreeMap<String, Array>, names: &[&str]| {
        parts.iter().find_map(|part| names.iter().find_map(|name| arrays.remove(&named(name, part))))
    };
    let known = || arrays.keys().cloned().collect::<Vec<_>>().join(", ");
    let missing = |what: &str| {
        Fault::new(
            path,
            format!(
                "has no array of {what}; it has {}, and needs X and y, or X_train, y_train, X_test and y_test",
                known()
            ),
        )
    };
    let (no_samples, no_labels) = (missing("samples"), missing("labels"));
    let samples = find(arrays, &SAMPLES).ok_or(no_samples)?;
    let labels = find(arrays, &LABELS).ok_or(no_labels)?.column(path)?;
    let groups = find(arrays, &["groups", "group"]).map(|array| array.column(path)).transpose()?;
    let raw = samples.labelled(path, labels)?;
    let fits = groups.as_ref().is_none_or(|groups: &Column| groups.ids.len() == raw.len());
    if !fits {
        return Err(Fault::new(path, format!("has another number of groups than the {} samples", raw.len())));
    }
    Ok(Raw { groups, ..raw })
}
