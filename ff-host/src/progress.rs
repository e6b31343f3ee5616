//! Progress on long work, on standard error: a bar where somebody watches, a line at least every half minute
//! where nobody does, and nothing at all under `--quiet`.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::event::Event;
use crate::output;

/// The longest silence of a program that works on.
const SILENCE: Duration = Duration::from_secs(30);

/// From one record of progress to the next, for programs.
const RECORDS: Duration = Duration::from_secs(1);

/// How often a bar is drawn although nothing has come of the work yet: at once, and while a first epoch is long.
const TICK: Duration = Duration::from_millis(200);

/// Work on its way.
pub struct Progress {
    what: String,
    unit: &'static str,
    bar: ProgressBar,
    /// When a line was last written; none where there is a bar, or where nothing may be said.
    lines: Option<Instant>,
    /// When a record was last written.
    recorded: Instant,
}

impl Progress {
    /// Begins to tell of `what`, which is over after `total` of `unit`; a total of 0 is not known yet.
    #[must_use]
    pub fn new(what: impl Into<String>, unit: &'static str, total: usize) -> Self {
        Self::drawn(what.into(), unit, total, io::stderr().is_terminal())
    }

    fn drawn(what: String, unit: &'static str, total: usize, is_watched: bool) -> Self {
        let is_told = !output::is_quiet();
        let bar = if is_told && is_watched { ProgressBar::new(total as u64) } else { ProgressBar::hidden() };
        let template = format!("{{msg}} {{bar:30}} {{human_pos}}/{{human_len}} {unit}, {{per_sec}}, {{eta}} left");
        let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bar.with_style(style).with_message(what.clone());
        bar.set_length(total as u64);
        if is_told && is_watched {
            bar.enable_steady_tick(TICK);
        }
        Self { what, unit, bar, lines: (is_told && !is_watched).then(Instant::now), recorded: Instant::now() }
    }

    /// So much is done, of so much.
    pub fn set(&mut self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        self.record(done as u64, total as u64);
        if let Some(line) = self.due(SILENCE) {
            output::error_line(format_args!("{line}"));
        }
    }

    /// One more is done.
    pub fn advance(&mut self, by: usize) {
        let (done, total) = (self.bar.position() as usize, self.bar.length().unwrap_or(0) as usize);
        self.set(done + by, total);
    }

    /// What is being done now.
    pub fn name(&mut self, what: &str) {
        what.clone_into(&mut self.what);
        self.bar.set_message(self.what.clone());
    }

    /// Tells a program that reads along.
    fn record(&mut self, done: u64, total: u64) {
        if output::is_json() && self.recorded.elapsed() >= RECORDS {
            self.recorded = Instant::now();
            Event::Progress { what: &self.what, done, total, unit: self.unit }.tell();
        }
    }

    /// The line to write after a silence this long.
    fn due(&mut self, silence: Duration) -> Option<String> {
        let last = self.lines.as_mut().filter(|last| last.elapsed() >= silence)?;
        *last = Instant::now();
        let (done, total) = (self.bar.position(), self.bar.length().unwrap_or(0));
        Some(format!("{}: {done} of {total} {}", self.what, self.unit))
    }
}

/// The bar goes when the work is over, however it ended.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_after_a_silence_and_only_where_there_is_no_bar() {
        let mut unwatched = Progress::drawn("epoch 1/3".to_owned(), "images", 60, false);
        unwatched.set(10, 60);
        unwatched.advance(5);
        assert_eq!(unwatched.due(SILENCE), None, "half a minute is not over");
        assert_eq!(unwatched.due(Duration::ZERO).unwrap(), "epoch 1/3: 15 of 60 images");
        let mut watched = Progress::drawn("epoch 1/3".to_owned(), "images", 60, true);
        assert_eq!(watched.due(Duration::ZERO), None);
    }
}
