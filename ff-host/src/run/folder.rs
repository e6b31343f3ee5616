//! The folder of a run.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{bail, ensure};

use crate::files::{Busy, Folder, Unfinished};

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

    /// The folder of a run that is to go on: its files stay until they are replaced.
    ///
    /// # Errors
    /// No such folder, one that is another process's at the moment, or one that cannot be written.
    pub fn of_run(path: &Path) -> anyhow::Result<Self> {
        ensure!(path.is_dir(), "{} is no run folder", path.display());
        Ok(Self { folder: Folder::open(path, Busy::Refuse)?, is_cleared: AtomicBool::new(true) })
    }

    /// Replaces files of a run, in this order and each whole or not at all, after all of them were written under
    /// other names: a disk too full for one of them leaves a run that was there as it was. The first time, what
    /// another run left beside them goes.
    ///
    /// # Errors
    /// As [`Folder::write`].
    pub fn replace(&self, files: &[(&str, &[u8])]) -> anyhow::Result<()> {
        let written = files.iter().map(|(name, bytes)| self.folder.written(name, bytes));
        let written = written.collect::<anyhow::Result<Vec<_>>>()?;
        written.iter().try_for_each(Unfinished::sync)?;
        self.clear()?;
        // Somebody may have evaluated the last epoch's model meanwhile.
        self.folder.remove(&[super::EVALUATION])?;
        written.into_iter().try_for_each(Unfinished::finish)
    }

    /// Removes, the first time, what another run left that must not be taken for this one's.
    fn clear(&self) -> anyhow::Result<()> {
        if !self.is_cleared.load(Ordering::Relaxed) {
            self.folder.remove(&[super::STATE, super::BEST, super::METRICS, super::RECIPE])?;
            self.is_cleared.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
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
