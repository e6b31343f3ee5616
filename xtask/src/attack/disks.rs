//! Full disks and limits: what was there stays, and the program says what it could not write.

use std::{fs, path::Path, process::Command};

use anyhow::{Result, ensure};
use fastrand::Rng;

use super::{ground, ground::Ground, hostile::pick, judge};

/// Commands that write.
const LINES: [&str; 5] = [
    "train --dataset digits8x8 --layers 24,16 --epochs 2 --threads 1 --force --out run",
    "explain run --count 4 --npy --threads 1 --out told",
    "export run --firmware --force --out src",
    "sweep --dataset digits8x8 --set layers=8 --set epochs=1 --threads 1 --out sw",
    "train --dataset digits8x8 --layers 64,64 --epochs 2 --threads 1 --out new",
];

/// A small disk where one can be mounted, or else a limit on the size of files or on memory.
pub fn round(ground: &Ground, rng: &mut Rng) -> Result<()> {
    let words = pick(rng, &LINES);
    match rng.u32(0..3) {
        0 => on_a_small_disk(ground, words, rng),
        1 => limited(ground, &format!("ulimit -f {}", rng.u32(0..64)), words),
        _ => limited(ground, &format!("ulimit -v {}", rng.u32(60_000..900_000)), words),
    }
}

fn limited(ground: &Ground, limit: &str, words: &str) -> Result<()> {
    // Some limits leave too little to start a program at all; that is not the program's fault.
    let starts = ground.after(limit, "--version").output()?.status.success();
    if starts {
        judge::ended(&mut ground.after(limit, words), &format!("{limit}; ff {words}"))?;
    }
    whole(ground)
}

fn on_a_small_disk(ground: &Ground, words: &str, rng: &mut Rng) -> Result<()> {
    let disk = ground.folder.join("disk");
    fs::create_dir(&disk)?;
    let Some(_mounted) = Mounted::new(&disk, rng.u32(4..200)) else {
        return limited(ground, &format!("ulimit -f {}", rng.u32(0..64)), words);
    };
    // Where not even the run has room there is nothing to attack.
    if ground::copy(&ground.folder.join("run"), &disk.join("run")).is_err() {
        return Ok(());
    }
    let mut command = ground.ff(words);
    judge::ended(command.current_dir(&disk), &format!("ff {words}, on a small disk"))?;
    let mut eval = ground.ff("eval run --threads 1");
    let output = judge::ended(eval.current_dir(&disk), "ff eval run")?;
    ensure!(output.status.success(), "`ff {words}` on a small disk spoilt the run that was there");
    judge::nothing_is_left(&disk)
}

/// That the run can still be used, and nothing unfinished lies about.
fn whole(ground: &Ground) -> Result<()> {
    let eval = judge::ended(&mut ground.ff("eval run --threads 1"), "ff eval run")?;
    ensure!(eval.status.success(), "the run that was there is spoilt");
    judge::nothing_is_left(&ground.folder)
}

/// A disk in memory, taken down in the end.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    /// None where this user may not mount.
    fn new(folder: &'a Path, kibibytes: u32) -> Option<Self> {
        let size = format!("size={kibibytes}k");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder);
        crate::process::succeeds(&mut mount).then_some(Self(folder))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        crate::process::succeeds(Command::new("umount").arg("-l").arg(self.0));
    }
}
