//! Running other programs: what they are called in messages, and how they fail.

use std::{
    collections::VecDeque,
    io::{self, BufRead},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use wait_timeout::ChildExt;

/// The top of the checkout.
pub fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// How the variables begin that cargo sets for a program that it runs.
const OWN: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// A tool of the compiler's, as if a person called it.
///
/// What cargo told this program of its package is taken away: some build scripts ask for it, and would
/// run again, and all that depends on them be built again, whenever another package asks.
pub fn tool(name: &str) -> Command {
    let mut command = Command::new(name);
    let told = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in told.filter(|name| OWN.iter().any(|own| name.starts_with(own))) {
        command.env_remove(name);
    }
    command
}

/// The command as a person would type it at the top of the checkout.
pub fn shell_line(command: &Command) -> String {
    let variables =
        command.get_envs().filter_map(|(name, value)| Some(format!("{}={}", name.display(), quoted(value?.to_str()?))));
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| quoted(&word.to_string_lossy()));
    let line = variables.chain(words).collect::<Vec<_>>().join(" ");
    match command.get_current_dir().and_then(|folder| folder.strip_prefix(root()).ok()) {
        Some(folder) if folder != Path::new("") => format!("(cd {} && {line})", folder.display()),
        _ => line,
    }
}

fn quoted(word: &str) -> String {
    if word.contains(|c: char| c.is_whitespace() || "\"$&;()<>|*".contains(c)) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}

/// Runs the command to its end, with its output on this terminal, and tells how it ended.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| format!("cannot start `{}`", shell_line(command)))
}

/// The same, with the last lines that the command printed to either stream. It then has no terminal.
pub fn status_and_last_lines(command: &mut Command, most: usize) -> Result<(ExitStatus, Vec<String>)> {
    let (reader, writer) = io::pipe()?;
    let mut child = command
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("cannot start `{}`", shell_line(command)))?;
    // The command holds the pipe's other end, which must close for the last line to be the last.
    command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut last = VecDeque::new();
    for line in io::BufReader::new(reader).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        last.push_back(line);
        last.drain(..last.len().saturating_sub(most));
    }
    Ok((child.wait()?, last.into()))
}

/// The same for a command that must succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("`{}` failed: {status}", shell_line(command));
    }
    Ok(())
}

/// Runs the command silently: whether it exists and succeeds.
pub fn succeeds(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// What the command prints.
pub fn output(command: &mut Command) -> Result<String> {
    let line = shell_line(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed: {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Waits for the child to end; ends it when the time is over, and then there is no status.
pub fn wait_within(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let status = child.wait_timeout(limit)?;
    if status.is_none() {
        child.kill()?;
        child.wait()?;
    }
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_of_both_streams_are_kept_in_order() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; echo three; exit 3"]);
        let (status, last) = status_and_last_lines(&mut command, 2).unwrap();
        assert_eq!((status.code(), last), (Some(3), vec!["two".to_owned(), "three".to_owned()]));
    }
}
