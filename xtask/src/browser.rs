//! `cargo xtask browser`: a small report of `ff explain`, and the web page, used in a real browser.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::Result;

use crate::{process, system, web};

/// Train a small network, explain it, and use the report and the web page in a headless Chromium
///
/// Chromium, Node and npm are installed by apt where that may be; npm fetches the pinned driver.
/// Screenshots, light, dark and as on a phone, are left in target/browser.
#[derive(clap::Args)]
pub struct Options {}

/// Carries it out.
///
/// # Errors
/// When something is missing that cannot be installed, or the report or the page is not as it should be.
pub fn run() -> Result<ExitCode> {
    let root = process::root();
    let tests = root.join("tests/browser");
    // Only what is missing: a Node from elsewhere brings its own npm, and conflicts with Debian's.
    let missing = |program: &str| !process::succeeds(Command::new(program).arg("--version"));
    let wanted = [("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm")].into_iter();
    let packages: Vec<_> = wanted.filter(|(program, _)| missing(program)).map(|(_, package)| package).collect();
    if !packages.is_empty() {
        system::install(&packages)?;
    }
    process::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&tests))?;
    let programs = build(root)?;
    let run = |name: &str, words: &str, run: &Path| {
        process::run(Command::new(programs.join(name)).args(words.split_whitespace()).arg(run).current_dir(root))
    };
    let out = root.join("target/browser");
    run("ff", "train --dataset digits8x8 --layers 64,64 --epochs 8 --validation 100 --seed 1 --force --out", &out)?;
    run("ff-lab", "evaluate-saliency --images 20 --targets mean --zero-only", &out)?;
    run("ff", "explain --count 12", &out)?;
    let mut node = Command::new("node");
    node.arg("report.mjs").arg(out.join("explain/report.html")).arg(out.join("screenshots")).current_dir(&tests);
    process::run(&mut node)?;
    run("ff", "export --web --force --out target/browser/page", &out)?;
    use_page(&tests, &out)?;
    Ok(ExitCode::SUCCESS)
}

/// The page as it is built now, with the run's model; then the one that `ff` wrote, with the engine that is kept.
fn use_page(tests: &Path, run: &Path) -> Result<()> {
    let mut node = Command::new("node");
    node.arg("web.mjs")
        .arg(web::build()?)
        .arg(run.join("page"))
        .arg(run.join("model.safetensors"))
        .arg(run.join("web"));
    process::run(node.current_dir(tests))
}

/// Builds `ff` and `ff-lab` with the features of the workspace's tests, as these build them: with others, half
/// of their dependencies would be built anew. Gives their folder.
fn build(root: &Path) -> Result<PathBuf> {
    let words = "build --quiet --workspace --bin ff --bin ff-lab --test cli_help --target-dir target";
    process::run(process::tool("cargo").args(words.split_whitespace()).current_dir(root))?;
    Ok(root.join("target/debug"))
}
