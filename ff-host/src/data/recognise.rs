//! What a file or folder is, by its content: names and endings do not count.

use std::path::Path;

use super::Fault;
use super::read::{idx, npy, pictures, source};

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Text: comma, semicolon or tab between cells.
    Table,
    Npy,
    Npz,
    /// The UCR and UEA archives' time series.
    Ts,
    /// A file, or a folder of such.
    Idx,
    /// A folder with a sub-folder a class.
    Pictures,
}

/// What can be read, for messages.
const KNOWN: &str = "a table (CSV, TSV), NPY or NPZ arrays, time series (.ts), IDX files, or a folder with one \
                     sub-folder of pictures a class";

/// Beginnings of files that people try and that cannot be read, and what to do about them.
const REFUSED: [(&[u8], &str); 9] = [
    (b"PAR1", "is a Parquet file; save it as CSV"),
    (b"\x89HDF", "is an HDF5 file; save its arrays by numpy.savez, as X and y"),
    (b"SQLite format", "is a database; save the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel file; save the sheet as CSV"),
    (b"%PDF", "is a PDF"),
    (b"\xff\xfe", "is text in UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "is text in UTF-16; save it as UTF-8"),
    (b"\x80", "is a Python pickle; save its arrays by numpy.savez, as X and y"),
    (b"\x00\x00\x01\x00", "is an icon"),
];

/// Recognises a file or folder.
pub(super) fn recognise(path: &Path) -> Result<Format, Fault> {
    if path.is_dir() {
        return folder(path);
    }
    if !path.exists() {
        return Err(Fault::new(
            path,
            format!("does not exist; DATA is {KNOWN}, or one of mnist, fashion-mnist, digits8x8"),
        ));
    }
    let start = source::start(path)?;
    if start.is_empty() {
        return Err(Fault::new(path, "is empty"));
    }
    if let Some((_, problem)) = REFUSED.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Err(Fault::new(path, *problem));
    }
    if start.starts_with(npy::MAGIC) {
        return Ok(Format::Npy);
    }
    if idx::is_idx(&start) {
        return Ok(Format::Idx);
    }
    if start.starts_with(b"PK") {
        return archive(path);
    }
    if pictures::is_picture(&start) {
        return Err(Fault::new(
            path,
            "is a single picture; to learn from pictures, name a folder with one sub-folder a class",
        ));
    }
    text(path, &start)
}

fn archive(path: &Path) -> Result<Format, Fault> {
    let file = crate::files::open(path, crate::files::DATA).map_err(|error| Fault::io(path, &error))?;
    let archive = zip::ZipArchive::new(std::io::BufReader::new(file));
    let archive = archive.map_err(|error| Fault::new(path, format!("is a damaged or truncated archive ({error})")))?;
    let has = |what: &str| archive.file_names().flatten().any(|name| name.contains(what));
    if has(".npy") {
        Ok(Format::Npz)
    } else if has("xl/") {
        Err(Fault::new(path, "is an Excel file; save the sheet as CSV"))
    } else {
        Err(Fault::new(path, "is a ZIP archive without arrays; unpack it first"))
    }
}

fn text(path: &Path, start: &[u8]) -> Result<Format, Fault> {
    if start.contains(&0) {
        return Err(Fault::new(path, format!("is of no kind that is known; DATA is {KNOWN}")));
    }
    let text = String::from_utf8_lossy(start);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default().to_ascii_lowercase();
    let refuse = |problem: &str| Err(Fault::new(path, problem));
    match first.as_bytes().first() {
        Some(b'@') if first.starts_with("@relation") => refuse("is an ARFF file; save it as CSV"),
        Some(b'@') => Ok(Format::Ts),
        Some(b'<') => refuse("is a web page or XML, perhaps a failed download; look into it"),
        Some(b'{' | b'[') => refuse("is JSON; save it as CSV"),
        _ => Ok(Format::Table),
    }
}

fn folder(path: &Path) -> Result<Format, Fault> {
    let entries = std::fs::read_dir(path).map_err(|error| Fault::io(path, &error))?;
    let mut names = Vec::new();
    let mut has_picture = false;
    for file in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
        let start = source::start(&file).unwrap_or_default();
        if idx::is_idx(&start) {
            return Ok(Format::Idx);
        }
        has_picture |= pictures::is_picture(&start);
        names.extend(file.file_name().map(|name| name.to_string_lossy().into_owned()));
    }
    if !pictures::folders(path)?.is_empty() {
        return Ok(Format::Pictures);
    }
    names.sort();
    names.truncate(5);
    let problem = match (has_picture, &names[..]) {
        (true, _) => "holds pictures; put those of each class into a sub-folder with its name".to_owned(),
        (false, []) => "is an empty folder".to_owned(),
        (false, names) => format!("is a folder; name one of its files ({})", names.join(", ")),
    };
    Err(Fault::new(path, problem))
}
