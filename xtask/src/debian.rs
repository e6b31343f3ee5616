//! Debian's compiler, for machines whose rustup cannot download.
//!
//! Debian ships the compiler and the source of its library, but no library built for bare metal or for the web.
//! So `core` is built once for each target and put beside the compiler's own libraries, together
//! with a link to the linker of the default tool chain. Then the compiler is as complete as one
//! that rustup would have downloaded.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    process, system,
    toolchain::{DEBIAN, Toolchain},
};

const PREFIX: &str = "/usr";
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/// Sets up Debian's compiler for these targets.
///
/// # Errors
/// When a step fails or must be left to the user; the message says how to go on.
pub fn install(targets: &[&str]) -> Result<()> {
    if !has_packages() {
        system::install(&PACKAGES)?;
    }
    process::run(Command::new("rustup").args(["toolchain", "link", DEBIAN, PREFIX]))?;
    let build = build_core(targets)?;
    let mut changes = link_linker()?;
    for target in targets {
        changes.push(install_libraries(&build, target)?);
    }
    system::change(changes)
}

fn has_packages() -> bool {
    process::succeeds(Command::new("dpkg").arg("--status").args(PACKAGES))
}

/// Builds `core` with bitcode, so that link-time optimisation reaches into it.
fn build_core(targets: &[&str]) -> Result<PathBuf> {
    let folder = process::root().join("target/core-for-bare-metal");
    let source = folder.join("src");
    fs::create_dir_all(&source).with_context(|| format!("cannot create {}", source.display()))?;
    fs::write(folder.join("Cargo.toml"), "[package]\nname = \"empty\"\nedition = \"2024\"\n[workspace]\n")?;
    fs::write(source.join("lib.rs"), "#![no_std]\n")?;

    let build = folder.join("target");
    let mut cargo = Toolchain::Debian.tool("cargo");
    cargo.args(["build", "--release", "-Zbuild-std=core", "--target-dir"]).arg(&build);
    cargo.args(targets.iter().flat_map(|target| ["--target", target]));
    // The stable compiler builds its own library only when told that it is doing just that.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes").current_dir(&folder);
    process::run(&mut cargo)?;
    Ok(build)
}

/// The linker for bare metal comes with the default tool chain, and serves this one as well.
fn link_linker() -> Result<Vec<Command>> {
    let linker = Toolchain::Debian.linker()?;
    let mut folder = Command::new("mkdir");
    folder.arg("-p").arg(linker.parent().unwrap_or(&linker));
    let mut link = Command::new("ln");
    link.args(["-s", "-f", "-n"]).arg(Toolchain::Default.linker()?).arg(linker);
    Ok(vec![folder, link])
}

fn install_libraries(build: &Path, target: &str) -> Result<Command> {
    let libraries = build.join(target).join("release/deps");
    let mut command = Command::new("install");
    command.args(["-D", "-m", "644", "-t"]).arg(format!("{PREFIX}/lib/rustlib/{target}/lib"));
    for entry in fs::read_dir(&libraries).with_context(|| format!("cannot read {}", libraries.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libempty") {
            command.arg(&path);
        }
    }
    Ok(command)
}
