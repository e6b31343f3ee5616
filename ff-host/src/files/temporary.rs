//! Files on their way, under names of their own until they are whole.
//!
//! Whoever writes one holds a lock on it, which the system lets go of with the process, however that ends.
//! So a temporary file that can be locked is a dead process's, on whatever machine or in whatever container
//! that ran, and no other is ever removed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Error, ErrorKind};
use std::path::Path;

use tempfile::NamedTempFile;

/// How the names of temporary files begin; the number of their process follows.
const PREFIX: &str = ".tmp-ff-";

/// How often a file is made anew that another process took for a dead one's, between its making and its lock.
const TRIES: usize = 100;

/// A temporary file that may be read by whom the user's umask lets read; by default only the user could.
pub(super) fn create(folder: &Path) -> std::io::Result<NamedTempFile> {
    let prefix = format!("{PREFIX}{}-", std::process::id());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666))
    };
    for _ in 0..TRIES {
        let file = builder.tempfile_in(folder)?;
        // Where files cannot be locked, nobody can take this one for a dead process's either.
        let _ = file.as_file().lock();
        if file.path().exists() {
            return Ok(file);
        }
    }
    Err(Error::new(ErrorKind::ResourceBusy, "its temporary files vanish as soon as they are made"))
}

/// Removes what dead processes left of files that they had not finished, as far as that goes.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_ours = |name: &OsStr| name.as_encoded_bytes().starts_with(PREFIX.as_bytes());
    for entry in entries.flatten().filter(|entry| is_ours(&entry.file_name())) {
        // Removed while it is locked, so that its name is no other file's by then.
        if let Some(_lock) = lock_of_dead(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The lock of a plain file that nobody else holds; none of a link, a pipe or a file at work.
fn lock_of_dead(path: &Path) -> Option<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    let is_plain = fs::symlink_metadata(path).is_ok_and(|about| about.is_file());
    let file = options.open(path).ok().filter(|_| is_plain)?;
    file.try_lock().is_ok().then_some(file)
}
