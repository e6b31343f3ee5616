//! The table of a sweep: one row a setting, over its seeds.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::Spread;
use crate::escape;
use crate::run::Metrics;

/// One setting's runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What tells it from other rows, one text for each of the table's labels.
    pub labels: Vec<String>,
    /// Seeds whose runs are finished.
    pub seeds: Vec<u64>,
    /// Seeds whose runs failed, by diverging for example.
    pub failed: Vec<u64>,
    /// Error by readout, in percent; null without one.
    pub readout: Option<Spread>,
    /// Error by goodness, in percent; null where the rule has none.
    pub goodness: Option<Spread>,
    /// Epochs.
    pub epochs: usize,
    /// Time in training steps.
    pub seconds: Option<Spread>,
    /// Weights, biases and readout.
    pub parameters: usize,
    /// The most memory that a process held at once, in MiB, data included.
    pub peak_mebibytes: Option<Spread>,
    /// What makes these runs again, but for the seed.
    pub command: String,
}

/// The rows of a sweep, best first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What the errors were counted on: `validation` or `test`.
    pub measured_on: String,
    /// How many images that were.
    pub images: usize,
    /// The names of the rows' labels.
    pub labels: Vec<String>,
    /// One a setting.
    pub rows: Vec<Row>,
}

impl Row {
    /// Sums up a setting's runs. On a validation split no test image is looked at.
    #[must_use]
    pub fn new(labels: Vec<String>, command: String, runs: &[&Metrics], failed: Vec<u64>) -> Self {
        let over = |value: &dyn Fn(&Metrics) -> Option<f64>| -> Option<Spread> {
            Spread::from_values(&runs.iter().filter_map(|run| value(run)).collect::<Vec<_>>())
        };
        Self {
            labels,
            seeds: runs.iter().map(|run| run.seed).collect(),
            failed,
            readout: over(&|run| percent(run, run.errors().0)),
            goodness: over(&|run| percent(run, run.errors().1)),
            epochs: runs.first().map_or(0, |run| run.epochs),
            seconds: over(&|run| Some(run.train_seconds)),
            parameters: runs.first().map_or(0, |run| run.parameters),
            peak_mebibytes: over(&|run| run.peak_memory.map(|bytes| bytes as f64 / f64::from(1 << 20))),
            command,
        }
    }

    /// The better reading's mean error; a row without any comes last.
    fn error(&self) -> f64 {
        let means = [self.readout, self.goodness].into_iter().flatten().map(|spread| spread.mean);
        means.fold(f64::INFINITY, f64::min)
    }
}

fn percent(run: &Metrics, errors: Option<usize>) -> Option<f64> {
    errors.map(|errors| 100.0 * errors as f64 / run.measured_images().max(1) as f64)
}

impl Table {
    /// A table of these rows, sorted by the better reading's mean error within equal texts of the
    /// first `grouped` labels.
    #[must_use]
    pub fn new(labels: Vec<String>, grouped: usize, validation: usize, images: usize, mut rows: Vec<Row>) -> Self {
        rows.sort_by(|a, b| {
            let group = |row: &Row| row.labels[..grouped].to_vec();
            group(a).cmp(&group(b)).then(a.error().total_cmp(&b.error()))
        });
        let measured_on = if validation > 0 { "validation" } else { "test" };
        Self { measured_on: measured_on.to_owned(), images, labels, rows }
    }

    /// The table in Markdown, with aligned columns, and below it what it shows.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut lines = vec![self.header()];
        lines.extend(self.rows.iter().map(|row| self.line(row)));
        let mut text = aligned(&lines);
        let _ = writeln!(
            text,
            "\nErrors are in % of {} {} images. Numbers are means over the seeds ± standard deviation (n - 1). \
             Seconds are of training steps; memory is the peak of a run's process, its data included.{}",
            self.images,
            self.measured_on,
            if self.measured_on == "test" {
                " Choose no setting by test images: --validation N holds out training images for that."
            } else {
                " No test image was looked at."
            }
        );
        text
    }

    fn header(&self) -> Vec<String> {
        let error = |way: &str| format!("{} error by {way}", self.measured_on);
        let mut cells = self.labels.clone();
        cells.extend([error("readout"), error("goodness")]);
        cells.extend(["seeds", "epochs", "seconds", "parameters", "peak MiB"].map(str::to_owned));
        cells
    }

    fn line(&self, row: &Row) -> Vec<String> {
        let spread = |spread: Option<Spread>, digits| spread.map_or("-".to_owned(), |s| format!("{s:.digits$}"));
        let seeds = match row.failed.len() {
            0 => row.seeds.len().to_string(),
            failed => format!("{} ({failed} failed)", row.seeds.len()),
        };
        let mut cells: Vec<_> = row.labels.iter().map(|label| escape::cell(label)).collect();
        cells.extend([spread(row.readout, 2), spread(row.goodness, 2), seeds, row.epochs.to_string()]);
        cells.extend([spread(row.seconds, 1), row.parameters.to_string(), spread(row.peak_mebibytes, 0)]);
        cells
    }
}

/// A table in Markdown, its columns aligned; the first row is the header.
#[must_use]
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let length =
        |c: usize| rows.iter().filter_map(|row| row.get(c)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(length).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!(" {cell:width$} |"));
        format!("|{}\n", cells.collect::<String>())
    };
    let rule: String = widths.iter().map(|width| format!("{}|", "-".repeat(width + 2))).collect();
    let mut text = rows.first().map(line).unwrap_or_default();
    let _ = writeln!(text, "|{rule}");
    text.extend(rows.iter().skip(1).map(line));
    text
}

#[cfg(test)]
mod tests {
    use super::{Row, Table};
    use crate::sweep::Spread;

    fn row(label: &str, readout: Option<f64>, goodness: Option<f64>) -> Row {
        let spread = |mean| Spread { mean, deviation: None };
        Row {
            readout: readout.map(spread),
            goodness: goodness.map(spread),
            ..Row::new(vec![label.to_owned()], "ff train".to_owned(), &[], Vec::new())
        }
    }

    #[test]
    fn the_better_reading_decides_and_failures_come_last() {
        let rows = vec![row("none", None, None), row("a", Some(2.0), Some(3.0)), row("b", Some(9.0), Some(1.0))];
        let table = Table::new(vec!["rate".to_owned()], 0, 100, 100, rows);
        let order: Vec<&str> = table.rows.iter().map(|row| row.labels[0].as_str()).collect();
        assert_eq!(order, ["b", "a", "none"]);
        let text = table.markdown();
        assert!(text.contains("validation error by readout") && text.contains("No test image"), "{text}");
    }
}
