//! A folder with one sub-folder of pictures a class.

use std::fs;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageReader, imageops::FilterType};
use rayon::prelude::*;

use super::super::fault::count;
use super::super::{Fault, Options, Progress, Shape, Values};
use super::{Column, Raw, source};

/// Whether a file begins as a picture that can be read does.
pub(crate) fn is_picture(start: &[u8]) -> bool {
    [&b"\x89PNG"[..], b"\xff\xd8\xff", b"BM"].iter().any(|magic| start.starts_with(magic))
}

/// Reads all pictures; folders `train` and `test` divide them.
pub(super) fn read(path: &Path, options: &Options, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    let named = |names: &[&str]| names.iter().map(|name| path.join(name)).find(|path| path.is_dir());
    match (named(&["train", "training"]), named(&["test", "testing"])) {
        (Some(train), Some(test)) => {
            let train = classes(&train, options, progress)?;
            train.divided(classes(&test, options, progress)?, &test)
        }
        _ => classes(path, options, progress),
    }
}

/// The sub-folders of a folder, sorted.
pub(crate) fn folders(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    entries(path).map(|entries| entries.into_iter().filter(|path| path.is_dir()).collect())
}

/// What is in a folder, sorted, without hidden entries.
fn entries(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    let is_shown = |path: &PathBuf| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'));
    let entries = fs::read_dir(path).map_err(|error| Fault::io(path, &error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_shown).collect();
    paths.sort();
    Ok(paths)
}

/// The pictures of a folder's sub-folders, whose names are the classes.
fn classes(path: &Path, options: &Options, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    let (mut files, mut labels, mut others) = (Vec::new(), Column::default(), 0);
    for folder in folders(path)? {
        let name = folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        for file in entries(&folder)?.into_iter().filter(|path| path.is_file()) {
            if source::start(&file).is_ok_and(|start| is_picture(&start)) {
                files.push(file);
                labels.push(&name);
            } else {
                others += 1;
            }
        }
    }
    if files.is_empty() {
        return Err(Fault::new(path, "holds no sub-folders of pictures (PNG, JPEG or BMP), one a class"));
    }
    progress.notice(&format!("reading {} from {}", count(files.len(), "picture", "pictures"), path.display()));
    let mut raw = decoded(&files, labels, options)?;
    if others > 0 {
        raw.notes.push(format!(
            "{} in {} left out, being no picture",
            count(others, "file is", "files are"),
            path.display()
        ));
    }
    Ok(raw)
}

/// The pictures in one size, grey where all of them are.
fn decoded(files: &[PathBuf], labels: Column, options: &Options) -> Result<Raw, Fault> {
    let size = match options.resize.as_ref().and_then(|extents| extents.two()) {
        Some(size) => size,
        None => dimensions(&files[0])?,
    };
    let resizes = options.resize.is_some();
    let planes = files.par_iter().map(|file| planes(file, size, resizes, options.grey));
    let planes: Vec<Vec<u8>> = planes.collect::<Result<_, _>>()?;
    let [columns, rows] = size;
    let pixels = columns * rows;
    let is_grey = |planes: &Vec<u8>| planes.chunks_exact(pixels).all(|plane| plane == &planes[..pixels]);
    let channels = if planes.par_iter().all(is_grey) { 1 } else { 3 };
    let mut values = Vec::with_capacity(files.len() * channels * pixels);
    for planes in planes {
        let colours = planes.chunks_exact(pixels).chain(std::iter::repeat(&planes[..pixels]));
        colours.take(channels).for_each(|plane| values.extend_from_slice(plane));
    }
    Ok(Raw::new(Shape::Picture { channels, rows, columns }, Values::Bytes(values), labels))
}

fn dimensions(path: &Path) -> Result<[usize; 2], Fault> {
    let picture = decode(path)?;
    Ok([picture.width() as usize, picture.height() as usize])
}

fn decode(path: &Path) -> Result<DynamicImage, Fault> {
    let reader = ImageReader::open(path).and_then(ImageReader::with_guessed_format);
    let reader = reader.map_err(|error| Fault::io(path, &error))?;
    reader.decode().map_err(|error| Fault::new(path, format!("is a damaged picture ({error}); replace or remove it")))
}

/// One picture, channel by channel: one channel where it is grey, otherwise three.
fn planes(path: &Path, [columns, rows]: [usize; 2], resizes: bool, grey: bool) -> Result<Vec<u8>, Fault> {
    let mut picture = decode(path)?;
    let found = [picture.width() as usize, picture.height() as usize];
    if found != [columns, rows] {
        if !resizes {
            let problem = format!(
                "is {}x{}, others are {columns}x{rows}; bring all to one size by --resize {columns}x{rows}",
                found[0], found[1]
            );
            return Err(Fault::new(path, problem));
        }
        picture = picture.resize_exact(columns as u32, rows as u32, FilterType::Triangle);
    }
    if grey || !picture.color().has_color() {
        return Ok(picture.to_luma8().into_raw());
    }
    let colours = picture.to_rgb8().into_raw();
    let pixels: Vec<&[u8]> = colours.chunks_exact(3).collect();
    Ok((0..3).flat_map(|channel| pixels.iter().map(move |pixel| pixel[channel])).collect())
}
