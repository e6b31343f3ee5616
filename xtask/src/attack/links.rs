//! Links, pipes, devices and files without an end, where a file is expected.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use anyhow::{Result, ensure};
use fastrand::Rng;

use super::{ground::Ground, hostile::pick, judge};

/// Names that commands read or write, and the commands.
const PLACES: [(&str, &str); 12] = [
    ("run/model.safetensors", "ff eval run --threads 1"),
    ("run/metrics.json", "ff-lab results --results kept add run"),
    ("run/recipe.toml", "ff-lab results --results kept add run"),
    ("run/evaluation.json", "ff explain run --count 1 --threads 1"),
    ("run/explain", "ff explain run --count 1 --threads 1"),
    ("own.toml", "ff train --dataset digits8x8 --recipe own.toml --epochs 1 --out out --threads 1"),
    ("out/model.safetensors", "ff train --dataset digits8x8 --layers 8 --epochs 1 --force --out out --threads 1"),
    ("sw/.lock", "ff sweep --dataset digits8x8 --set layers=8 --set epochs=1 --out sw --threads 1"),
    ("sw/table.md", "ff sweep --dataset digits8x8 --set layers=8 --set epochs=1 --out sw --threads 1"),
    ("src/model.rs", "ff export run --firmware --force --out src"),
    ("kept/saliency", "ff-lab results --results kept add run"),
    ("out/.tmp-ff-1-x", "ff train --dataset digits8x8 --layers 8 --epochs 1 --force --out out --threads 1"),
];

/// Something else lies where a file is expected; whatever it leads to stays as it was.
pub fn round(ground: &Ground, rng: &mut Rng) -> Result<()> {
    let (name, line) = PLACES[rng.usize(0..PLACES.len())];
    let path = ground.folder.join(name);
    let [victim, other] = ["victim", "other"].map(|name| ground.folder.join(name));
    fs::write(&victim, "dear")?;
    fs::create_dir(&other)?;
    fs::create_dir_all(path.parent().unwrap_or(&path))?;
    let _ = fs::remove_file(&path);
    lay(&path, &victim, &other, rng)?;
    judge::ended(&mut ground.line(line), line)?;
    ensure!(fs::read_to_string(&victim)? == "dear", "`{line}` wrote through {name}");
    ensure!(fs::read_dir(&other)?.next().is_none(), "`{line}` wrote through {name} into another folder");
    Ok(())
}

#[cfg(unix)]
fn lay(path: &Path, victim: &Path, other: &Path, rng: &mut Rng) -> Result<()> {
    let target = pick(rng, &[victim, other, Path::new("/dev/zero"), Path::new("nowhere"), path]);
    match rng.u32(0..4) {
        0 => ensure!(Command::new("mkfifo").arg(path).status()?.success(), "no pipe can be made"),
        // Sparse: it takes no disk.
        1 => File::create(path)?.set_len(1 << rng.u32(20..43))?,
        2 => fs::create_dir(path)?,
        _ => std::os::unix::fs::symlink(target, path)?,
    }
    Ok(())
}

#[cfg(not(unix))]
fn lay(path: &Path, _: &Path, _: &Path, _: &mut Rng) -> Result<()> {
    Ok(fs::create_dir(path)?)
}
