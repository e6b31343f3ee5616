//! The folder of a run.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::bail;

use crate::files::{Busy, Folder};

/// The folder of one run, which no other run works in meanwhile.
#[derive(Debug)]
pub struct RunFolder {
    folder: Folder,
    /// Whether what another run left has been removed.
    is_cleared: AtomicBool,
}

impl RunFolder {
    /// Makes the named folder. One that holds a run already is refused, unless it may be replaced.
    ///
    /// # Errors
    /// A path that is a file, holds a run, is another process's at the moment, or cannot be written.
    pub fn named(path: &Path, existing: Existing) -> anyhow::Result<Self> {
        let folder = Folder::open(path, Busy::Refuse)?;
        // Looked at under the lock: a run that ends at this moment is seen.
        let holds_run = [super::METRICS, super::MODEL].iter().any(|name| path.join(name).exists());
        if existing == Existing::Refuse && holds_run {
            bail!("{} holds a run already; choose another --out, or replace it with --force", path.display());
        }
        Ok(Self { folder, is_cleared: AtomicBool::new(false) })
    }

    /// Makes `runs/<name>`, or `runs/<name>-2` and so on where that exists.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn fresh(name: &str) -> anyhow::Result<Self> {
        let runs = Path::new("runs");
        let names = std::iter::once(name.to_owned()).chain((2_u32..).map(|n| format!("{name}-{n}")));
        // Two runs of the same second may both find a name free; the second is refused and takes the next.
        for path in names.map(|name| runs.join(name)).filter(|path| !path.exists()).take(100) {
            match Self::named(&path, Existing::Refuse) {
                Err(_) if path.exists() => {}
                made => return made,
            }
        }
        bail!("no free folder for the run {name} in {}; name one with --out", runs.display())
    }

    /// Removes, the first time, what another run left that must not be taken for this one's, beside the
    /// model that has just been written over.
    ///
    /// # Errors
    /// A file that cannot be removed, naming it.
    pub fn clear(&self) -> anyhow::Result<()> {
        if !self.is_cleared.load(Ordering::Relaxed) {
            self.remove(&[super::METRICS, super::RECIPE])?;
            self.is_cleared.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// See [`Folder::write`].
    ///
    /// # Errors
    /// As there.
    pub fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        self.folder.write(name, bytes)
    }

    /// See [`Folder::remove`].
    ///
    /// # Errors
    /// As there.
    pub fn remove(&self, names: &[&str]) -> anyhow::Result<()> {
        self.folder.remove(names)
    }
}

/// What to do with a folder that holds a run already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Stop with an error.
    Refuse,
    /// Replace its files.
    Replace,
}
