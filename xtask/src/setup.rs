//! `cargo xtask setup`: makes the machine able to build and run the firmware.

use std::{sync::OnceLock, time::Instant};

use anyhow::{Error, Result};

use crate::{qemu, toolchain::Toolchain};

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
pub fn run() -> Result<Toolchain> {
    let start = Instant::now();
    let toolchain = ensure()?;
    println!("compiler: {}", toolchain.version()?);
    println!("emulator: {}", qemu::version()?);
    println!("ready after {:.1} s", start.elapsed().as_secs_f32());
    Ok(toolchain)
}

/// Sets the machine up for the first who asks; the others are told what came of it.
///
/// # Errors
/// As [`run`].
pub fn once() -> Result<Toolchain> {
    static OUTCOME: OnceLock<Result<Toolchain, String>> = OnceLock::new();
    OUTCOME.get_or_init(|| run().map_err(|error| format!("{error:#}"))).clone().map_err(Error::msg)
}

/// Sets the machine up, silently if there is nothing to do.
pub fn ensure() -> Result<Toolchain> {
    let toolchain = Toolchain::find().map_or_else(Toolchain::install, Ok)?;
    qemu::install()?;
    Ok(toolchain)
}
