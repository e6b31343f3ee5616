//! How many threads a command works on.

use anyhow::Context;
use clap::Args;

use crate::kernel;

/// Threads.
#[derive(Args, Clone, Copy, Debug)]
pub struct ThreadArgs {
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,
}

impl ThreadArgs {
    /// As many as asked for, or one a core.
    #[must_use]
    pub fn count(self) -> usize {
        count(self.threads)
    }

    /// The same, or so many where no number was asked for.
    ///
    /// # Errors
    /// Where the machine refuses them.
    pub fn start_or(self, threads: usize) -> anyhow::Result<usize> {
        start(self.threads.or(Some(threads)))
    }

    /// Sets up the process's threads: as many as asked for, or one a core.
    ///
    /// # Errors
    /// Where the machine refuses them.
    pub fn start(self) -> anyhow::Result<usize> {
        start(self.threads)
    }
}

/// The same for a command whose threads do something of its own.
pub(super) fn start(threads: Option<usize>) -> anyhow::Result<usize> {
    let threads = count(threads);
    kernel::use_threads(threads).context("cannot start the threads")?;
    Ok(threads)
}

fn count(threads: Option<usize>) -> usize {
    threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// A number of threads from the command line: 1 to 1024.
///
/// # Errors
/// Any other text.
pub fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads) if (1..=1024).contains(&threads) => Ok(threads),
        _ => Err("a number from 1 to 1024 is needed".to_owned()),
    }
}
