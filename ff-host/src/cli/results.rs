//! `ff results`: keeps what runs found, and writes the README's tables from it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};

use crate::output::say;
use crate::results::{self, Entry};
use crate::run;

/// Keep results.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ResultsArgs {
    #[command(subcommand)]
    action: Action,
    /// The folder of the kept results
    #[arg(long, value_name = "DIR", default_value = "results", global = true)]
    results: PathBuf,
    /// The text with the tables
    #[arg(long, value_name = "FILE", default_value = "README.md", global = true)]
    readme: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  ff results add runs/first        keep what a finished run found
  ff results write                 make the README's tables anew
  ff results check                 fail where they are not what is kept";

#[derive(Subcommand, Clone, Debug)]
enum Action {
    /// Keep the results of finished runs
    #[command(after_help = "Example:\n  ff results add runs/first runs/second")]
    Add {
        /// Run folders
        #[arg(required = true)]
        runs: Vec<PathBuf>,
    },
    /// Write the tables anew
    #[command(after_help = "Example:\n  ff results write")]
    Write,
    /// Fail if the tables are not what the kept results say
    #[command(after_help = "Example:\n  ff results check")]
    Check,
}

/// Carries the command out.
///
/// # Errors
/// Files that cannot be read or written, and tables that are out of date.
pub fn run(args: &ResultsArgs) -> anyhow::Result<()> {
    match &args.action {
        Action::Add { runs } => runs.iter().try_for_each(|run| add(&args.results, run)),
        Action::Write => {
            let (_, made) = texts(args)?;
            run::write(&args.readme, made.as_bytes())?;
            say!("wrote the tables of {}", args.readme.display());
            Ok(())
        }
        Action::Check => {
            let (text, made) = texts(args)?;
            let (file, folder) = (args.readme.display(), args.results.display());
            ensure!(text == made, "the tables of {file} are not what {folder} says; run `ff results write`");
            say!("the tables of {file} are what {folder} says");
            Ok(())
        }
    }
}

fn add(folder: &Path, run: &Path) -> anyhow::Result<()> {
    let metrics = if run.is_dir() { run.join(run::METRICS) } else { run.to_owned() };
    let entry = results::load(&metrics)?;
    let path = folder.join(entry.file_name());
    let mut bytes = serde_json::to_vec_pretty(&entry)?;
    bytes.push(b'\n');
    run::write(&path, &bytes)?;
    say!("kept {}", path.display());
    Ok(())
}

/// The README as it is and as it should be.
fn texts(args: &ResultsArgs) -> anyhow::Result<(String, String)> {
    let text = fs::read_to_string(&args.readme).with_context(|| format!("cannot read {}", args.readme.display()))?;
    let made = results::filled(&text, &entries(&args.results)?)?;
    Ok((text, made))
}

/// Every kept result with its file's name, in the order of the names.
fn entries(folder: &Path) -> anyhow::Result<Vec<(String, Entry)>> {
    let listing = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = listing.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let mut entries = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        entries.push((name, results::load(path)?));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(entries)
}
