//! Tables in Markdown, between markers: `<!-- results: TABLE -->` and `<!-- end of results -->`.

use anyhow::{Context, bail};

use super::{Entry, saliency};
use crate::saliency_eval::report::Evaluation;
use ff_host::escape;
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

/// The text with every table made anew.
///
/// # Errors
/// A table that does not exist, a marker without its end, or no marker at all.
pub fn filled(text: &str, kept: &Kept) -> anyhow::Result<String> {
    let mut lines = text.split_inclusive('\n');
    let (mut made, mut tables) = (String::new(), 0);
    while let Some(line) = lines.next() {
        made += line;
        let Some(name) = opened(line) else { continue };
        // Markers are lines of their own, which no table's line can be.
        let end = lines.by_ref().find(|line| line.trim_end() == CLOSE);
        let end = end.with_context(|| format!("`{}` has no `{CLOSE}` after it", line.trim_end()))?;
        made += &table(name, kept)?;
        made += end;
        tables += 1;
    }
    anyhow::ensure!(tables > 0, "there is no line `{OPEN}TABLE -->` to write a table after");
    Ok(made)
}

/// The table that a line asks for.
fn opened(line: &str) -> Option<&str> {
    line.strip_prefix(OPEN)?.trim_end().strip_suffix("-->").map(str::trim)
}

/// `runs`, the course of one run: `course FILE`, or evaluations of explanations: `saliency TABLE`.
fn table(name: &str, kept: &Kept) -> anyhow::Result<String> {
    let entries = &kept.entries;
    match name.split_once(' ') {
        None if name == "runs" => Ok(runs(entries)),
        Some(("saliency", table)) => saliency::table(table, &kept.evaluations),
        Some(("course", file)) => {
            let found = entries.iter().find(|(name, _)| name == file);
            Ok(course(&found.with_context(|| format!("results has no {file}, which a table shows"))?.1))
        }
        _ => bail!("there is no table {name:?}: write `runs`, `course FILE` or `saliency TABLE`"),
    }
}

/// All tested runs, those that differ by the seed alone as one row.
fn runs(entries: &[(String, Entry)]) -> String {
    let mut groups: Vec<Vec<&Entry>> = Vec::new();
    for (_, entry) in entries.iter().filter(|(_, entry)| entry.test.is_some()) {
        match groups.iter_mut().find(|group| group[0].command == entry.command) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    groups.sort_by_key(|group| (group[0].dataset.clone(), group[0].rule.clone(), group[0].epochs));
    let header = ["command", "learning rule", "seeds", "test error by readout", "by goodness"];
    let header = header.iter().chain(&["seconds", "parameters", "peak MiB"]).map(|&cell| cell.to_owned());
    let mut rows = vec![header.collect()];
    rows.extend(groups.iter().map(|group| line(group)));
    aligned(&rows)
}

fn line(group: &[&Entry]) -> Vec<String> {
    let over = |digits: usize, unit: &str, value: &dyn Fn(&Entry) -> Option<f64>| {
        let values: Vec<f64> = group.iter().filter_map(|entry| value(entry)).collect();
        Spread::of(&values).map_or("-".to_owned(), |spread| format!("{spread:.digits$}{unit}"))
    };
    let percent = |errors: Option<usize>, entry: &Entry| {
        let images = entry.test.map_or(0, |test| test.images);
        errors.map(|errors| 100.0 * errors as f64 / images.max(1) as f64)
    };
    let rule = if group[0].rule == ff_host::run::BASELINE { "backprop baseline (MLP)" } else { &group[0].rule };
    vec![
        escape::code(&group[0].command),
        escape::cell(rule),
        group.len().to_string(),
        over(2, " %", &|entry| percent(entry.test?.readout, entry)),
        over(2, " %", &|entry| percent(entry.test?.goodness, entry)),
        over(0, "", &|entry| Some(entry.train_seconds)),
        group[0].parameters.to_string(),
        over(0, "", &|entry| Some(entry.peak_memory? as f64 / f64::from(1 << 20))),
    ]
}

fn course(entry: &Entry) -> String {
    let errors = |errors: Option<usize>| errors.map_or("-".to_owned(), |errors| errors.to_string());
    let mut rows = vec![["after epoch", "by readout", "by goodness"].map(str::to_owned).to_vec()];
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
        for text in ["", "<!-- results: runs -->\n", "<!-- results: no -->\n<!-- end of results -->", NO_COLUMN] {
            assert!(filled(text, &Kept::default()).is_err(), "{text}");
        }
    }
}
