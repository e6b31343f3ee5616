//! `cargo xtask fuzz`: looks for inputs that break what must hold for any.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::process;

/// How the line begins that tells how often libFuzzer ran a target.
const EXECUTIONS: &str = "stat::number_of_executed_units:";

/// The longest input, in bytes: all formats are told apart within their first hundreds.
const LONGEST: usize = 4096;

/// Run each fuzz target for a time, one after the other
///
/// Installs cargo-fuzz if it is not there, and works with the stable compiler. An input that breaks a
/// target is left in fuzz/artifacts, and the output says how to run it again; what is found becomes a test.
#[derive(clap::Args)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,

    /// One target alone; may be given several times
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
}

/// Runs the targets, and prints how often each was executed.
///
/// # Errors
/// When there is no such target, or cargo-fuzz cannot be installed or started. A find is no error: it shows
/// in the table and the exit code.
pub fn run(options: &Options) -> Result<ExitCode> {
    let targets = chosen(targets()?, &options.target)?;
    install()?;
    let outcomes = targets.iter().map(|target| fuzz(target, options.seconds)).collect::<Result<Vec<_>>>()?;
    println!("\n== executions");
    for (target, Outcome { executions, passed }) in targets.iter().zip(&outcomes) {
        println!("{} {executions:>10}  {target}", if *passed { "passed" } else { "FAILED" });
    }
    println!("       {:>10}  in all", outcomes.iter().map(|outcome| outcome.executions).sum::<u64>());
    Ok(if outcomes.iter().all(|outcome| outcome.passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The names of the programs in fuzz/fuzz_targets.
fn targets() -> Result<Vec<String>> {
    let folder = process::root().join("fuzz/fuzz_targets");
    let files = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = files
        .map(|file| Ok(file?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned()))
        .collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn chosen(targets: Vec<String>, wanted: &[String]) -> Result<Vec<String>> {
    for name in wanted {
        ensure!(targets.contains(name), "there is no fuzz target {name:?}; known: {}", targets.join(", "));
    }
    Ok(if wanted.is_empty() { targets } else { wanted.to_vec() })
}

fn install() -> Result<()> {
    if process::succeeds(Command::new("cargo").args(["fuzz", "--version"])) {
        return Ok(());
    }
    process::run(process::tool("cargo").args(["install", "--locked", "cargo-fuzz"]))
}

/// What became of a target.
struct Outcome {
    executions: u64,
    passed: bool,
}

fn fuzz(target: &str, seconds: u64) -> Result<Outcome> {
    println!("\n== {target}");
    let mut fuzz = process::tool("cargo");
    fuzz.args(["fuzz", "run", target, "--", "-verbosity=0", "-print_final_stats=1", "-timeout=10"]);
    fuzz.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={LONGEST}"));
    // Sanitizers and coverage are not stable yet, and are all that is asked of the compiler beyond that.
    fuzz.env("RUSTC_BOOTSTRAP", "1").current_dir(process::root());
    let line = process::shell_line(&fuzz);
    println!("$ {line}");
    let mut child = fuzz.stderr(Stdio::piped()).spawn().with_context(|| format!("cannot start `{line}`"))?;
    let mut executions = 0;
    for line in BufReader::new(child.stderr.take().context("a fuzzer without an output")?).lines() {
        let line = line?;
        eprintln!("{line}");
        executions = executed(&line).unwrap_or(executions);
    }
    Ok(Outcome { executions, passed: child.wait()?.success() })
}

fn executed(line: &str) -> Option<u64> {
    line.strip_prefix(EXECUTIONS)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_chosen_by_their_names() {
        let all = targets().unwrap();
        assert_eq!(chosen(all.clone(), &[]).unwrap(), all);
        assert_eq!(chosen(all.clone(), &["store".to_owned()]).unwrap(), ["store"]);
        assert!(chosen(all, &["tore".to_owned()]).is_err_and(|error| error.to_string().contains("known: idx, ")));
    }

    #[test]
    fn executions_are_read_from_the_last_statistics() {
        assert_eq!(executed("stat::number_of_executed_units: 28349"), Some(28_349));
        assert_eq!(executed("stat::average_exec_per_sec:     0"), None);
    }
}
