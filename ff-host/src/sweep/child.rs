//! A process for one cell, which never outlives the sweep that started it.

use std::ffi::OsString;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context;

/// Set for a process that has to end when its standard input does.
const VARIABLE: &str = "FF_END_WITH_INPUT";

/// How often a sweep looks at its child and for Ctrl-C: far below the time of any cell.
const LOOK: Duration = Duration::from_millis(20);

/// PathEndpoints this process as soon as the sweep that started it is gone. To be called once, first of
/// all; does nothing in a process that no sweep started.
///
/// The child's standard input is a pipe that nothing is ever written to. The system closes it with
/// the sweep's process, however that ends, so no orphan goes on writing into a folder that the next
/// sweep is about to fill.
pub fn end_with_parent() {
    if std::env::var_os(VARIABLE).is_none() {
        return;
    }
    thread::spawn(|| {
        let _ = io::stdin().lock().read(&mut [0]);
        // Files are replaced whole, so there is nothing to put in order.
        std::process::exit(1);
    });
}

/// Runs this program with other words until it ends; none where `stop` was raised before.
///
/// # Errors
/// A process that cannot be started or watched.
pub(super) fn run(words: &[OsString], stop: &AtomicBool) -> anyhow::Result<Option<ExitStatus>> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(program);
    // Errors and bars show; the lines of every epoch would bury the sweep's own.
    command.args(words).env(VARIABLE, "1").stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().context("cannot start a process for a run")?;
    let status = wait(&mut child, stop).context("cannot wait for a run's process")?;
    Ok(status.filter(|_| !stop.load(Ordering::SeqCst)))
}

fn wait(child: &mut Child, stop: &AtomicBool) -> io::Result<Option<ExitStatus>> {
    loop {
        // Not `wait`, which would close the pipe that keeps the child alive.
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if stop.load(Ordering::SeqCst) {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}
