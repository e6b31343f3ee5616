//! Every command of README and book does what it says, with smaller settings: `docs/commands.toml`.

mod book_support;
mod cli_support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use book_support::{Page, pages, root};
use cli_support::{command, lab_command, text};
use serde::Deserialize;
use tempfile::TempDir;

/// `docs/commands.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shorter {
    /// What takes the place of an option's value.
    values: BTreeMap<String, String>,
    /// What is added to a command where it is not written.
    added: BTreeMap<String, Vec<String>>,
    /// Commands that run elsewhere, by their first words, and where.
    elsewhere: BTreeMap<String, String>,
}

#[test]
fn every_command_works() {
    let settings: Shorter =
        toml::from_str(&std::fs::read_to_string(root().join("docs/commands.toml")).unwrap()).unwrap();
    let mut elsewhere = BTreeSet::new();
    for page in pages() {
        // The commands of a page build on each other.
        let folder = TempDir::new().unwrap();
        for line in commands(&page) {
            match settings.elsewhere.keys().find(|words| line.starts_with(words.as_str())) {
                Some(words) => drop(elsewhere.insert(words)),
                None => run(folder.path(), &page, &line, &settings),
            }
        }
    }
    let unused: Vec<_> = settings.elsewhere.keys().filter(|words| !elsewhere.contains(words)).collect();
    assert!(unused.is_empty(), "docs/commands.toml names commands that no page has: {unused:?}");
}

/// The commands of a page: the lines of `sh` blocks, and those after `$` of `console` blocks.
fn commands(page: &Path) -> Vec<String> {
    let mut commands = Vec::new();
    for (language, code) in Page::read(page).code {
        let lines = code.lines().map(str::trim);
        match language.as_str() {
            "sh" => commands.extend(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned)),
            "console" => commands.extend(lines.filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned)),
            _ => {}
        }
    }
    commands
}

fn run(folder: &Path, page: &Path, line: &str, settings: &Shorter) {
    let short = shorter(line, settings);
    let output = started(folder, &short).unwrap_or_else(|| panic!("{}: who runs `{line}`?", page.display()));
    println!("{}: {short}", page.display());
    let output = { output }.output().unwrap();
    let (page, error) = (page.display(), text(&output.stderr));
    assert!(output.status.success(), "{page}: `{line}`, run as `{short}`: {}\n{error}", output.status);
}

/// The program that a line starts.
fn started(folder: &Path, line: &str) -> Option<Command> {
    let lab = line.strip_prefix("ff-lab ").map(|words| lab_command(folder, words));
    lab.or_else(|| line.strip_prefix("ff ").map(|words| command(folder, words)))
}

/// The line with the settings of `docs/commands.toml`, and cargo's way to start a program by its name.
fn shorter(line: &str, settings: &Shorter) -> String {
    let line = line.replace("cargo run --release -p ff-lab -- ", "ff-lab ").replace("cargo run --release -- ", "ff ");
    let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    for at in 1..words.len() {
        if let Some(value) = settings.values.get(&words[at - 1]) {
            words[at].clone_from(value);
        }
    }
    let added = words.get(..2).and_then(|first| settings.added.get(&first.join(" "))).into_iter();
    for option in added.flat_map(|added| added.chunks(2)) {
        if !words.contains(&option[0]) {
            words.extend_from_slice(option);
        }
    }
    words.join(" ")
}
