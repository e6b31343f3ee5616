//! `ff export`: a trained network for firmware, or as a web page.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{ArgGroup, Args};

use crate::files::{self, Busy, Folder};
use crate::firmware;
use crate::output::say;
use crate::run::{self, Metrics, Model};
use crate::web;

/// Export a trained model.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("form").args(["firmware", "c", "web"]).required(true))]
pub struct ExportArgs {
    /// A run folder, or a model file
    run: PathBuf,
    /// As a snapshot and a Rust module that bakes it into flash
    #[arg(long)]
    firmware: bool,
    /// As a header for C, to be linked with the library of bindings/c
    #[arg(long)]
    c: bool,
    /// As a web page that works from a folder
    #[arg(long)]
    web: bool,
    /// The folder for the files [default: for a page, web in the run's folder]
    #[arg(long, value_name = "DIR", required_unless_present = "web")]
    out: Option<PathBuf>,
    /// The module's name, and the files'
    #[arg(long, value_name = "NAME", default_value = "model", conflicts_with = "web", value_parser = module)]
    name: String,
    /// Replace files that are there already
    #[arg(long)]
    force: bool,
}

const EXAMPLES: &str = "\
With --firmware: writes NAME.ffsn (the weights) and NAME.rs (shapes, a static in flash, how to turn pixels into features
and features into scores). Put both into the firmware's src/ and write `mod NAME;`. The network is
used where it lies in flash, or copied into RAM to go on learning by the same rule (but `unsupervised`, by which a
device only classifies).

With --c: writes NAME.h alone, the weights and what begins a network in C with them.

With --web: writes a page that is opened in a browser, without a server or a network. Samples are drawn (pictures) or
set by sliders (tables of up to 64 features); the page shows each class's score and which parts spoke for it, and goes
on learning.

Examples:
  ff train --dataset digits8x8 --recipe n-way --layers 32,32 --out runs/small
  ff export runs/small --firmware --out firmware/src
  ff export runs/small --firmware --out firmware/src --name digits --force
  ff export runs/small --c --out firmware/include --name digits
  ff export --web runs/small";

/// A module's name from the command line.
fn module(text: &str) -> Result<String, String> {
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
    let plain = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if starts && plain && text.len() <= 64 && !KEYWORDS.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err("a Rust module's name is needed: small letters, digits and `_`, a letter first, no keyword".to_owned())
    }
}

/// Small letters that are no name in Rust.
const KEYWORDS: [&str; 50] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while",
];

/// Carries the command out.
///
/// # Errors
/// An unusable model, one that a device cannot run, or files that exist or cannot be written.
pub fn run(args: &ExportArgs) -> anyhow::Result<()> {
    let model = Model::load(&args.run)?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None if args.run.is_dir() => args.run.join("web"),
        None => bail!("{} is a file; name a folder for the page with --out", args.run.display()),
    };
    match args {
        ExportArgs { web: true, .. } => page(args, &model, &out),
        ExportArgs { c: true, .. } => header(args, &model, &out),
        _ => firmware(args, &model, &out),
    }
}

/// As a snapshot and a module.
fn firmware(args: &ExportArgs, model: &Model, out: &Path) -> anyhow::Result<()> {
    let metrics = metrics(&args.run)?.filter(|metrics| metrics.is_of(&model.about));
    let shown = args.run.display();
    let command = format!("ff export {shown} --firmware").replace(['\n', '\r'], " ");
    let files = firmware::export(model, metrics.as_ref(), model.about.maximum(), &args.name, &command)
        .with_context(|| format!("{shown} cannot become firmware"))?;
    let [blob, source] = ["ffsn", "rs"].map(|kind| format!("{}.{kind}", args.name));
    let folder = write(args, out, &[(&blob, &files.snapshot), (&source, files.source.as_bytes())])?;
    let flash = 4 * model.network.parameters();
    let learns = !model.about.recipe.rule.learns_without_labels();
    let ram = if learns { ", and of RAM if it goes on learning" } else { "" };
    say!("{}: {flash} bytes of flash{ram}", folder.path().join(&source).display());
    Ok(())
}

/// As a header for C.
fn header(args: &ExportArgs, model: &Model, out: &Path) -> anyhow::Result<()> {
    let shown = args.run.display();
    let command = format!("ff export {shown} --c").replace(['\n', '\r'], " ");
    let header = firmware::export_c(model, model.about.maximum(), &args.name, &command)
        .with_context(|| format!("{shown} cannot become a header"))?;
    let name = format!("{}.h", args.name);
    let folder = write(args, out, &[(&name, header.as_bytes())])?;
    let flash = 4 * model.network.parameters();
    say!("{}: {flash} bytes of flash, and of RAM", folder.path().join(&name).display());
    Ok(())
}

/// As a page.
fn page(args: &ExportArgs, model: &Model, out: &Path) -> anyhow::Result<()> {
    let files = web::export(model).with_context(|| format!("{} cannot become a page", args.run.display()))?;
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let folder = write(args, out, &files)?;
    say!("open {} in a browser", folder.path().join(web::START).display());
    Ok(())
}

/// Writes the files, none where one of them is there already.
fn write(args: &ExportArgs, out: &Path, files: &[(&str, &[u8])]) -> anyhow::Result<Folder> {
    let folder = Folder::open(out, Busy::Wait)?;
    for (name, _) in files {
        let path = out.join(name);
        ensure!(args.force || !path.exists(), "{} exists; replace it with --force", path.display());
    }
    for (name, bytes) in files {
        folder.write(name, bytes)?;
    }
    Ok(folder)
}

/// The run's metrics; none beside a model file.
fn metrics(run: &Path) -> anyhow::Result<Option<Metrics>> {
    let path = run.join(run::METRICS);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = files::bytes(&path, files::METRICS).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).map(Some).with_context(|| format!("{} is damaged", path.display()))
}
