//! A sensor's log: lines that are steps of time become recordings, and recordings windows.

use std::path::Path;

use super::super::fault::count;
use super::super::{Fault, Options, Shape, Values};
use super::table::Lines;
use super::{Column, Raw};

/// The windows of a log's recordings. Without a window's length every recording is one sample.
///
/// No window crosses the end of a recording; one in which the label changes is left out. All windows of a
/// recording are one group, so that none is learned from while another is tested on.
pub(super) fn windows(path: &Path, lines: Lines, options: &Options) -> Result<Raw, Fault> {
    let recordings = recordings(&lines);
    let length = match options.window {
        Some(window) => window as usize,
        None => common_length(path, &lines, &recordings)?,
    };
    let stride = options.stride.map_or(length, |stride| stride as usize);
    let mut cut = Cut::new(&lines, length);
    for (number, recording) in recordings.iter().enumerate() {
        cut.recording(number, recording, stride);
    }
    cut.finish(path)
}

/// The lines of each recording: those with the same value in its column, or, without such a column, those
/// with the same label one after the other.
fn recordings(lines: &Lines) -> Vec<Vec<u32>> {
    let count = lines.labels.ids.len() as u32;
    let Some(column) = &lines.recordings else {
        let all: Vec<u32> = (0..count).collect();
        let same = |a: &u32, b: &u32| lines.labels.ids[*a as usize] == lines.labels.ids[*b as usize];
        return all.chunk_by(same).map(<[u32]>::to_vec).collect();
    };
    // Recordings of the two parts may be counted alike.
    let mut found = std::collections::HashMap::new();
    let mut recordings: Vec<Vec<u32>> = Vec::new();
    for (line, &id) in (0..count).zip(&column.ids) {
        let part = lines.parts.as_ref().map(|parts| parts[line as usize] as u8);
        let place = *found.entry((part, id)).or_insert(recordings.len());
        if place == recordings.len() {
            recordings.push(Vec::new());
        }
        recordings[place].push(line);
    }
    recordings
}

/// The length that all recordings have.
fn common_length(path: &Path, lines: &Lines, recordings: &[Vec<u32>]) -> Result<usize, Fault> {
    let name = |recording: &Vec<u32>| {
        let first = recording.first().copied().unwrap_or_default() as usize;
        lines.recordings.as_ref().map_or("", |column| column.word(first)).to_owned()
    };
    let by_length = |recording: &&Vec<u32>| recording.len();
    let (Some(least), Some(most)) = (recordings.iter().min_by_key(by_length), recordings.iter().max_by_key(by_length))
    else {
        return Err(Fault::new(path, "holds no recording"));
    };
    if least.len() == most.len() {
        return Ok(most.len());
    }
    Err(Fault::new(
        path,
        format!(
            "holds recordings of {} to {} steps ({:?} and {:?}); cut windows of one length out of them by --window {}",
            least.len(),
            most.len(),
            name(least),
            name(most),
            least.len()
        ),
    ))
}

/// Windows that are being cut.
struct Cut<'a> {
    lines: &'a Lines,
    channels: usize,
    length: usize,
    values: Vec<f32>,
    labels: Column,
    groups: Column,
    /// The first line of each window.
    firsts: Vec<usize>,
    /// Windows in which the label changes.
    mixed: usize,
    /// Recordings shorter than a window.
    short: usize,
}

impl<'a> Cut<'a> {
    fn new(lines: &'a Lines, length: usize) -> Self {
        let (values, labels, groups) = (Vec::new(), Column::default(), Column::default());
        let channels = lines.names.len();
        Self { lines, channels, length, values, labels, groups, firsts: Vec::new(), mixed: 0, short: 0 }
    }

    fn recording(&mut self, number: usize, recording: &[u32], stride: usize) {
        self.short += usize::from(recording.len() < self.length);
        for window in recording.windows(self.length).step_by(stride) {
            self.window(number, window);
        }
    }

    fn window(&mut self, number: usize, window: &[u32]) {
        let label = |line: &u32| self.lines.labels.ids[*line as usize];
        if window.iter().any(|line| label(line) != label(&window[0])) {
            self.mixed += 1;
            return;
        }
        let first = window[0] as usize;
        for channel in 0..self.channels {
            let step = |&line: &u32| self.lines.values[line as usize * self.channels + channel];
            self.values.extend(window.iter().map(step));
        }
        self.labels.push(self.lines.labels.word(first));
        match &self.lines.groups {
            Some(groups) => self.groups.push(groups.word(first)),
            None => self.groups.push(&number.to_string()),
        }
        self.firsts.push(first);
    }

    fn finish(self, path: &Path) -> Result<Raw, Fault> {
        if self.firsts.is_empty() {
            let problem = format!("has no recording of {} steps with one label; try a smaller --window", self.length);
            return Err(Fault::new(path, problem));
        }
        let mut notes = self.lines.notes.clone();
        if self.mixed > 0 {
            let windows = count(self.mixed, "window is", "windows are");
            notes.push(format!("{windows} left out, since the label changes within"));
        }
        if self.short > 0 {
            let recordings = count(self.short, "recording is", "recordings are");
            notes.push(format!("{recordings} left out, being shorter than a window of {} steps", self.length));
        }
        let parts = self.lines.parts.as_ref().map(|parts| self.firsts.iter().map(|&first| parts[first]).collect());
        let shape = Shape::Series { channels: self.lines.names.clone(), time: self.length };
        let (values, groups) = (Values::Floats(self.values), Some(self.groups));
        Ok(Raw { shape, values, labels: self.labels, groups, parts, notes })
    }
}
