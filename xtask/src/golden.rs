//! Holds a firmware's report against the one that is kept.
//!
//! Only what every compiler must give is compared: counts of instructions and bytes of stack
//! change with the compiler, what was learned does not.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};

/// What to do with the report of a run.
#[derive(Clone, Copy)]
pub enum Golden {
    /// Hold it against the kept one, if there is one.
    Compare,
    /// Keep it instead.
    Bless,
}

impl Golden {
    /// Compares or keeps the report of the program `name`.
    ///
    /// # Errors
    /// When the reports differ, naming the kept file, or it cannot be written.
    pub fn settle(self, name: &str, report: &str) -> Result<()> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../ff-embedded/golden/{name}.txt"));
        let lasting: String = report.lines().filter(|line| lasts(line)).flat_map(|line| [line, "\n"]).collect();
        match self {
            Self::Bless => fs::write(&path, lasting).with_context(|| format!("cannot write {}", path.display())),
            Self::Compare => {
                let Ok(kept) = fs::read_to_string(&path) else { return Ok(()) };
                ensure!(
                    kept == lasting,
                    "the report differs from ff-embedded/golden/{name}.txt, which is:\n{kept}\nkeep the new one with --bless"
                );
                Ok(())
            }
        }
    }
}

fn lasts(line: &str) -> bool {
    ["board:", "clock:", "learning:", "training step:", "classification:", "memory:", "stack:"]
        .iter()
        .all(|start| !line.starts_with(start))
}
