//! Tables in Markdown, between markers: `<!-- results: TABLE -->` and `<!-- end of results -->`.

use anyhow::{Context, bail};

use super::{Entry, saliency};
use crate::saliency_eval::report::Evaluation;
use ff_host::escape;
use ff_host::run::Provenance;
use ff_host::sweep::{Spread, aligned};

const OPEN: &str = "<!-- results: ";
const CLOSE: &str = "<!-- end of results -->";

/// Everything that is kept, each with its file's name, in the order of the names.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Runs.
    pub entries: Vec<(String, Entry)>,
    /// Evaluations of explanations.
    pub evaluations: Vec<(String, Evaluation)>,
}

/// Whether a text has a place for a table.
#[must_use]
pub fn has_tables(text: &str) -> bool {
    text.lines().any(|line| opened(line).is_some())
}

/// The text with every table made anew.
///
/// # Errors
/// A table that does not exist, or a marker without its end.
pub fn filled(text: &str, kept: &Kept) -> anyhow::Result<String> {
    let mut lines = text.split_inclusive('\n');
    let mut made = String::new();
    while let Some(line) = lines.next() {
        made += line;
        let Some(name) = opened(line) else { continue };
        // Markers are lines of their own, which no table's line can be.
        let end = lines.by_ref().find(|line| line.trim_end() == CLOSE);
        let end = end.with_context(|| format!("`{}` has no `{CLOSE}` after it", line.trim_end()))?;
        made += &table(name, kept)?;
        made += end;
    }
    Ok(made)
}

/// The table that a line asks for.
fn opened(line: &str) -> Option<&str> {
    line.strip_prefix(OPEN)?.trim_end().strip_suffix("-->").map(str::trim)
}

/// All `runs`, a few of them: `runs NAME ..`, the course of one: `course FILE`, or evaluations of explanations:
/// `saliency TABLE`. A NAME is that of the runs' files, before `-seed`.
fn table(name: &str, kept: &Kept) -> anyhow::Result<String> {
    let entries = &kept.entries;
    match name.split_once(' ') {
        None if name == "runs" => Ok(runs(entries)),
        Some(("runs", names)) => chosen(names.split_whitespace(), entries),
        Some(("saliency", table)) => saliency::table(table, &kept.evaluations),
        Some(("course", file)) => {
            let found = entries.iter().find(|(name, _)| name == file);
            Ok(course(&found.with_context(|| format!("results has no {file}, which a table shows"))?.1))
        }
        _ => bail!("there is no table {name:?}: write `runs`, `runs NAME ..`, `course FILE` or `saliency TABLE`"),
    }
}

/// All tested runs, those that differ by the seed alone as one row.
fn runs(entries: &[(String, Entry)]) -> String {
    let mut groups = by_command(entries.iter().map(|(_, entry)| entry));
    groups.sort_by_key(|group| {
        let Provenance { dataset, rule, .. } = &group[0].provenance;
        (dataset.clone(), rule.clone(), group[0].epochs)
    });
    let header = ["command", "learning rule", "seeds", "test error by readout or logits", "by goodness"];
    let header = header.iter().chain(&["seconds", "parameters", "peak MiB"]).map(|&cell| cell.to_owned());
    let mut rows = vec![header.collect()];
    rows.extend(groups.iter().map(|group| line(group)));
    aligned(&rows)
}

/// Tested runs, those that differ by the seed alone together.
fn by_command<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<Vec<&'a Entry>> {
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    for entry in entries.filter(|entry| entry.test.is_some()) {
        match groups.iter_mut().find(|group| group[0].provenance.command == entry.provenance.command) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups
}

fn line(group: &[&Entry]) -> Vec<String> {
    vec![
        escape::code(&group[0].provenance.command),
        escape::cell(rule(group[0])),
        group.len().to_string(),
        over(group, 2, " %", &|entry| percent(entry, entry.test?.readout)),
        over(group, 2, " %", &|entry| percent(entry, entry.test?.goodness)),
        over(group, 0, "", &|entry| Some(entry.train_seconds)),
        group[0].parameters.to_string(),
        over(group, 0, "", &|entry| Some(entry.peak_memory? as f64 / f64::from(1 << 20))),
    ]
}

/// The runs of these names, in this order, in few columns; the error is the readout's where there is one.
fn chosen<'a>(names: impl Iterator<Item = &'a str>, entries: &[(String, Entry)]) -> anyhow::Result<String> {
    let header = ["command", "rule", "seeds", "test error", "seconds"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for name in names {
        let of_name = entries.iter().filter(|(file, _)| file.split_once("-seed").is_some_and(|(stem, _)| stem == name));
        let groups = by_command(of_name.map(|(_, entry)| entry));
        anyhow::ensure!(!groups.is_empty(), "results has no tested run {name}, which a table shows");
        rows.extend(groups.iter().map(|group| {
            vec![
                escape::code(&group[0].provenance.command),
                rule(group[0]).to_owned(),
                group.len().to_string(),
                over(group, 2, " %", &|entry| percent(entry, entry.test?.readout.or(entry.test?.goodness))),
                over(group, 0, "", &|entry| Some(entry.train_seconds)),
            ]
        }));
    }
    Ok(aligned(&rows))
}

fn rule(entry: &Entry) -> &str {
    let rule = &entry.provenance.rule;
    if rule == crate::baseline::RULE { "backprop baseline (MLP)" } else { rule }
}

/// Mean and spread of a value over some runs.
fn over(group: &[&Entry], digits: usize, unit: &str, value: &dyn Fn(&Entry) -> Option<f64>) -> String {
    let values: Vec<f64> = group.iter().filter_map(|entry| value(entry)).collect();
    Spread::from_values(&values).map_or("-".to_owned(), |spread| format!("{spread:.digits$}{unit}"))
}

/// Errors as a part of the test images.
fn percent(entry: &Entry, errors: Option<usize>) -> Option<f64> {
    let images = entry.test.map_or(0, |test| test.images);
    errors.map(|errors| 100.0 * errors as f64 / images.max(1) as f64)
}

fn course(entry: &Entry) -> String {
    let errors = |errors: Option<usize>| errors.map_or("-".to_owned(), |errors| errors.to_string());
    let mut rows = vec![["after epoch", "by readout or logits", "by goodness"].map(str::to_owned).to_vec()];
    rows.extend(entry.validation.iter().map(|at| vec![at.epoch.to_string(), errors(at.readout), errors(at.goodness)]));
    aligned(&rows)
}

#[cfg(test)]
mod tests {
    use super::{Kept, filled};

    #[test]
    fn tables_are_replaced_and_the_rest_is_kept() {
        let text = "a\n<!-- results: runs -->\nold\n<!-- end of results -->\nb\n";
        let made = filled(text, &Kept::default()).unwrap();
        assert!(
            made.starts_with("a\n<!-- results: runs -->\n| command") && made.ends_with("<!-- end of results -->\nb\n")
        );
        assert!(!made.contains("old"));
        assert_eq!(filled(&made, &Kept::default()).unwrap(), made, "written twice is written once");
    }

    const NO_COLUMN: &str = "<!-- results: saliency no -->\n<!-- end of results -->";

    #[test]
    fn bad_markers_are_refused() {
        let unknown = "<!-- results: runs no -->\n<!-- end of results -->";
        for text in [unknown, "<!-- results: runs -->\n", "<!-- results: no -->\n<!-- end of results -->", NO_COLUMN] {
            assert!(filled(text, &Kept::default()).is_err(), "{text}");
        }
    }
}
