//! `cargo xtask test`: everything that must hold before a change is done.

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::checks::{self, Check, Outcome};

/// Check everything: format, lints, documentation, all tests, the firmware in QEMU
///
/// All checks run even if one fails; each prints its command, and a table at the end names those that
/// failed. The first check that needs a cross compiler or QEMU sets the machine up for it, as
/// `cargo xtask setup` does.
#[derive(clap::Args)]
pub struct Options {
    /// A short cycle for a small change instead: format, lints, and a choice of tests
    #[arg(long)]
    fast: bool,

    /// Run the checks with this in their name alone; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Print the names of the checks, and run none
    #[arg(long)]
    list: bool,
}

/// Runs the checks that the options say.
///
/// # Errors
/// When no check has such a name. A check that fails is no error: it shows in the table and the exit code.
pub fn run(options: &Options) -> Result<ExitCode> {
    let checks = if options.fast { checks::fast::checks() } else { checks::all() };
    let chosen = choose(checks, &options.only)?;
    if options.list {
        chosen.iter().for_each(|check| println!("{}", check.name()));
        return Ok(ExitCode::SUCCESS);
    }
    let outcomes: Vec<_> = chosen.into_iter().map(Check::run).collect();
    Ok(summarise(&outcomes))
}

/// The checks whose name has one of these in it; all where none is asked for.
fn choose(checks: Vec<Check>, only: &[String]) -> Result<Vec<Check>> {
    for name in only {
        let is_known = checks.iter().any(|check| check.name().contains(name));
        ensure!(is_known, "no check has {name:?} in its name; `cargo xtask test --list` prints all names");
    }
    let is_chosen = |check: &Check| only.is_empty() || only.iter().any(|name| check.name().contains(name));
    Ok(checks.into_iter().filter(is_chosen).collect())
}

/// Prints the table and gives the exit code.
fn summarise(outcomes: &[Outcome]) -> ExitCode {
    println!("\n== summary");
    for Outcome { name, time, failure } in outcomes {
        let word = if failure.is_none() { "passed" } else { "FAILED" };
        println!("{word} {:7.1} s  {name}", time.as_secs_f32());
        if let Some(reason) = failure {
            println!("                  {reason}");
        }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    println!("checks: {} passed, {failed} failed", outcomes.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(only: &[&str]) -> Result<Vec<String>> {
        let only: Vec<_> = only.iter().map(|name| (*name).to_owned()).collect();
        let chosen = choose(checks::all(), &only)?;
        Ok(chosen.iter().map(|check| check.name().to_owned()).collect())
    }

    #[test]
    fn checks_are_chosen_by_parts_of_their_names() {
        assert_eq!(names(&[]).unwrap().len(), checks::all().len());
        let is_either = |name: &String| name.contains("documentation") || name.contains("format");
        let either: Vec<_> = names(&[]).unwrap().into_iter().filter(is_either).collect();
        assert!(either.contains(&"format".to_owned()) && either.len() < names(&[]).unwrap().len());
        assert_eq!(names(&["documentation", "format"]).unwrap(), either);
        assert!(names(&["format", "no such check"]).is_err_and(|error| error.to_string().contains("no such check")));
    }

    #[test]
    fn every_check_has_a_name_of_its_own() {
        let all = names(&[]).unwrap();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
    }
}
