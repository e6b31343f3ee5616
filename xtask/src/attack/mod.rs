//! `cargo xtask attack`: what no user means to do, done to the programs until a time is over.
//!
//! | file | what it does |
//! |---|---|
//! | [`ground`] | the programs, a folder for each round, and a small run to begin with |
//! | [`hostile`] | damaged files, and options with values that nobody means |
//! | [`links`] | links, pipes, devices and files without an end, where a file is expected |
//! | [`parallel`] | several commands at once on one folder |
//! | [`kills`] | every command that writes, ended at a random moment |
//! | [`disks`] | full disks and limits on files |
//! | [`servers`] | mirrors on loopback that are not honest |
//! | [`judge`] | which end of a program is a fault |
//!
//! Each round is a pure function of the seed and its number, but for time: what processes do at once, and
//! when one is killed, the machine decides.

mod disks;
mod ground;
mod hostile;
mod judge;
mod kills;
mod links;
mod parallel;
mod servers;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Result;
use fastrand::Rng;

use ground::Ground;

/// Attack `ff` and `ff-lab`: damaged files, kills, parallel runs, full disks, hostile mirrors
///
/// Rounds of each kind in turn until the time is over; a table counts them. A round at fault is printed with
/// what was said, its folder is kept, and the exit code is 1.
#[derive(clap::Args)]
pub struct Options {
    /// How long to go on, after the programs are built
    #[arg(long, default_value_t = 60)]
    seconds: u64,

    /// The seed of what is tried
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// One kind alone; may be given several times
    #[arg(long, value_name = "KIND")]
    only: Vec<String>,
}

/// One kind of attack: what a round does. An error is a fault.
struct Kind {
    name: &'static str,
    round: fn(&Ground, &mut Rng) -> Result<()>,
}

const KINDS: [Kind; 6] = [
    Kind { name: "hostile", round: hostile::round },
    Kind { name: "links", round: links::round },
    Kind { name: "parallel", round: parallel::round },
    Kind { name: "kills", round: kills::round },
    Kind { name: "disks", round: disks::round },
    Kind { name: "servers", round: servers::round },
];

/// Attacks until the time is over.
///
/// # Errors
/// When the programs cannot be built or the first run fails.
pub fn run(options: &Options) -> Result<ExitCode> {
    let kinds: Vec<_> = KINDS.iter().filter(|kind| is_asked_for(kind, options)).collect();
    anyhow::ensure!(!kinds.is_empty(), "there is no such kind: {}", KINDS.map(|kind| kind.name).join(", "));
    let ground = Ground::new()?;
    let end = Instant::now() + Duration::from_secs(options.seconds);
    let mut counts = vec![(0_usize, 0_usize); kinds.len()];
    for round in 0_u64.. {
        let index = round as usize % kinds.len();
        if index == 0 && Instant::now() >= end {
            break;
        }
        let mut rng = Rng::with_seed(options.seed.wrapping_mul(1_000_003).wrapping_add(round));
        counts[index].0 += 1;
        if let Err(fault) = attack(&ground, kinds[index], &mut rng) {
            counts[index].1 += 1;
            println!("FAULT in round {round} of seed {}, {}: {fault:#}", options.seed, kinds[index].name);
        }
    }
    Ok(summarise(&kinds, &counts))
}

fn is_asked_for(kind: &Kind, options: &Options) -> bool {
    options.only.is_empty() || options.only.iter().any(|name| name == kind.name)
}

/// One round in a folder of its own, which is kept where something is at fault.
fn attack(ground: &Ground, kind: &Kind, rng: &mut Rng) -> Result<()> {
    let (own, folder) = ground.round()?;
    let done = (kind.round)(&own, rng);
    match done {
        Ok(()) => Ok(folder.close()?),
        Err(fault) => Err(fault.context(format!("its folder is kept: {}", folder.keep().display()))),
    }
}

fn summarise(kinds: &[&Kind], counts: &[(usize, usize)]) -> ExitCode {
    println!("\n== attacks");
    for (kind, (rounds, faults)) in kinds.iter().zip(counts) {
        println!(
            "{} {rounds:6} rounds {faults:4} faults  {}",
            if *faults == 0 { "passed" } else { "FAILED" },
            kind.name
        );
    }
    let faults: usize = counts.iter().map(|(_, faults)| faults).sum();
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
