//! `cargo xtask setup`: makes the machine able to build and run the firmware.

use std::{
    process::Command,
    sync::OnceLock,
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, bail};

use crate::{board::TARGETS, debian, emulator::Emulator, process, toolchain::Toolchain};

/// Downloading a few small libraries takes seconds; a network that swallows packets takes forever.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(180);

/// Make this machine able to build and run the firmware
///
/// Only the firmware needs anything beyond the default Rust tool chain: libraries for the
/// bare-metal processors, and QEMU. Whatever is there already is left alone, so running this
/// again takes no time.
///
/// The libraries come from `rustup target add`, or, where rustup cannot download, with Debian's
/// own compiler. Packages are installed by apt if this runs as root or with CI=true (through
/// sudo); otherwise it stops with the command to run.
#[derive(clap::Args)]
pub struct Options {}

/// Sets the machine up and says what it found.
///
/// # Errors
/// When something is missing that cannot be installed; the message says what to do.
pub fn run() -> Result<()> {
    let start = Instant::now();
    println!("compiler: {}", toolchain()?.version()?);
    for emulator in Emulator::ALL {
        emulator.install()?;
        println!("emulator: {}", emulator.version()?);
    }
    println!("ready after {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// The tool chain, for the first who asks; the others are told what came of it.
///
/// # Errors
/// As [`toolchain`].
pub fn once() -> Result<Toolchain> {
    static OUTCOME: OnceLock<Result<Toolchain, String>> = OnceLock::new();
    OUTCOME.get_or_init(|| toolchain().map_err(|error| format!("{error:#}"))).clone().map_err(Error::msg)
}

/// A tool chain for firmware; see [`toolchain_for`].
///
/// # Errors
/// As there.
pub fn toolchain() -> Result<Toolchain> {
    toolchain_for(&TARGETS)
}

/// A tool chain that builds for all these targets; it is installed where there is none.
///
/// # Errors
/// When neither rustup nor Debian has one; the message says what to do.
pub fn toolchain_for(targets: &[&str]) -> Result<Toolchain> {
    Toolchain::find(targets).map_or_else(|| install(targets), Ok)
}

/// Gets a tool chain that builds for these targets from rustup or, failing that, from Debian.
fn install(targets: &[&str]) -> Result<Toolchain> {
    if !process::succeeds(Command::new("rustup").arg("--version")) {
        bail!("this compiler cannot build for {}; install rustup (https://rustup.rs)", targets.join(", "));
    }
    if let Err(error) = add(targets) {
        eprintln!("rustup cannot add {} ({error:#}): taking Debian's compiler", targets.join(", "));
        debian::install(targets).context("cannot set up Debian's compiler")?;
    }
    Toolchain::find(targets).context("the tool chain is set up, but does not build for all targets")
}

fn add(targets: &[&str]) -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add"]).args(targets);
    let mut child = rustup.spawn().context("cannot start rustup")?;
    match process::wait_within(&mut child, DOWNLOAD_LIMIT)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("{status}"),
        None => bail!("no answer within {} s", DOWNLOAD_LIMIT.as_secs()),
    }
}
