//! Changes to the system, which need root: made at once as root, with `sudo` where `CI=true` says
//! that the machine is there for that, and otherwise left to the user.

use std::{env, process::Command};

use anyhow::{Result, bail};

use crate::process;

/// A server that is busy for a moment does not fail the checks.
const RETRIES: [&str; 2] = ["-o", "Acquire::Retries=3"];

/// Installs Debian packages.
///
/// # Errors
/// When there is no apt here, when it fails, or when the user must do it; the message says how.
pub fn install(packages: &[&str]) -> Result<()> {
    if !process::succeeds(Command::new("apt-get").arg("--version")) {
        bail!("install what Debian calls {} with this system's package manager", packages.join(", "));
    }
    // A fresh machine has no list of packages, and an old list names files that are gone.
    let mut update = Command::new("apt-get");
    update.args(["update", "--quiet"]).args(RETRIES);
    let mut install = Command::new("env");
    install.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--quiet"]).args(RETRIES);
    install.arg("--no-install-recommends").args(packages);
    change(vec![update, install])
}

/// Runs commands that change the system.
///
/// # Errors
/// When one fails, or when the user must run them; the message holds them all.
pub fn change(commands: Vec<Command>) -> Result<()> {
    if is_root() {
        commands.into_iter().try_for_each(|mut command| process::run(&mut command))
    } else if env::var("CI").is_ok_and(|value| value == "true") {
        commands.iter().map(with_sudo).try_for_each(|mut command| process::run(&mut command))
    } else {
        let lines: Vec<_> = commands.iter().map(with_sudo).map(|command| process::shell_line(&command)).collect();
        bail!("this needs root; run\n\n    {}\n\nand then this command again", lines.join(" && "))
    }
}

fn with_sudo(command: &Command) -> Command {
    let mut sudo = Command::new("sudo");
    sudo.arg(command.get_program()).args(command.get_args());
    sudo
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}
