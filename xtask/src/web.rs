//! `cargo xtask web`: the web page with its engine, compiled to WebAssembly.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{process, setup};

/// Build the web page into target/web
///
/// The page is the folder web/ with the engine as it is now. The compiler is set up as for firmware: by rustup or,
/// where rustup cannot download, with Debian's.
#[derive(clap::Args)]
pub struct Options {
    /// Put the engine into web/ too, where the page that is kept, and `ff export --web`, have it from
    #[arg(long)]
    keep: bool,
}

const TARGET: &str = "wasm32-unknown-unknown";

/// The script that holds the engine: a page that is opened from a folder may not load anything but scripts.
const ENGINE: &str = "engine.js";

/// Carries it out.
///
/// # Errors
/// When no compiler can be set up, the engine does not build, or a file cannot be written.
pub fn run(options: &Options) -> Result<()> {
    let page = build()?;
    if options.keep {
        fs::copy(page.join(ENGINE), source().join(ENGINE)).context("cannot replace web/engine.js")?;
    }
    println!("{} opens in any browser", page.join("index.html").display());
    Ok(())
}

/// The page's folder in the checkout.
pub fn source() -> PathBuf {
    process::root().join("web")
}

/// Builds the page; gives its folder.
///
/// # Errors
/// As [`run`].
pub fn build() -> Result<PathBuf> {
    let page = process::root().join("target/web");
    copy(&source(), &page)?;
    let module = fs::read(compile()?).context("cannot read the engine's module")?;
    let text = STANDARD.encode(module);
    let script = format!(
        "\"use strict\";\n// The engine (web/engine), compiled by `cargo xtask web`.\nconst ENGINE = \"{text}\";\n"
    );
    fs::write(page.join(ENGINE), script).context("cannot write the engine's script")?;
    Ok(page)
}

/// Copies the page's files into a folder, which is made.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = entry?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            fs::copy(&path, to.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}

/// Compiles the engine; gives its module.
fn compile() -> Result<PathBuf> {
    let root: &Path = process::root();
    let mut cargo = setup::toolchain_for(&[TARGET])?.tool("cargo");
    cargo.args("build --package ff-web --lib --profile web --target-dir target/wasm --target".split(' ')).arg(TARGET);
    process::run(cargo.current_dir(root))?;
    Ok(root.join("target/wasm").join(TARGET).join("web/ff_web.wasm"))
}
