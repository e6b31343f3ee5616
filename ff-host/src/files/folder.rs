//! Writing: into a folder that is this process's own meanwhile, each file whole or not at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use tempfile::NamedTempFile;

use super::lock::{self, Busy, Taken};
use super::{names, temporary};

/// A folder to write into, locked as long as this lives. One that was made for it and stayed empty is
/// removed in the end.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    is_new: bool,
    /// Held until all is written.
    _lock: Option<File>,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_new {
            // Whatever holds a file stays.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

impl Folder {
    /// Makes the folder where it is not there, locks it, removes what dead processes left of unfinished
    /// files, and proves that it can be written, before any work is spent.
    ///
    /// # Errors
    /// A path that is no folder or cannot be written, and a folder in which another process is at work.
    pub fn open(path: &Path, busy: Busy) -> anyhow::Result<Self> {
        loop {
            let is_new = make(path)?;
            let lock = match lock::take(path, busy)? {
                Taken::Locked(lock) => Some(lock),
                Taken::NoLocks => None,
                Taken::Gone => continue,
            };
            // From here on an error removes the folder again.
            let folder = Self { path: path.to_owned(), is_new, _lock: lock };
            temporary::sweep(path);
            temporary::create(path).with_context(|| format!("cannot write into {}", path.display()))?;
            return Ok(folder);
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file whole or not at all, in the place of one that is there: a temporary file in the folder,
    /// synced, then renamed. A link is replaced and not followed.
    ///
    /// # Errors
    /// A name that leads elsewhere, a full disk, or a folder that went away, naming the file.
    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) -> anyhow::Result<()> {
        self.written(name, bytes)?.finish()
    }

    /// The same without waiting for the disk, for many small files that can be made again: a power
    /// cut may leave one of them empty, a killed process may not.
    ///
    /// # Errors
    /// As [`Folder::write`].
    pub fn write_unsynced(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let mut file = self.begin(name)?;
        let path = file.path.clone();
        file.write_all(bytes).and_then(|()| Ok(file.file.persist(&path)?)).with_context(|| cannot_write(&path))?;
        Ok(())
    }

    /// Writes a file whole where there is none of that name; false, and nothing changed, where there is.
    ///
    /// # Errors
    /// As [`Folder::write`].
    pub fn create(&self, name: impl AsRef<Path>, bytes: &[u8]) -> anyhow::Result<bool> {
        let Unfinished { mut file, path } = self.begin(name)?;
        let written = file.write_all(bytes).and_then(|()| file.as_file().sync_all());
        written.with_context(|| cannot_write(&path))?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(true),
            Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(refused) => Err(refused.error).with_context(|| cannot_write(&path)),
        }
    }

    /// A file with these bytes that is still to be given its name.
    ///
    /// # Errors
    /// As [`Folder::write`].
    pub fn written(&self, name: impl AsRef<Path>, bytes: &[u8]) -> anyhow::Result<Unfinished> {
        let mut file = self.begin(name)?;
        file.write_all(bytes).with_context(|| cannot_write(&file.path))?;
        Ok(file)
    }

    /// Begins a file that is written as it comes.
    ///
    /// # Errors
    /// As [`Folder::write`].
    pub fn begin(&self, name: impl AsRef<Path>) -> anyhow::Result<Unfinished> {
        begin(&self.path, name.as_ref())
    }

    /// Removes some files, where they exist.
    ///
    /// # Errors
    /// One that cannot be removed, naming it.
    pub fn remove(&self, names: &[&str]) -> anyhow::Result<()> {
        for name in names {
            names::check(name.as_ref()).with_context(|| format!("cannot remove {name:?}"))?;
            let path = self.path.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => removed.with_context(|| format!("cannot remove {}", path.display()))?,
            }
        }
        Ok(())
    }
}

/// A file on its way; dropped before it is finished, it is gone.
#[derive(Debug)]
pub struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    /// Waits until all that was written is on the disk.
    ///
    /// # Errors
    /// A full disk.
    pub fn sync(&self) -> anyhow::Result<()> {
        self.file.as_file().sync_all().with_context(|| cannot_write(&self.path))
    }

    /// Gives the whole file its name.
    ///
    /// # Errors
    /// A full disk, or a folder that went away.
    pub fn finish(self) -> anyhow::Result<()> {
        self.sync()?;
        let Self { file, path } = self;
        file.persist(&path).map(drop).with_context(|| cannot_write(&path))
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Writes a file of its own, whole or not at all, and makes its folder. Nothing else there is touched, but
/// what dead processes left, so the folder need not be locked.
///
/// # Errors
/// A path without a file's name, and as [`Folder::write`].
pub fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let name = path.file_name().with_context(|| format!("{} is no file", path.display()))?;
    make(folder_of(path))?;
    temporary::sweep(folder_of(path));
    let mut file = begin(folder_of(path), name.as_ref())?;
    file.write_all(bytes).with_context(|| cannot_write(path))?;
    file.finish()
}

/// Proves that such a file could be written, before any work is spent on it.
///
/// # Errors
/// A folder that cannot be made or written.
pub fn prove_writable(path: &Path) -> anyhow::Result<()> {
    let folder = folder_of(path);
    make(folder)?;
    temporary::create(folder).with_context(|| format!("cannot write into {}", folder.display()))?;
    Ok(())
}

/// Refuses a link where the user has not named the place: it would lead out of the folder that was named.
///
/// # Errors
/// A link.
pub fn refuse_link(path: &Path) -> anyhow::Result<()> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
    ensure!(!is_link, "{} is a link and would be written through; name its place, or remove it", path.display());
    Ok(())
}

fn begin(folder: &Path, name: &Path) -> anyhow::Result<Unfinished> {
    let path = folder.join(name);
    let file = names::check(name).and_then(|()| temporary::create(folder)).with_context(|| cannot_write(&path))?;
    Ok(Unfinished { file, path })
}

/// Makes a folder; whether it is new.
fn make(path: &Path) -> anyhow::Result<bool> {
    let cannot = || format!("cannot make the folder {}", path.display());
    fs::create_dir_all(folder_of(path)).with_context(cannot)?;
    match fs::create_dir(path) {
        Ok(()) => Ok(true),
        Err(_) if path.is_dir() => Ok(false),
        Err(_) if path.is_file() => bail!("{} is a file where a folder is needed", path.display()),
        Err(error) => Err(error).with_context(cannot),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write {}", path.display())
}
