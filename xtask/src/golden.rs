//! Holds a firmware's report against the one that is kept.
//!
//! Every line is compared, in one of two ways. What a network learns is the same to the last digit on
//! every board, on the host, and with every compiler: `golden/learn.txt`, and `learn-small.txt` for
//! boards with little RAM. What it cost belongs to a board and moves a little with the compiler: `golden/<program>-<board>.txt`, whose numbers
//! may be off by [`TOLERANCE_PERCENT`].

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};

use crate::board::{Board, Runs};

/// Wide enough for another compiler of the same age, narrow enough to see a lost optimisation.
const TOLERANCE_PERCENT: u64 = 10;

/// How the lines begin that tell of costs or of the board.
const COSTS: [&str; 12] = [
    "board:",
    "clock:",
    "learning:",
    "training step:",
    "whole step:",
    "classification:",
    "explanation:",
    "memory:",
    "stack:",
    "jobs:",
    "ticks:",
    "largest gap:",
];

/// What to do with the report of a run.
#[derive(Clone, Copy)]
pub enum Golden {
    /// Hold it against the kept one.
    Compare,
    /// Hold what was learned against the kept one, whatever it took.
    CompareLearned,
    /// Keep it instead.
    Bless,
}

impl Golden {
    /// Whether a report of `program` on `board` is kept.
    pub fn is_kept(program: &str, board: &Board) -> bool {
        path(&costs_name(program, board)).is_file()
    }

    /// Compares or keeps what `program` reported on `board`.
    ///
    /// # Errors
    /// When the reports differ, naming the kept file, or when a file cannot be read or written.
    pub fn settle(self, program: &str, board: &Board, report: &str) -> Result<()> {
        let (costs, learned): (Vec<_>, Vec<_>) = report.lines().partition(|line| is_cost(line));
        let shared = match board.runs {
            // What another program learns depends on the board's network in the same way.
            Runs::Qemu { learned, .. } => learned.replacen("learn", program, 1),
            Runs::Hardware { .. } => program.to_owned(),
        };
        self.settle_file(&shared, &learned, |kept, new| kept == new)?;
        match self {
            Self::CompareLearned => Ok(()),
            _ => self.settle_file(&costs_name(program, board), &costs, is_about),
        }
    }

    fn settle_file(self, name: &str, lines: &[&str], agree: fn(&str, &str) -> bool) -> Result<()> {
        let path = path(name);
        let name = format!("ff-embedded/golden/{name}.txt");
        let new: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
        match self {
            Self::Bless => fs::write(path, new).with_context(|| format!("cannot write {name}")),
            Self::Compare | Self::CompareLearned => {
                let kept = fs::read_to_string(path)
                    .with_context(|| format!("cannot read {name}; --bless keeps this run's report"))?;
                ensure!(
                    agree(&kept, &new),
                    "the report differs from {name}, which is:\n{kept}\nkeep the new one with --bless"
                );
                Ok(())
            }
        }
    }
}

fn costs_name(program: &str, board: &Board) -> String {
    format!("{program}-{}", board.name)
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../ff-embedded/golden/{name}.txt"))
}

fn is_cost(line: &str) -> bool {
    COSTS.iter().any(|start| line.starts_with(start))
}

/// Whether two texts are the same, but for whole numbers that are about the same.
pub fn is_about(kept: &str, new: &str) -> bool {
    let (kept, new): (Vec<_>, Vec<_>) = (words(kept), words(new));
    kept.len() == new.len() && kept.iter().zip(new).all(|(kept, new)| word_is_about(kept, new))
}

/// The words, line by line, so that a line that moved is a difference.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive([' ', '\n']).collect()
}

fn word_is_about(kept: &str, new: &str) -> bool {
    match (kept.trim_end().parse::<u64>(), new.trim_end().parse::<u64>()) {
        (Ok(kept), Ok(new)) => kept.abs_diff(new).saturating_mul(100) <= kept.saturating_mul(TOLERANCE_PERCENT),
        _ => kept == new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_a_little_off_and_words_not() {
        let kept = "training step: 31000 instructions\nstack: 1740 of 65536 bytes\n";
        assert!(is_about(kept, "training step: 33000 instructions\nstack: 1600 of 65536 bytes\n"));
        assert!(!is_about(kept, "training step: 34200 instructions\nstack: 1740 of 65536 bytes\n"));
        assert!(!is_about(kept, "training step: 31000 cycles\nstack: 1740 of 65536 bytes\n"));
        assert!(!is_about(kept, "training step: 31000 instructions\n"));
    }

    #[test]
    fn what_was_learned_is_no_cost() {
        assert!(is_cost("memory: network 13824 bytes, scratch 652 bytes"));
        assert!(!is_cost("weights: CRC-32 be3ba4a9"));
        assert!(!is_cost("after pass 20: 347 of 359 recognised"));
    }
}
