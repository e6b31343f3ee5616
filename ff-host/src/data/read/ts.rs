//! Time series as the UCR and UEA archives write them: lines that begin with `@` say what there is, then each
//! line is a recording, its channels divided by `:`, its steps by `,`, the class at the end.

use std::io::BufRead;
use std::path::Path;

use super::super::{Fault, Options, Progress, Shape, Values};
use super::cells::{self, Cell};
use super::table::Lines;
use super::{Column, Raw, log, source};

/// Reads a file of recordings, or of windows cut out of them.
pub(super) fn read(path: &Path, options: &Options, progress: &mut dyn Progress) -> Result<Raw, Fault> {
    let mut file =
        File { path, options, channels: 0, lengths: Vec::new(), recordings: Vec::new(), labels: Column::default() };
    let (mut in_data, mut has_label) = (false, false);
    for (number, line) in (1..).zip(source::open(path, progress)?.lines()) {
        let line = line.map_err(|error| Fault::io(path, &error).on_line(number))?;
        let line = line.trim();
        match line.strip_prefix('@') {
            _ if line.is_empty() || line.starts_with('#') => {}
            Some(about) => {
                let about = about.to_ascii_lowercase();
                in_data |= about == "data";
                has_label |= about.starts_with("classlabel true");
            }
            None if !in_data => {
                return Err(Fault::new(path, "a line with `@data` is missing above the recordings").on_line(number));
            }
            None if !has_label => {
                return Err(
                    Fault::new(path, "there are no classes: `@classLabel true` is missing above").on_line(number)
                );
            }
            None => file.add(number, line)?,
        }
    }
    file.finish()
}

struct File<'a> {
    path: &'a Path,
    options: &'a Options,
    channels: usize,
    lengths: Vec<usize>,
    /// Channels x steps, recording by recording.
    recordings: Vec<Vec<f32>>,
    labels: Column,
}

impl File<'_> {
    fn add(&mut self, number: u64, line: &str) -> Result<(), Fault> {
        let fault = |problem: String| Fault::new(self.path, problem).on_line(number);
        let mut channels: Vec<&str> = line.split(':').collect();
        let label = channels.pop().unwrap_or_default().trim();
        if self.channels == 0 {
            self.channels = channels.len();
        }
        if channels.is_empty() || channels.len() != self.channels {
            return Err(fault(format!(
                "there are {} channels where {} are expected",
                channels.len(),
                self.channels.max(1)
            )));
        }
        let mut values = Vec::new();
        for (channel, text) in (1..).zip(&channels) {
            for (step, cell) in (1..).zip(text.split(',')) {
                values.push(
                    self.number(cell)
                        .map_err(|problem| fault(problem).in_column(format!("{channel} at step {step}")))?,
                );
            }
        }
        let steps = values.len() / self.channels;
        if channels.iter().any(|channel| channel.split(',').count() != steps) {
            return Err(fault("the channels differ in length".to_owned()));
        }
        self.lengths.push(steps);
        self.recordings.push(values);
        self.labels.push(label);
        Ok(())
    }

    fn number(&self, text: &str) -> Result<f32, String> {
        match cells::read(text.as_bytes(), false) {
            Cell::Number(number) => Ok(number),
            Cell::Missing if self.options.fill.is_some() => Ok(f32::NAN),
            Cell::Missing => Err("the value is missing; fill such by --fill mean, median or zero".to_owned()),
            Cell::Word => Err(format!("`{text}` is no number")),
        }
    }

    fn finish(self) -> Result<Raw, Fault> {
        let Some(&length) = self.lengths.first() else {
            return Err(Fault::new(self.path, "holds no recording below its `@data`"));
        };
        let is_even = self.lengths.iter().all(|&other| other == length);
        if is_even && self.options.window.is_none() {
            let (shape, values) = (Shape::series(self.channels, length), Values::Floats(self.recordings.concat()));
            return Ok(Raw::new(shape, values, self.labels));
        }
        log::windows(self.path, self.steps(), self.options)
    }

    /// The recordings step by step, for windows.
    fn steps(&self) -> Lines {
        let Shape::Series { channels: names, .. } = Shape::series(self.channels, 1) else { return Lines::default() };
        let mut lines = Lines { names, recordings: Some(Column::default()), ..Lines::default() };
        for (number, (recording, &length)) in self.recordings.iter().zip(&self.lengths).enumerate() {
            for step in 0..length {
                lines.values.extend((0..self.channels).map(|channel| recording[channel * length + step]));
                lines.labels.push(self.labels.word(number));
                lines.recordings.iter_mut().for_each(|column| column.push(&number.to_string()));
            }
        }
        lines
    }
}
