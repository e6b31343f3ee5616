//! Every command that writes, ended at a random moment: nothing half written, nothing left after the next
//! start.

use std::{
    process::{Child, Command},
    time::Duration,
};

use anyhow::{Result, ensure};
use fastrand::Rng;
use wait_timeout::ChildExt;

use super::{ground::Ground, hostile::pick, judge, servers::Mirror};

/// Commands that write, and about how long each takes, in milliseconds.
const LINES: [(&str, u64); 7] = [
    ("ff train --dataset digits8x8 --layers 24,16 --epochs 4 --threads 1 --force --out run", 900),
    ("ff explain run --count 8 --npy --threads 1 --out run", 900),
    ("ff-lab evaluate-saliency run --images 2 --targets mean --zero-only --threads 1 --out kept/found.json", 900),
    ("ff-lab results --results kept add run", 60),
    ("ff sweep --dataset digits8x8 --set layers=8;9 --set epochs=1 --threads 1 --out sw", 900),
    ("ff export run --firmware --force --out src", 60),
    ("ff data fetch mnist", 900),
];

/// Starts a command, ends it, and runs it again to its end.
pub fn round(ground: &Ground, rng: &mut Rng) -> Result<()> {
    let (line, takes) = LINES[rng.usize(0..LINES.len())];
    // Without real files there is nothing to fetch; what is then served is refused.
    let mirror = line.contains("fetch").then(Mirror::honest).transpose()?;
    let start = || {
        let mut command = ground.line(line);
        if let Some(mirror) = &mirror {
            command.args(["--mirror", &mirror.url]);
        }
        command
    };
    let mut child = start().spawn()?;
    let moment = Duration::from_millis(rng.u64(0..=takes + takes / 2));
    if child.wait_timeout(moment)?.is_none() {
        send(&mut child, pick(rng, &["KILL", "TERM", "INT"]))?;
    }
    let ended = child.wait_timeout(Duration::from_secs(60))?.is_some();
    let _ = child.kill();
    child.wait()?;
    ensure!(ended, "`{line}` does not end when it is asked to");
    let eval = judge::ended(&mut ground.ff("eval run --threads 1"), "ff eval run")?;
    ensure!(eval.status.success(), "`{line}`, ended after {moment:?}, left a run that cannot be used");
    let again = judge::ended(&mut start(), line)?;
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    let expected = again.status.success() || mirror.as_ref().is_some_and(|mirror| !mirror.is_whole);
    ensure!(expected, "`{line}`, ended after {moment:?}, fails the next time: {said}");
    judge::nothing_is_left(&ground.folder)
}

/// `kill` is a part of every shell.
fn send(child: &mut Child, signal: &str) -> Result<()> {
    let line = format!("kill -{signal} {}", child.id());
    Command::new("sh").args(["-c", &line]).status()?;
    Ok(())
}
