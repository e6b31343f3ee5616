//! Predictions as text, a line a sample, and as NumPy's arrays.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use anyhow::Context;
use clap::ValueEnum;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Predictions;

/// A form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table with a header
    Csv,
    /// A JSON object a line
    Jsonl,
    /// NumPy's arrays `classes`, `prediction`, `probabilities` and `goodness`; needs --out
    Npz,
}

/// Some samples as lines of a table or of JSON; `first` is the number of the first, before which a table has its
/// header.
///
/// # Errors
/// None that is known of: names become text in either form.
pub fn rows(found: &Predictions, format: Format, first: usize) -> anyhow::Result<String> {
    match format {
        Format::Jsonl => json(found, first),
        _ => csv(found, first),
    }
}

fn csv(found: &Predictions, first: usize) -> anyhow::Result<String> {
    let names: Vec<_> = found.names.iter().map(|name| quoted(name)).collect();
    let mut text = String::with_capacity(found.len() * (16 + 12 * names.len()));
    if first == 0 {
        text.push_str("sample,prediction,probability");
        text.extend(names.iter().map(|name| format!(",{}", prefixed(name))));
        text.push_str(if found.goodness.is_some() { ",goodness\n" } else { "\n" });
    }
    for (sample, &class) in found.classes.iter().enumerate() {
        let name = names.get(usize::from(class)).map_or("", String::as_str);
        write!(text, "{},{name},{}", first + sample, found.probability(sample))?;
        for p in found.row(sample) {
            write!(text, ",{p}")?;
        }
        if let Some(goodness) = found.goodness.as_ref().and_then(|goodness| goodness.get(sample)) {
            write!(text, ",{goodness}")?;
        }
        text.push('\n');
    }
    Ok(text)
}

fn json(found: &Predictions, first: usize) -> anyhow::Result<String> {
    let names = found.names.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    let mut text = String::with_capacity(found.len() * (64 + 20 * names.len()));
    for (sample, &class) in found.classes.iter().enumerate() {
        let name = names.get(usize::from(class)).map_or("null", String::as_str);
        write!(text, "{{\"sample\":{},\"prediction\":{name},\"probabilities\":{{", first + sample)?;
        for (n, (name, p)) in names.iter().zip(found.row(sample)).enumerate() {
            write!(text, "{}{name}:{p}", if n > 0 { "," } else { "" })?;
        }
        text.push('}');
        if let Some(goodness) = found.goodness.as_ref().and_then(|goodness| goodness.get(sample)) {
            write!(text, ",\"goodness\":{goodness}")?;
        }
        text.push_str("}\n");
    }
    Ok(text)
}

/// A column's name for a class's probability.
fn prefixed(name: &str) -> String {
    match name.strip_prefix('"') {
        Some(rest) => format!("\"p_{rest}"),
        None => format!("p_{name}"),
    }
}

/// A cell of a table: in quotes where it holds what divides cells.
fn quoted(name: &str) -> String {
    let is_plain = !name.contains([',', '"', '\n', '\r']);
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// All of them as an NPZ file: `classes` (names), `prediction` (numbers of classes), `probabilities` (samples x
/// classes) and, where it was asked for, `goodness`.
///
/// # Errors
/// None that is known of: the archive is made in memory.
pub fn npz(found: &Predictions) -> anyhow::Result<Vec<u8>> {
    let (samples, classes) = (found.len(), found.names.len());
    let longest = found.names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(1);
    let names =
        found.names.iter().flat_map(|name| name.chars().map(u32::from).chain(std::iter::repeat(0)).take(longest));
    let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
    let mut arrays = vec![
        ("classes", npy(&format!("<U{longest}"), &[classes], names.flat_map(u32::to_le_bytes).collect())),
        ("prediction", npy("|u1", &[samples], found.classes.clone())),
        ("probabilities", npy("<f4", &[samples, classes], floats(&found.probabilities))),
    ];
    arrays.extend(found.goodness.as_ref().map(|goodness| ("goodness", npy("<f4", &[samples], floats(goodness)))));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        archive.start_file(format!("{name}.npy"), stored)?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish().context("cannot close the archive")?.into_inner())
}

/// An NPY file: magic, version 1.0, the header's length, and the header, padded so that data begin at a multiple
/// of 64.
fn npy(kind: &str, shape: &[usize], data: Vec<u8>) -> Vec<u8> {
    let extents: String = shape.iter().map(|extent| format!("{extent}, ")).collect();
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({extents}), }}").into_bytes();
    let whole = (10 + header.len() + 1).next_multiple_of(64);
    header.resize(whole - 11, b' ');
    header.push(b'\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header);
    bytes.extend(data);
    bytes
}
