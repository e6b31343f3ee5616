//! The help of every command teaches: what it does, each option, and lines to try.

mod cli_support;

use std::collections::BTreeSet;

use cli_support::{ff, lab, text};
use tempfile::TempDir;

/// The help of a command such as `ff train`, long or short.
fn help(command: &str, flag: &str) -> String {
    let folder = TempDir::new().unwrap();
    let (program, words) = command.split_once(' ').unwrap_or((command, ""));
    let run = if program == "ff" { ff } else { lab };
    let output = run(folder.path(), &format!("{words} {flag}"));
    assert!(output.status.success(), "{command} {flag}");
    text(&output.stdout)
}

/// The commands below a command, as its help lists them.
fn below(command: &str) -> Vec<String> {
    let help = help(command, "-h");
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.map(|name| format!("{command} {name}")).collect()
}

/// The two programs.
const PROGRAMS: [&str; 2] = ["ff", "ff-lab"];

/// Every command there is.
fn all() -> Vec<String> {
    let programs = PROGRAMS.map(str::to_owned).to_vec();
    let top: Vec<_> = PROGRAMS.iter().flat_map(|program| below(program)).collect();
    assert!(top.len() >= 14, "train, eval, ..., compare, ...: {top:?}");
    let deep: Vec<_> = top.iter().flat_map(|command| below(command)).collect();
    [programs, top, deep].concat()
}

#[test]
fn every_help_ends_with_examples_that_name_the_command() {
    for command in all() {
        for flag in ["-h", "--help"] {
            let help = help(&command, flag);
            let (_, examples) = help.rsplit_once("Example").unwrap_or_else(|| panic!("{command} {flag}: no examples"));
            assert!(examples.contains(&format!("  {command}")), "{command} {flag}: {examples}");
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
        let own = examples.lines().filter(|line| line.trim_start().starts_with(&format!("{command} ")));
        let own = own.filter(|_| !PROGRAMS.contains(&command.as_str()));
        for used in own.flat_map(|line| options(line.split("&&").next().unwrap_or(line))) {
            let below = below(&command).iter().any(|command| help_has(command, &used));
            assert!(known.contains(&used) || below, "`{command}` has no {used}");
        }
    }
}

fn help_has(command: &str, option: &str) -> bool {
    options(&help(command, "--help")).contains(option)
}

#[test]
fn the_top_says_what_exit_codes_mean() {
    for program in PROGRAMS {
        let help = help(program, "--help");
        assert!(help.contains("Exit codes: 0 done, 1 an error"), "{help}");
    }
    let train = help("ff train", "--help").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(train.contains("exit code 130"), "{train}");
}
