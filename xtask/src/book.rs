//! `cargo xtask book`: the book is built, and the reader that it shows reads models.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::Result;

use crate::{process, system, web};

/// Build the book, and read models with the NumPy program that it shows
///
/// mdBook is compiled once into target/mdbook, in about a minute; Python's packages come into target/python.
/// The book is left in target/book.
#[derive(clap::Args)]
pub struct Options {}

/// The version that is installed. Any 0.5 builds the book.
const MDBOOK: &str = "0.5.4";

/// Carries it out.
///
/// # Errors
/// When something is missing that cannot be installed, a page does not build, or the reader computes other scores.
pub fn run() -> Result<ExitCode> {
    let root = process::root();
    process::run(Command::new(mdbook(root)?).args(["build", "docs"]).current_dir(root))?;
    // The book's own page shows it in a frame.
    web::copy(&web::source(), &root.join("target/book/page"))?;
    let mut reader = process::tool("cargo");
    reader.args("test --package ff-tests --test book_reader -- --ignored".split(' '));
    reader.env("FF_PYTHON", python(root)?).current_dir(root);
    process::run(&mut reader)?;
    Ok(ExitCode::SUCCESS)
}

/// mdBook as it is published, but for its server and its search: unoptimised it compiles in a third of the time.
fn mdbook(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/mdbook");
    let program = folder.join("bin/mdbook");
    let there = process::output(Command::new(&program).arg("--version"));
    if there.is_ok_and(|version| version.trim_start_matches("mdbook v") == MDBOOK) {
        return Ok(program);
    }
    let mut install = process::tool("cargo");
    install.args("install mdbook --locked --debug --no-default-features --version".split(' '));
    install.arg(MDBOOK).arg("--root").arg(folder).current_dir(root);
    process::run(&mut install)?;
    Ok(program)
}

/// A Python with NumPy, in an environment of its own.
fn python(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/python");
    let program = folder.join("bin/python");
    if process::succeeds(Command::new(&program).args(["-c", "import numpy"])) {
        return Ok(program);
    }
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv"]).arg(&folder);
    if !process::succeeds(&mut environment) {
        system::install(&["python3", "python3-venv"])?;
        process::run(&mut environment)?;
    }
    process::run(Command::new(&program).args(["-m", "pip", "install", "--quiet", "numpy"]))?;
    Ok(program)
}
