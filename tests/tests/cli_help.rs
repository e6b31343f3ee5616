//! The help of every command teaches: what it does, each option, and lines to try.

mod cli_support;

use std::collections::BTreeSet;

use cli_support::{ff, text};
use tempfile::TempDir;

/// The help of a command, long or short.
fn help(command: &str, flag: &str) -> String {
    let folder = TempDir::new().unwrap();
    let output = ff(folder.path(), &format!("{command} {flag}"));
    assert!(output.status.success(), "{command} {flag}");
    text(&output.stdout)
}

/// The commands below a command, as its help lists them.
fn below(command: &str) -> Vec<String> {
    let help = help(command, "-h");
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(|name| format!("{command} {name}").trim().to_owned()).collect()
}

/// Every command there is.
fn all() -> Vec<String> {
    let top = below("");
    assert!(top.len() >= 4, "train, eval, data, recipe: {top:?}");
    let deep: Vec<_> = top.iter().flat_map(|command| below(command)).collect();
    [vec![String::new()], top, deep].concat()
}

#[test]
fn every_help_ends_with_examples_that_name_the_command() {
    for command in all() {
        for flag in ["-h", "--help"] {
            let help = help(&command, flag);
            let (_, examples) = help.rsplit_once("Example").unwrap_or_else(|| panic!("{command} {flag}: no examples"));
            assert!(examples.contains(format!("  ff {command}").trim_end()), "{command} {flag}: {examples}");
        }
    }
}

/// The long options that a line of text names.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--") && word.len() > 2).map(str::to_owned).collect()
}

#[test]
fn examples_only_use_options_that_exist() {
    for command in all() {
        let help = help(&command, "--help");
        let (body, examples) = help.rsplit_once("Example").unwrap();
        let known = options(body);
        let own = examples.lines().filter(|line| line.trim_start().starts_with(format!("ff {command} ").trim_end()));
        let own = own.filter(|_| !command.is_empty());
        for used in own.flat_map(|line| options(line.split("&&").next().unwrap_or(line))) {
            let below = below(&command).iter().any(|command| help_has(command, &used));
            assert!(known.contains(&used) || below, "`ff {command}` has no {used}");
        }
    }
}

fn help_has(command: &str, option: &str) -> bool {
    options(&help(command, "--help")).contains(option)
}

#[test]
fn the_top_says_what_exit_codes_mean() {
    let help = help("", "--help");
    assert!(help.contains("Exit codes: 0 done, 1 an error"), "{help}");
    assert!(self::help("train", "--help").contains("exit code 130"));
}
