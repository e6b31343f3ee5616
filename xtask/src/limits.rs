//! What firmware may take at most: a kept report lets a number drift by a tenth, these do not.

use anyhow::{Result, ensure};

use crate::board::Board;

/// A program, how a line of its report begins, and the most that may follow, on boards whose processor has
/// floating-point registers.
const LIMITS: [(&str, &str, u64); 3] =
    [("learn", "training step:", 24_000), ("learn", "classification:", 24_000), ("nway", "training step:", 16_000)];

/// Refuses a report with a number above its limit.
///
/// # Errors
/// Names the line and the limit.
pub fn check(program: &str, board: &Board, report: &str) -> Result<()> {
    if !board.target.ends_with("eabihf") {
        return Ok(());
    }
    for (_, start, most) in LIMITS.iter().filter(|limit| limit.0 == program) {
        let lines = report.lines().filter(|line| line.starts_with(start));
        let taken = lines.filter_map(|line| line.split_whitespace().find_map(|word| word.parse::<u64>().ok()));
        let taken = taken.max();
        ensure!(taken.is_some_and(|taken| taken <= *most), "`{start}` says {taken:?}, and {most} is the most allowed");
    }
    Ok(())
}
