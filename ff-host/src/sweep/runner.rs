//! Carries out the cells of a sweep.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::bail;

use super::cell::{self, Cell, State};
use super::child;
use crate::files;
use crate::output::say;
use crate::run::Metrics;

/// Ctrl-C ended a sweep; what is finished is kept.
#[derive(Debug, thiserror::Error)]
#[error("stopped with {finished} of {cells} runs finished; the same command goes on from there")]
pub struct Stopped {
    /// Runs that are finished.
    pub finished: usize,
    /// All runs.
    pub cells: usize,
}

/// How a cell ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// With its metrics.
    Finished(Box<Metrics>),
    /// With an error, which it told on standard error itself.
    Failed,
}

/// Runs every cell that is not finished, in order, and tells `each` cell's end as it comes, those
/// found finished included. A cell that fails, by diverging for example, does not end the sweep.
///
/// # Errors
/// [`Stopped`] after `stop`; a folder with a run of other settings, before anything is run; a process that
/// cannot be started.
pub fn run(
    cells: &[Cell],
    stop: &AtomicBool,
    each: &mut dyn FnMut(usize, &Ended) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // Of finished runs, too, which are not opened again.
    cells.iter().for_each(|cell| files::sweep(&cell.folder));
    let states = cells.iter().map(Cell::state).collect::<anyhow::Result<Vec<_>>>()?;
    let mut finished = states.iter().filter(|state| matches!(state, State::Finished(_))).count();
    if finished > 0 {
        say!("{finished} of {} runs are finished already", cells.len());
    }
    for (index, (cell, state)) in cells.iter().zip(states).enumerate() {
        let ended = match state {
            State::Finished(metrics) => Ended::Finished(metrics),
            State::Open => {
                say!("run {} of {}: {} --seed={}", index + 1, cells.len(), cell.command(), cell.seed);
                let Some(ended) = run_one(cell, stop)? else {
                    return Err(Stopped { finished, cells: cells.len() }.into());
                };
                finished += usize::from(matches!(ended, Ended::Finished(_)));
                ended
            }
        };
        each(index, &ended)?;
    }
    Ok(())
}

/// Runs a cell in a process of its own; none where it was stopped.
fn run_one(cell: &Cell, stop: &AtomicBool) -> anyhow::Result<Option<Ended>> {
    if stop.load(Ordering::SeqCst) {
        return Ok(None);
    }
    cell::clear(&cell.folder)?;
    let start = Instant::now();
    let Some(status) = child::run(&cell.words(), stop)? else { return Ok(None) };
    let seconds = start.elapsed().as_secs_f64();
    if !status.success() {
        say!("    failed after {seconds:.1} s: {status}");
        return Ok(Some(Ended::Failed));
    }
    match cell.state()? {
        State::Finished(metrics) => Ok(Some(Ended::Finished(metrics))),
        State::Open => bail!("the run in {} ended well but left no whole metrics", cell.folder.display()),
    }
}
