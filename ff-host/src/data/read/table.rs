//! Tables as text: CSV, TSV, and with semicolons.

use std::borrow::Cow;
use std::io::BufRead;
use std::path::Path;

use csv::ByteRecord;

use super::super::{Fault, Options, Progress, Shape, Values};
use super::cells::{self, Cell};
use super::columns::{Columns, Role, is_header};
use super::{Column, Part, Raw, log, source};

/// All lines of a table.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// A row of features a line; NaN where a value is missing.
    pub values: Vec<f32>,
    pub names: Vec<String>,
    pub labels: Column,
    pub groups: Option<Column>,
    pub recordings: Option<Column>,
    pub parts: Option<Vec<Part>>,
    pub notes: Vec<String>,
}

/// Reads a table; as recordings over time, where the options or its columns say so.
pub(super) fn read(path: &Path, options: &Options, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    let mut table = Table::open(path, options, progress)?;
    let is_log = table.columns.is_log;
    let lines = table.lines()?;
    drop(table);
    if is_log {
        return log::windows(path, lines, options);
    }
    let Lines { values, names, labels, groups, parts, notes, .. } = lines;
    Ok(Raw { shape: Shape::Features { names }, values: Values::Floats(values), labels, groups, parts, notes })
}

/// A table that is being read.
struct Table<'a> {
    path: &'a Path,
    options: &'a Options,
    reader: csv::Reader<Box<dyn BufRead + 'a>>,
    columns: Columns,
    /// Lines that were read before it was known what they are.
    first: Vec<ByteRecord>,
}

impl<'a> Table<'a> {
    fn open(path: &'a Path, options: &'a Options, progress: &'a mut dyn Progress) -> Result<Self, Fault> {
        let delimiter = delimiter(path, &source::start(path)?)?;
        let mut file = source::open(path, progress)?;
        skip_mark(&mut file).map_err(|error| Fault::io(path, &error))?;
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(file);
        let mut first = Vec::new();
        for _ in 0..2 {
            let mut record = ByteRecord::new();
            if reader.read_byte_record(&mut record).map_err(|error| csv_fault(path, error))? {
                first.push(record);
            }
        }
        let Some(top) = first.first() else { return Err(Fault::new(path, "holds no line of a table")) };
        let has_names = options.header.unwrap_or_else(|| is_header(top, first.get(1), options.decimal_comma));
        let names = if has_names { named(&first.remove(0)) } else { numbered(top.len()) };
        let Some(values) = first.first() else { return Err(Fault::new(path, "names columns, and holds no values")) };
        let columns = Columns::new(path, names, values, options)?;
        Ok(Self { path, options, reader, columns, first })
    }

    /// Every line that is left.
    fn lines(&mut self) -> Result<Lines, Fault> {
        let column = |role| self.columns.has(role).then(Column::default);
        let mut lines = Lines {
            values: Vec::new(),
            names: self.columns.features(),
            labels: Column::default(),
            groups: column(Role::Group),
            recordings: column(Role::Recording),
            parts: self.columns.has(Role::Split).then(Vec::new),
            notes: std::mem::take(&mut self.columns.notes),
        };
        for record in std::mem::take(&mut self.first) {
            self.add(&record, &mut lines)?;
        }
        let mut record = ByteRecord::new();
        while self.reader.read_byte_record(&mut record).map_err(|error| csv_fault(self.path, error))? {
            self.add(&record, &mut lines)?;
        }
        lines.values.shrink_to_fit();
        Ok(lines)
    }

    fn add(&self, record: &ByteRecord, lines: &mut Lines) -> Result<(), Fault> {
        let expected = self.columns.roles.len();
        if record.len() != expected {
            let found = format!("there are {} values where there are {expected} columns", record.len());
            return Err(self.fault(record, found));
        }
        for (column, (field, role)) in record.iter().zip(&self.columns.roles).enumerate() {
            match role {
                Role::Feature => lines.values.push(self.number(record, column, field)?),
                Role::Label => lines.labels.push(&self.word(record, column, field)?),
                Role::Group => push(&mut lines.groups, &self.word(record, column, field)?),
                Role::Recording => push(&mut lines.recordings, &self.word(record, column, field)?),
                Role::Split => {
                    let part = self.part(record, column, field)?;
                    lines.parts.iter_mut().for_each(|parts| parts.push(part));
                }
                Role::Ignored => {}
            }
        }
        if !self.columns.has(Role::Label) {
            lines.labels.push("");
        }
        Ok(())
    }

    fn number(&self, record: &ByteRecord, column: usize, field: &[u8]) -> Result<f32, Fault> {
        match cells::read(field, self.options.decimal_comma) {
            Cell::Number(number) => Ok(number),
            Cell::Missing if self.options.fill.is_some() => Ok(f32::NAN),
            Cell::Missing => {
                let advice = "the value is missing; fill such by --fill mean, median or zero, or leave the column out \
                              by --ignore";
                Err(self.fault_in(record, column, advice.to_owned()))
            }
            Cell::Word => Err(self.fault_in(record, column, self.no_number(field))),
        }
    }

    /// What is said of a word where a number is needed.
    fn no_number(&self, field: &[u8]) -> String {
        let text = shown(field);
        let is_comma = !self.options.decimal_comma && matches!(cells::read(field, true), Cell::Number(_));
        let advice = if is_comma {
            "if numbers are written 1,5 say --decimal-comma"
        } else {
            "leave the column out by --ignore, or name the label's column by --label"
        };
        format!("`{text}` is no number; {advice}")
    }

    /// A word that must be there.
    fn word<'f>(&self, record: &ByteRecord, column: usize, field: &'f [u8]) -> Result<Cow<'f, str>, Fault> {
        let field = field.trim_ascii();
        if cells::is_missing(field) {
            let what = "the value is missing, and nothing can stand in for it: remove the line";
            return Err(self.fault_in(record, column, what.to_owned()));
        }
        Ok(String::from_utf8_lossy(field))
    }

    fn part(&self, record: &ByteRecord, column: usize, field: &[u8]) -> Result<Part, Fault> {
        let word = self.word(record, column, field)?;
        match word.to_ascii_lowercase().as_str() {
            "train" | "training" => Ok(Part::Train),
            "test" | "testing" => Ok(Part::Test),
            _ => {
                let what = format!("`{word}` names no part; write train or test, or leave the column out by --ignore");
                Err(self.fault_in(record, column, what))
            }
        }
    }

    fn fault(&self, record: &ByteRecord, problem: String) -> Fault {
        let fault = Fault::new(self.path, problem);
        match record.position() {
            Some(position) => fault.on_line(position.line()),
            None => fault,
        }
    }

    fn fault_in(&self, record: &ByteRecord, column: usize, problem: String) -> Fault {
        let name = self.columns.names.get(column).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| (column + 1).to_string(), |name| format!("{} ({name})", column + 1));
        self.fault(record, problem).in_column(name)
    }
}

fn push(column: &mut Option<Column>, word: &str) {
    if let Some(column) = column {
        column.push(word);
    }
}

/// A cell for a message.
fn shown(field: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(field);
    let short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() { format!("{short}..") } else { short }
}

fn named(record: &ByteRecord) -> Vec<String> {
    record.iter().map(|field| String::from_utf8_lossy(field.trim_ascii()).into_owned()).collect()
}

fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|column| format!("column{column}")).collect()
}

/// What divides the cells: of tab, semicolon and comma the first that the first line has outside of quotes.
fn delimiter(path: &Path, start: &[u8]) -> Result<u8, Fault> {
    let mut quoted = false;
    let line = start.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let outside: Vec<u8> = line
        .iter()
        .copied()
        .filter(|&byte| {
            quoted ^= byte == b'"';
            !quoted
        })
        .collect();
    let found = [b'\t', b';', b','].into_iter().find(|delimiter| outside.contains(delimiter));
    found.ok_or_else(|| {
        let first = shown(line);
        Fault::new(path, format!("is no table: its first line has neither comma, semicolon nor tab ({first:?})"))
            .on_line(1)
    })
}

/// Steps over the mark that some programs write before UTF-8.
fn skip_mark(file: &mut dyn BufRead) -> std::io::Result<()> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if file.fill_buf()?.starts_with(MARK) {
        file.consume(MARK.len());
    }
    Ok(())
}

fn csv_fault(path: &Path, error: csv::Error) -> Fault {
    let line = error.position().map(csv::Position::line);
    let fault = match error.into_kind() {
        csv::ErrorKind::Io(error) => Fault::io(path, &error),
        other => Fault::new(path, format!("is no table that can be read ({other:?})")),
    };
    match line {
        Some(line) => fault.on_line(line),
        None => fault,
    }
}
