//! What happens in a run, told to other programs: `ff train --json` prints one JSON object a line.

use std::path::Path;

use serde::Serialize;

use crate::output;
use crate::run::{EpochMetrics, Metrics, TestMetrics};

/// Something that happened. The field `event` names it: `start`, `progress`, `epoch`, `trouble`, `test` or
/// `saved`; the other fields are those that `metrics.json` has for it.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<'a> {
    /// A run begins or goes on; what it has measured before is in `history`.
    Start(&'a Metrics),
    /// So much of a work is done; about once a second.
    Progress {
        /// The work.
        what: &'a str,
        /// How much is done.
        done: u64,
        /// How much there is; 0 where that is not known yet.
        total: u64,
        /// What is counted.
        unit: &'a str,
    },
    /// An epoch is over.
    Epoch(&'a EpochMetrics),
    /// The run was seen to learn nothing.
    Trouble {
        /// After this epoch.
        epoch: usize,
        /// What is wrong, and what to try.
        text: String,
    },
    /// The test images were read.
    Test(&'a TestMetrics),
    /// The run's files are on disk, and the command ends.
    Saved {
        /// The run folder.
        run: &'a Path,
        /// Whether it was stopped before its end.
        interrupted: bool,
    },
}

impl Event<'_> {
    /// Tells it, where standard output is for a program.
    pub fn tell(&self) {
        output::record(self);
    }
}
