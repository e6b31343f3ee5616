//! Several commands at once on one folder: each succeeds or says why not, and no result is lost.

use std::fs;

use anyhow::{Result, ensure};
use fastrand::Rng;

use super::{ground::Ground, judge};

/// Commands that write into `run`, into what is shared, or read while others write.
const LINES: [&str; 9] = [
    "ff train --dataset digits8x8 --layers 16,16 --epochs 3 --threads 1 --force --out run",
    "ff explain run --count 8 --npy --threads 1 --out run",
    "ff explain run --count 8 --npy --threads 1",
    "ff eval run --threads 1",
    "ff-lab results --results kept add run",
    "ff-lab evaluate-saliency run --images 2 --targets mean --zero-only --threads 1",
    "ff sweep --dataset digits8x8 --set layers=8;9 --set epochs=1 --threads 1 --out sw",
    "ff export run --firmware --force --out run",
    "ff data fetch mnist --mirror http://127.0.0.1:1",
];

/// What a command says that could not do its work beside another.
const REASONS: [&str; 4] = ["another process is at work in", "cannot be had", "of a run that", "diverged"];

/// Two of the commands, every pair in turn, or up to five of them.
pub fn round(ground: &Ground, rng: &mut Rng) -> Result<()> {
    let mut lines: Vec<&str> = (0..rng.usize(2..=5)).map(|_| LINES[rng.usize(0..LINES.len())]).collect();
    // Four results of one name, one of which must be told from another at the end.
    let adds = if rng.bool() { added(ground)? } else { Vec::new() };
    lines.extend(adds.iter().map(String::as_str));
    let children: Vec<_> = lines.iter().map(|line| Ok((ground.line(line).spawn()?, *line))).collect::<Result<_>>()?;
    for (child, line) in children {
        let output = judge::judged(child, line)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_told = output.status.success() || REASONS.iter().any(|reason| said.contains(reason));
        ensure!(is_told, "`{line}` beside {lines:?} failed: {said}");
    }
    judge::nothing_is_left(&ground.folder)?;
    let eval = judge::ended(&mut ground.ff("eval run --threads 1"), "ff eval run")?;
    ensure!(eval.status.success(), "{lines:?} left a run that cannot be used");
    let kept = fs::read_dir(ground.folder.join("kept")).map_or(0, Iterator::count);
    ensure!(kept >= adds.len(), "of {} results at once {kept} were kept", adds.len());
    Ok(())
}

/// Four runs of one name by four commands, and what adds each.
fn added(ground: &Ground) -> Result<Vec<String>> {
    let text = fs::read_to_string(ground.folder.join("run/metrics.json"))?;
    (0..4)
        .map(|i| {
            let run = format!("run{i}");
            fs::create_dir(ground.folder.join(&run))?;
            let other = text.replace("--epochs 2", &format!("--epochs 2 --decay 0.00{i}"));
            fs::write(ground.folder.join(&run).join("metrics.json"), other)?;
            Ok(format!("ff-lab results --results kept add {run}"))
        })
        .collect()
}
