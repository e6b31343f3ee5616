//! Which end of a program is a fault: a signal, a panic, no end at all, or an error that says nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use wait_timeout::ChildExt;

/// The codes of the programs' help: done, an error, a wrong command line, diverged, stopped.
const CODES: [i32; 6] = [0, 1, 2, 3, 4, 130];

/// How long a command of these sizes may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// What temporary files begin with.
const TEMPORARY: &str = ".tmp-ff-";

/// Runs a command to its end and judges that.
pub fn ended(command: &mut Command, line: &str) -> Result<Output> {
    let child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    judged(child, line)
}

/// Waits for a process and judges its end.
pub fn judged(mut child: Child, line: &str) -> Result<Output> {
    let in_time = child.wait_timeout(PATIENCE)?.is_some();
    if !in_time {
        child.kill()?;
    }
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(in_time, "`{line}` has no end: {said}");
    let code = output.status.code();
    ensure!(code.is_some_and(|code| CODES.contains(&code)), "`{line}` ended by {}: {said}", output.status);
    ensure!(!said.contains("panicked"), "`{line}` panicked: {said}");
    ensure!(code != Some(1) || said.contains("error: "), "`{line}` failed without a word: {said}");
    for text in [&output.stdout, &output.stderr] {
        let harmful = String::from_utf8_lossy(text).chars().any(|c| c.is_control() && !"\n\t\r".contains(c));
        ensure!(!harmful, "`{line}` speaks to the terminal: {said:?}");
    }
    Ok(output)
}

/// The temporary files below a folder.
pub fn left_behind(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .flat_map(|path| if is_folder(&path) { left_behind(&path) } else { vec![path] })
        .filter(|path| is_temporary(path))
        .collect()
}

/// That no temporary file is below a folder.
pub fn nothing_is_left(folder: &Path) -> Result<()> {
    match left_behind(folder).first() {
        Some(left) => bail!("{} is left behind", left.display()),
        None => Ok(()),
    }
}

fn is_folder(path: &Path) -> bool {
    path.is_dir() && !path.is_symlink()
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes()))
}
