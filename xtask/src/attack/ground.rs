//! What an attack begins with: the programs, and a small run that is copied for each round.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::judge;
use crate::process;

/// The programs and a folder to attack in.
pub struct Ground {
    programs: PathBuf,
    /// Where commands run; it holds `run`, a trained network.
    pub folder: PathBuf,
    /// The run that rounds are given a copy of.
    run: PathBuf,
    _kept: Option<TempDir>,
}

impl Ground {
    /// Builds the programs, with the features of the workspace's tests, and trains the run.
    pub fn new() -> Result<Self> {
        let words = "build --quiet --workspace --bin ff --bin ff-lab --test cli_help";
        process::run(process::tool("cargo").args(words.split_whitespace()).current_dir(process::root()))?;
        let folder = tempfile::Builder::new().prefix("ff-attack-").tempdir()?;
        let path = folder.path().to_owned();
        let programs = process::root().join("target/debug");
        let ground = Self { programs, folder: path.clone(), run: path.join("run"), _kept: Some(folder) };
        let train = "train --dataset digits8x8 --layers 24,16 --epochs 2 --threads 1 --out run";
        let output = judge::ended(&mut ground.ff(train), train)?;
        anyhow::ensure!(output.status.success(), "the first run failed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(ground)
    }

    /// The same with a folder of its own for one round.
    pub fn round(&self) -> Result<(Self, TempDir)> {
        let folder = tempfile::Builder::new().prefix("ff-attack-round-").tempdir()?;
        let path = folder.path().to_owned();
        copy(&self.run, &path.join("run"))?;
        Ok((Self { programs: self.programs.clone(), folder: path, run: self.run.clone(), _kept: None }, folder))
    }

    /// `ff` with these words, apart by blanks.
    pub fn ff(&self, words: &str) -> Command {
        self.program("ff", words)
    }

    /// A line as a user types it: `ff ...` or `ff-lab ...`.
    pub fn line(&self, line: &str) -> Command {
        let (program, words) = line.split_once(' ').unwrap_or((line, ""));
        self.program(program, words)
    }

    /// The same after a line of a shell, such as a limit.
    pub fn after(&self, line: &str, words: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!(r#"{line}; exec "$0" "$@""#)]).arg(self.programs.join("ff"));
        self.at_home(&mut shell, words);
        shell
    }

    fn program(&self, name: &str, words: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        self.at_home(&mut command, words);
        command
    }

    /// Where it finds no data of the user's, and its cache is the round's.
    fn at_home(&self, command: &mut Command, words: &str) {
        command.args(words.split_whitespace()).current_dir(&self.folder);
        command.env_remove("FF_DATA_DIR").env_remove("FF_MIRROR");
        command.env("HOME", &self.folder).env("XDG_CACHE_HOME", self.folder.join("cache"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }
}

/// Copies the files of a folder.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = entry?.path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}
