//! Results as text.

use std::fmt::Write;

use crate::dead_units::DeadUnits;
use crate::evaluate::Outcome;
use crate::rule::{Reading, Rule};

/// One line: errors of images, as a number and a percentage.
#[must_use]
pub fn errors(way: &str, outcome: &Outcome) -> String {
    let percent = 100.0 * outcome.error_rate();
    format!("{way:12} {:5} of {} wrong, {percent:.2} % error", outcome.errors, outcome.images)
}

/// Both readings in a line each, as far as there are any; then the better one's confusion matrix
/// and the pairs that it most often confuses.
#[must_use]
pub fn readings(rule: &Rule, goodness: Option<&Outcome>, readout: Option<&Outcome>) -> String {
    let mut text = String::new();
    let ways = [(Reading::Goodness, goodness), (Reading::Readout, readout)].into_iter();
    let ways = ways.filter_map(|(way, outcome)| Some((format!("by {}", rule.reading_name(way)), outcome?)));
    let ways: Vec<_> = ways.collect();
    for (way, outcome) in &ways {
        let _ = writeln!(text, "{}", errors(way, outcome));
    }
    // Of two that are equal, the readout's.
    let Some((way, shown)) = ways.iter().rev().min_by_key(|(_, outcome)| outcome.errors) else {
        return text;
    };
    let _ = writeln!(text, "\nconfusion {way}:\n{}", confusion(shown));
    let pairs = worst_pairs(shown);
    if !pairs.is_empty() {
        let _ = writeln!(text, "\nmost confused: {pairs}");
    }
    text
}

/// How many units of each layer are silent, as one line.
#[must_use]
pub fn dead_units(dead: &DeadUnits) -> String {
    let layers = dead.layers.iter().map(|(dead, units)| format!("{dead} of {units}"));
    let label = if dead.may_be_lifted { ", unless a label lifts them" } else { "" };
    format!("dead units: {} (silent for {} images{label})", layers.collect::<Vec<_>>().join(", "), dead.images)
}

/// The confusion matrix, true labels down and predicted ones across, zeros as dots.
#[must_use]
pub fn confusion(outcome: &Outcome) -> String {
    let width = outcome.images.to_string().len().max(3);
    let mut text = String::from("true \\ seen");
    let classes = outcome.confusion.len();
    (0..classes).for_each(|class| write_cell(&mut text, class, width));
    for (label, row) in outcome.confusion.iter().enumerate() {
        let _ = write!(text, "\n{label:11}");
        for &count in row {
            if count == 0 {
                let _ = write!(text, " {:>width$}", ".");
            } else {
                write_cell(&mut text, count, width);
            }
        }
    }
    text
}

/// The pairs most often confused, as one line; empty where nothing was.
#[must_use]
pub fn worst_pairs(outcome: &Outcome) -> String {
    let mut pairs = Vec::new();
    for (label, row) in outcome.confusion.iter().enumerate() {
        let wrong = row.iter().enumerate().filter(|&(seen, &count)| seen != label && count > 0);
        pairs.extend(wrong.map(|(seen, &count)| (count, label, seen)));
    }
    pairs.sort_unstable_by_key(|&(count, label, seen)| (usize::MAX - count, label, seen));
    let pairs = pairs.iter().take(5).map(|(count, label, seen)| format!("{label} as {seen} ({count})"));
    pairs.collect::<Vec<_>>().join(", ")
}

fn write_cell(text: &mut String, value: usize, width: usize) {
    // Writing into a string cannot fail.
    let _ = write!(text, " {value:>width$}");
}
