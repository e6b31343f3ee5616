//! The folder of a run, written so that a killed process never leaves half a file under a file's own name.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::files::{remove_temporary, temporary};
use anyhow::{Context, bail, ensure};
use tempfile::NamedTempFile;

/// The folder of one run. One that was made for it and stayed empty is removed in the end.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    is_new: bool,
    /// Whether what another run left has been removed.
    is_cleared: AtomicBool,
    /// The folder itself, locked as long as this is open.
    lock: Option<File>,
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.is_new {
            // A run that diverged, say; whatever holds a file stays.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

impl RunFolder {
    /// Makes the named folder. One that holds a run already is refused, unless it may be replaced.
    ///
    /// # Errors
    /// A path that is a file, holds a run, or cannot be written.
    pub fn named(path: &Path, existing: Existing) -> anyhow::Result<Self> {
        ensure!(!path.is_file(), "{} is a file where a folder is needed", path.display());
        let holds_run = [super::METRICS, super::MODEL].iter().any(|name| path.join(name).exists());
        if existing == Existing::Refuse && holds_run {
            bail!("{} holds a run already; choose another --out, or replace it with --force", path.display());
        }
        let is_new = !path.exists();
        fs::create_dir_all(path).with_context(|| format!("cannot make the run folder {}", path.display()))?;
        Self::prove(path.to_owned(), is_new)
    }

    /// Makes `runs/<name>`, or `runs/<name>-2` and so on where that exists.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn fresh(name: &str) -> anyhow::Result<Self> {
        let runs = Path::new("runs");
        fs::create_dir_all(runs).with_context(|| format!("cannot make the folder {}", runs.display()))?;
        let mut path = runs.join(name);
        for n in 2_u32.. {
            match fs::create_dir(&path) {
                // Another run of the same second has it.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => path = runs.join(format!("{name}-{n}")),
                made => {
                    made.with_context(|| format!("cannot make the run folder {}", path.display()))?;
                    break;
                }
            }
        }
        Self::prove(path, true)
    }

    /// The folder of a run that is to go on: its files stay until they are replaced.
    ///
    /// # Errors
    /// No such folder, or one that cannot be written.
    pub fn of_run(path: &Path) -> anyhow::Result<Self> {
        ensure!(path.is_dir(), "{} is no run folder", path.display());
        let folder = Self::prove(path.to_owned(), false)?;
        folder.is_cleared.store(true, Ordering::Relaxed);
        Ok(folder)
    }

    /// Proves that the folder can be written, before any work is spent.
    fn prove(path: PathBuf, is_new: bool) -> anyhow::Result<Self> {
        let folder = Self { path, is_new, is_cleared: AtomicBool::new(false), lock: None };
        temporary(&folder.path).with_context(|| format!("cannot write into {}", folder.path.display()))?;
        Ok(folder)
    }

    /// Keeps other runs out until this one ends, however it ends. Where folders cannot be locked, nothing
    /// happens.
    ///
    /// # Errors
    /// Where another run is at work in it.
    pub fn lock(mut self) -> anyhow::Result<Self> {
        self.lock = File::open(&self.path).ok();
        let taken = self.lock.as_ref().map(File::try_lock);
        if let Some(Err(TryLockError::WouldBlock)) = taken {
            // It is the other run's, however empty it still is.
            self.is_new = false;
            bail!("another run is at work in {}; choose another --out", self.path.display());
        }
        remove_temporary(&self.path);
        Ok(self)
    }

    /// Removes, the first time, what another run left that must not be taken for this one's.
    fn clear(&self) -> anyhow::Result<()> {
        if !self.is_cleared.load(Ordering::Relaxed) {
            remove(&self.path, &[super::STATE, super::BEST, super::METRICS, super::RECIPE])?;
            self.is_cleared.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file whole or not at all: a temporary file in the folder, synced, then renamed.
    ///
    /// # Errors
    /// A full disk or a folder that went away, naming the file.
    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) -> anyhow::Result<()> {
        self.save(name.as_ref(), bytes, true)
    }

    /// The same without waiting for the disk, for many small files that can be made again: a power
    /// cut may leave one of them empty, a killed process may not.
    ///
    /// # Errors
    /// As [`RunFolder::write`].
    pub fn write_unsynced(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.save(name.as_ref(), bytes, false)
    }

    /// Replaces files of a run, in this order and each whole or not at all, after all of them were written under
    /// other names: a disk too full for one of them leaves a run that was there as it was. The first time, what
    /// another run left beside them goes.
    ///
    /// # Errors
    /// As [`RunFolder::write`].
    pub fn replace(&self, files: &[(&str, &[u8])]) -> anyhow::Result<()> {
        let written = files.iter().map(|(name, bytes)| self.written(name.as_ref(), bytes, true));
        let written = written.collect::<anyhow::Result<Vec<_>>>()?;
        self.clear()?;
        // Somebody may have evaluated the last epoch's model meanwhile.
        remove(&self.path, &[super::EVALUATION])?;
        written.into_iter().try_for_each(|(path, file)| persist(&path, file))
    }

    fn save(&self, name: &Path, bytes: &[u8], sync: bool) -> anyhow::Result<()> {
        let (path, file) = self.written(name, bytes, sync)?;
        persist(&path, file)
    }

    /// A temporary file with these bytes, and the path that it is to have.
    fn written(&self, name: &Path, bytes: &[u8], sync: bool) -> anyhow::Result<(PathBuf, NamedTempFile)> {
        let path = self.path.join(name);
        let write = || -> std::io::Result<NamedTempFile> {
            let mut file = temporary(&self.path)?;
            file.write_all(bytes)?;
            if sync {
                file.as_file().sync_all()?;
            }
            Ok(file)
        };
        let file = write().with_context(|| format!("cannot write {}", path.display()))?;
        Ok((path, file))
    }
}

fn persist(path: &Path, file: NamedTempFile) -> anyhow::Result<()> {
    file.persist(path).map(drop).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a file that is no run's, whole or not at all, and makes its folder.
///
/// # Errors
/// A path without a file's name, and as [`RunFolder::write`].
pub fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let name = path.file_name().with_context(|| format!("{} is no file", path.display()))?;
    RunFolder::named(folder_of(path), Existing::Replace)?.write(name, bytes)
}

/// Proves that a file that is no run's could be written, before any work is spent on it.
///
/// # Errors
/// A folder that cannot be made or written.
pub fn prove_writable(path: &Path) -> anyhow::Result<()> {
    RunFolder::named(folder_of(path), Existing::Replace).map(drop)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes some files of a folder, where they exist.
///
/// # Errors
/// One that cannot be removed, naming it.
pub fn remove(folder: &Path, names: &[&str]) -> anyhow::Result<()> {
    for path in names.iter().map(|name| folder.join(name)).filter(|path| path.exists()) {
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// What to do with a folder that holds a run already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Stop with an error.
    Refuse,
    /// Replace its files.
    Replace,
}
