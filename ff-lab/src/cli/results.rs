//! `ff-lab results`: keeps what runs found, and writes the tables of README and book from it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};

use crate::results::{self, Entry, Kept, saliency};
use ff_host::files::{self, Busy, Folder};
use ff_host::output::say;
use ff_host::run;

/// Keep results.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ResultsArgs {
    #[command(subcommand)]
    action: Action,
    /// The folder of the kept results
    #[arg(long, value_name = "DIR", default_value = "results", global = true)]
    results: PathBuf,
    /// Where the tables stand: Markdown files, and folders of them
    #[arg(long, value_name = "PATH,..", value_delimiter = ',', default_values = ["README.md", "docs/src"], global = true)]
    pages: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  ff-lab results add runs/first        keep what a finished run found
  ff-lab results add saliency.json     keep what `ff-lab evaluate-saliency --out` found
  ff-lab results write                 make all tables anew
  ff-lab results check                 fail where they are not what is kept";

#[derive(Subcommand, Clone, Debug)]
enum Action {
    /// Keep the results of finished runs, and evaluations of explanations
    #[command(after_help = "Example:\n  ff-lab results add runs/first runs/second saliency.json")]
    Add {
        /// Run folders, and files of `ff-lab evaluate-saliency --out`
        #[arg(required = true)]
        runs: Vec<PathBuf>,
    },
    /// Write the tables anew
    #[command(after_help = "Example:\n  ff-lab results write")]
    Write,
    /// Fail if the tables are not what the kept results say
    #[command(after_help = "Example:\n  ff-lab results check")]
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
            for Page { file, made, .. } in pages(args)? {
                // Through a link, to the file that it names.
                files::write(&fs::canonicalize(&file).unwrap_or_else(|_| file.clone()), made.as_bytes())?;
                say!("wrote the tables of {}", file.display());
            }
            Ok(())
        }
        Action::Check => {
            let folder = args.results.display();
            for Page { file, text, made } in pages(args)? {
                let file = file.display();
                ensure!(text == made, "the tables of {file} are not what {folder} says; run `ff-lab results write`");
                say!("the tables of {file} are what {folder} says");
            }
            Ok(())
        }
    }
}

fn add(folder: &Path, run: &Path) -> anyhow::Result<()> {
    let file = if run.is_dir() { run.join(run::METRICS) } else { run.to_owned() };
    match saliency::load(&file)? {
        Some(evaluation) => {
            let name = saliency::file_name(&evaluation)?;
            let place = folder.join(saliency::FOLDER);
            files::refuse_link(&place)?;
            let text = serde_json::to_string_pretty(&saliency::kept(evaluation))?;
            keep(&Folder::open(&place, Busy::Wait)?, &name, &text)
        }
        None => {
            let entry = results::load(&file)?;
            let name = entry.file_name()?;
            // Held while a free name is looked for: two at once would find the same.
            let folder = Folder::open(folder, Busy::Wait)?;
            keep(&folder, &free(folder.path(), name, &entry)?, &serde_json::to_string_pretty(&entry)?)
        }
    }
}

fn keep(folder: &Folder, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.path().join(name);
    let done = if path.exists() { "replaced" } else { "kept" };
    folder.write(name, format!("{text}\n").as_bytes())?;
    say!("{done} {}", path.display());
    Ok(())
}

/// The name, or the first with a number where the result of another command has it.
fn free(folder: &Path, name: String, entry: &Entry) -> anyhow::Result<String> {
    let stem = name.trim_end_matches(".json").to_owned();
    let (mut free, mut n) = (name, 2);
    while folder.join(&free).exists()
        && results::load(&folder.join(&free))?.provenance.command != entry.provenance.command
    {
        free = format!("{stem}-{n}.json");
        n += 1;
    }
    Ok(free)
}

/// A page with tables.
struct Page {
    file: PathBuf,
    /// As it is.
    text: String,
    /// As it should be.
    made: String,
}

/// Every page with a table; at least one.
fn pages(args: &ResultsArgs) -> anyhow::Result<Vec<Page>> {
    let kept = kept(&args.results)?;
    let mut pages = Vec::new();
    for file in markdown(&args.pages)? {
        let text = files::text(&file, files::TEXT).with_context(|| format!("cannot read {}", file.display()))?;
        if results::has_tables(&text) {
            let made = results::filled(&text, &kept).with_context(|| format!("in {}", file.display()))?;
            pages.push(Page { file, text, made });
        }
    }
    let searched: Vec<_> = args.pages.iter().map(|path| path.display().to_string()).collect();
    ensure!(!pages.is_empty(), "no page of {} has a line `<!-- results: TABLE -->`", searched.join(", "));
    Ok(pages)
}

/// The Markdown files that these paths name or hold, in order; what does not exist is left out.
fn markdown(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let listing = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
            let mut inside = listing.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
            inside.retain(|path| path.is_dir() || path.extension().is_some_and(|end| end == "md"));
            inside.sort();
            files.append(&mut markdown(&inside)?);
        } else if path.exists() {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn kept(folder: &Path) -> anyhow::Result<Kept> {
    let mut kept = Kept::default();
    for (name, path) in files(folder)? {
        kept.entries.push((name, results::load(&path)?));
    }
    let saliency = folder.join(saliency::FOLDER);
    for (name, path) in if saliency.is_dir() { files(&saliency)? } else { Vec::new() } {
        let evaluation = saliency::load(&path)?;
        let evaluation = evaluation.with_context(|| format!("{} is no evaluation of maps", path.display()))?;
        kept.evaluations.push((name, evaluation));
    }
    Ok(kept)
}

/// Every JSON file with its name, in the order of the names.
fn files(folder: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let listing = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let paths = listing.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let json = paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "json"));
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files: Vec<_> = json.map(|path| (name(&path), path)).collect();
    files.sort();
    Ok(files)
}
