//! Results as text.

use std::fmt::Write;

use crate::dead_units::DeadUnits;
use crate::evaluate::Outcome;
use crate::metrics::Measures;
use crate::rule::{Reading, Rule};
use crate::run::{Temperatures, TestMetrics};

/// Letters of a class's name at the head of a column, at most.
const ACROSS: usize = 8;

/// One line: errors of images, as a number and a percentage.
#[must_use]
pub fn errors(way: &str, outcome: &Outcome) -> String {
    let percent = 100.0 * outcome.error_rate();
    format!("{way:12} {:5} of {} wrong, {percent:.2} % error", outcome.errors, outcome.images)
}

/// Both readings in a line each, as far as there are any; then the better one's confusion matrix
/// and the pairs that it most often confuses.
#[must_use]
pub fn readings(rule: &Rule, goodness: Option<&Outcome>, readout: Option<&Outcome>, names: &[String]) -> String {
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
    let _ = writeln!(text, "\nconfusion {way}:\n{}", confusion(shown, names));
    let pairs = worst_pairs(shown, names);
    if !pairs.is_empty() {
        let _ = writeln!(text, "\nmost confused: {pairs}");
    }
    text
}

/// What the better reading's answers are worth: class by class, then of all classes and of each layer.
#[must_use]
pub fn measures(found: &TestMetrics, temperatures: Temperatures, names: &[String]) -> String {
    let readout = found.readout.as_ref().zip(found.errors_readout).map(|(m, errors)| (m, errors, temperatures.readout));
    let goodness = found.goodness.as_ref().zip(found.errors_goodness);
    let goodness = goodness.map(|(m, errors)| (m, errors, temperatures.goodness));
    let Some((shown, _, fitted)) = readout.into_iter().chain(goodness).min_by_key(|(_, errors, _)| *errors) else {
        return String::new();
    };
    let mut text = format!("\n{}", classes(shown, names));
    let _ = writeln!(text, "\n{}", overall(shown, fitted.is_some()));
    if let (Some(threshold), [first, second]) = (&shown.threshold, names) {
        let (p, recall, wrong) = (threshold.probability, percent(threshold.recall), percent(threshold.false_positives));
        let _ = writeln!(
            text,
            "from a probability of {p:.3} on, {recall} % of {second} are found and {wrong} % of {first} are taken for it"
        );
    }
    if !found.errors_by_layer.is_empty() {
        let errors = found.errors_by_layer.iter().map(|&errors| percent(errors as f64 / found.images.max(1) as f64));
        let _ = writeln!(text, "error by each layer alone: {} %", errors.collect::<Vec<_>>().join(", "));
    }
    text
}

/// A row for each class.
fn classes(measures: &Measures, names: &[String]) -> String {
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(12);
    let mut text = format!("{:width$} samples  precision  recall      F1   AUC\n", "class");
    for (name, class) in names.iter().zip(&measures.classes) {
        let [precision, recall, f1] =
            [class.precision, class.recall, class.f1].map(|part| part.map_or("-".to_owned(), percent));
        let auc = class.auc.map_or("-".to_owned(), |auc| format!("{auc:.3}"));
        let _ = writeln!(text, "{name:width$} {:>7} {precision:>10} {recall:>7} {f1:>7} {auc:>5}", class.samples);
    }
    text
}

/// One line of what concerns all classes.
fn overall(measures: &Measures, is_fitted: bool) -> String {
    let part = |part: Option<f64>| part.map_or("-".to_owned(), percent);
    let top = measures.top.iter().map(|top| format!(", {} % among the likeliest {}", percent(top.accuracy), top.k));
    let whence = if is_fitted { "fitted on validation images" } else { "not fitted" };
    format!(
        "balanced accuracy {} %, mean F1 {} %{}\nlog-loss {:.4}, calibration error {} % (temperature {:.3}, {whence})",
        part(measures.balanced_accuracy),
        part(measures.macro_f1),
        top.collect::<String>(),
        measures.log_loss,
        percent(measures.calibration_error),
        measures.temperature,
    )
}

fn percent(part: f64) -> String {
    format!("{:.1}", 100.0 * part)
}

/// How many units of each layer are silent, as one line.
#[must_use]
pub fn dead_units(dead: &DeadUnits) -> String {
    let layers = dead.layers.iter().map(|(dead, units)| format!("{dead} of {units}"));
    let label = if dead.may_be_lifted { ", unless a label lifts them" } else { "" };
    format!("dead units: {} (silent for {} images{label})", layers.collect::<Vec<_>>().join(", "), dead.images)
}

/// The confusion matrix, true classes down and predicted ones across, zeros as dots; across, long names are cut.
#[must_use]
pub fn confusion(outcome: &Outcome, names: &[String]) -> String {
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let width = outcome.images.to_string().len().max(longest.clamp(3, ACROSS));
    let down = longest.max("true \\ seen".len());
    let mut text = format!("{:down$}", "true \\ seen");
    names.iter().for_each(|name| write_cell(&mut text, &name.chars().take(width).collect::<String>(), width));
    for (name, row) in names.iter().zip(&outcome.confusion) {
        let _ = write!(text, "\n{name:>down$}");
        let counts = row.iter().map(|&count| if count == 0 { ".".to_owned() } else { count.to_string() });
        counts.for_each(|count| write_cell(&mut text, &count, width));
    }
    text
}

/// The pairs most often confused, as one line; empty where nothing was.
#[must_use]
pub fn worst_pairs(outcome: &Outcome, names: &[String]) -> String {
    let mut pairs = Vec::new();
    for (label, row) in outcome.confusion.iter().enumerate() {
        let wrong = row.iter().enumerate().filter(|&(seen, &count)| seen != label && count > 0);
        pairs.extend(wrong.map(|(seen, &count)| (count, label, seen)));
    }
    pairs.sort_unstable_by_key(|&(count, label, seen)| (usize::MAX - count, label, seen));
    let name = |class: usize| names.get(class).map_or("?", String::as_str);
    let pairs = pairs.iter().take(5);
    let pairs = pairs.map(|&(count, label, seen)| format!("{} as {} ({count})", name(label), name(seen)));
    pairs.collect::<Vec<_>>().join(", ")
}

fn write_cell(text: &mut String, value: &str, width: usize) {
    // Writing into a string cannot fail.
    let _ = write!(text, " {value:>width$}");
}
