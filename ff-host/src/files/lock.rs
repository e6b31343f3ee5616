//! A folder that one process works in at a time.
//!
//! The folder itself is locked, so there is no file that could be a link to somewhere else, and the system
//! lets go of the lock with the process. Where folders cannot be locked, nothing happens.

use std::fs::{File, Metadata, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::output::note;

/// What to do where another process works in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// Stop with an error: the other may work for hours.
    Refuse,
    /// Wait for its end: it has a file or two to write.
    Wait,
}

/// How often a folder is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// After which time a user should know why nothing happens.
const TELL_AFTER: Duration = Duration::from_secs(1);
/// How long a process waits at most: longer than a download may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// The folder's lock, held as long as the file is open; none where there are no locks, or where the folder
/// has gone meanwhile and is to be made again.
pub(super) fn take(path: &Path, busy: Busy) -> anyhow::Result<Taken> {
    let Ok(folder) = File::open(path) else { return Ok(if path.exists() { Taken::NoLocks } else { Taken::Gone }) };
    let (start, mut told) = (Instant::now(), false);
    loop {
        match folder.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(_)) => return Ok(Taken::NoLocks),
            Err(TryLockError::WouldBlock) if busy == Busy::Wait && start.elapsed() < PATIENCE => {
                if !told && start.elapsed() > TELL_AFTER {
                    note!("note: another process is at work in {}; waiting for its end", path.display());
                    told = true;
                }
                std::thread::sleep(LOOK);
            }
            Err(TryLockError::WouldBlock) => {
                bail!("another process is at work in {}; choose another folder, or wait for its end", path.display())
            }
        }
    }
    // Who held it before may have removed the folder, empty as it had made it.
    let (locked, named) = (folder.metadata().context("cannot look at a folder")?, path.metadata());
    Ok(if named.is_ok_and(|named| is_same(&locked, &named)) { Taken::Locked(folder) } else { Taken::Gone })
}

/// What came of it.
pub(super) enum Taken {
    /// Nobody else has it.
    Locked(File),
    /// The system does not lock this folder.
    NoLocks,
    /// There is no such folder any more.
    Gone,
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// See there: a folder that is open cannot be removed on other systems.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
