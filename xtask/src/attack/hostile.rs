//! Damaged files, and options with values that nobody means.

use std::fs;

use anyhow::Result;
use fastrand::Rng;

use super::{ground::Ground, judge};

/// Commands that read the run.
const READERS: [&str; 7] = [
    "ff eval run --threads 1",
    "ff eval run --json",
    "ff explain run --count 1 --threads 1",
    "ff export run --firmware --out src",
    "ff-lab results --results kept add run",
    "ff-lab evaluate-saliency run --images 2 --targets mean --zero-only --threads 1",
    "ff eval run run",
];

/// Files of a run that may be damaged.
const FILES: [&str; 4] = ["model.safetensors", "metrics.json", "recipe.toml", "evaluation.json"];

/// Texts to put in the place of others, in files and as values.
const NASTY: [&str; 18] = [
    "",
    "0",
    "-1",
    "nan",
    "inf",
    "1e308",
    "5e-324",
    "18446744073709551615",
    "1e999",
    "../../x",
    "/dev/zero",
    "-x",
    "\\u001b[2J",
    "|`<!-- end of results -->",
    "null",
    "[]",
    "a b",
    "4294967296",
];

/// Options of `ff train` that take a value.
const OPTIONS: [&str; 22] = [
    "layers",
    "epochs",
    "batch",
    "rate",
    "momentum",
    "decay",
    "threshold",
    "temperature",
    "peer",
    "readout-rate",
    "readout-decay",
    "dropout",
    "jitter",
    "rotate",
    "elastic",
    "pool",
    "gamma",
    "seed",
    "validation",
    "classes",
    "scored-layers",
    "average",
];

const RULES: [&str; 8] =
    ["classic", "mean-square", "symba", "minimised", "unsupervised", "n-way", "groups", "local-cross-entropy"];

/// A damaged file is read, or a command line is tried.
pub fn round(ground: &Ground, rng: &mut Rng) -> Result<()> {
    if rng.bool() { damaged(ground, rng) } else { strange(ground, rng) }
}

fn damaged(ground: &Ground, rng: &mut Rng) -> Result<()> {
    let path = ground.folder.join("run").join(pick(rng, &FILES));
    let whole = fs::read(&path).unwrap_or_else(|_| EVALUATION.as_bytes().to_vec());
    fs::write(&path, damage(whole, rng))?;
    let line = pick(rng, &READERS);
    judge::ended(&mut ground.line(line), line)?;
    judge::nothing_is_left(&ground.folder)
}

const EVALUATION: &str = r#"{"curves":[{"kind":"deletion","method":"m","x":[0,1],"mean":[0.5,0.25]}]}"#;

/// A few changes to a file's bytes, or to a number or word in it.
fn damage(mut bytes: Vec<u8>, rng: &mut Rng) -> Vec<u8> {
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(0..bytes.len().max(1));
        match rng.u32(0..6) {
            0 => bytes.truncate(at),
            1 => bytes.extend(std::iter::repeat_with(|| rng.u8(..)).take(at % 99)),
            2 if !bytes.is_empty() => bytes[at] ^= 1 << rng.u32(0..8),
            3 if bytes.len() > 8 => bytes[rng.usize(0..8)] = rng.u8(..),
            _ => bytes = replaced(&bytes, rng),
        }
    }
    bytes
}

/// The bytes with one run of letters or digits in their first part replaced.
fn replaced(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let text = bytes.len().min(4000);
    let start = rng.usize(0..=text);
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let from = bytes[start..text].iter().position(is_word).map_or(text, |i| start + i);
    let length = bytes[from..text].iter().take_while(|byte| is_word(byte)).count();
    [&bytes[..from], pick(rng, &NASTY).as_bytes(), &bytes[from + length..]].concat()
}

fn strange(ground: &Ground, rng: &mut Rng) -> Result<()> {
    let mut command = ground.ff("train --dataset digits8x8 --layers 12,8 --epochs 1 --threads 1 --force --out out");
    let mut line = "ff train".to_owned();
    let mut add = |word: String| {
        line += &format!(" {word}");
        command.arg(word);
    };
    add(format!("--rule={}", pick(rng, &RULES)));
    for _ in 0..rng.usize(1..4) {
        let value =
            if rng.bool() { pick(rng, &NASTY).to_owned() } else { format!("{}", 10_f64.powf(rng.f64() * 8.0 - 5.0)) };
        let value = if rng.u32(0..4) == 0 { rng.u32(1..200).to_string() } else { value };
        add(format!("--{}={value}", pick(rng, &OPTIONS)));
    }
    let output = judge::ended(&mut command, &line)?;
    judge::nothing_is_left(&ground.folder)?;
    if output.status.success() {
        let eval = judge::ended(&mut ground.ff("eval out --threads 1"), &line)?;
        anyhow::ensure!(
            eval.status.success(),
            "`{line}` saved what `ff eval` refuses: {}",
            String::from_utf8_lossy(&eval.stderr)
        );
    }
    Ok(())
}

/// One of them.
pub fn pick<'a, T: ?Sized>(rng: &mut Rng, all: &[&'a T]) -> &'a T {
    all[rng.usize(0..all.len())]
}
