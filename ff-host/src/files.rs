//! Files on their way: written under a name of their own, then renamed.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use tempfile::NamedTempFile;

/// A temporary file that may be read by whom the user's umask lets read; by default only the user could.
///
/// # Errors
/// A folder that cannot be written.
pub fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666))
    };
    builder.tempfile_in(folder)
}

/// Removes what a killed process left of files that it had not finished, as far as that goes.
pub fn remove_temporary(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_ours = |name: &OsStr| name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes());
    for entry in entries.flatten().filter(|entry| is_ours(&entry.file_name())) {
        let _ = fs::remove_file(entry.path());
    }
}

/// How the names of temporary files begin.
const TEMPORARY: &str = ".tmp-ff-";
