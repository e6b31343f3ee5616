//! `ff-lab sweep`: `ff sweep`, of the backprop baseline.

use anyhow::ensure;
use clap::Args;
use ff_host::cli::sweep::{self, SweepArgs};

use crate::baseline;

/// Train the backprop baseline with many settings.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct BaselineSweepArgs {
    #[command(flatten)]
    sweep: SweepArgs,
}

const EXAMPLES: &str = "\
Each run is `ff-lab baseline` in a process and a folder of its own. Stopped or killed, the same command
goes on: finished runs are kept, a half run begins again; more values or seeds may be added. table.md and
table.json are written anew after every run. A run that fails does not end the sweep.

Example:
  ff-lab sweep --dataset mnist --set learning-rate=0.0003,0.001,0.003 --validation 10000 --out runs/mlp";

/// Carries the command out.
///
/// # Errors
/// Settings that do not exist or fit, or that would be chosen by the test images; data that cannot be had,
/// Ctrl-C, or runs that failed.
pub fn run(args: &BaselineSweepArgs) -> anyhow::Result<()> {
    ensure!(
        args.sweep.validation > 0 || args.sweep.set.iter().all(|setting| setting.values.len() == 1),
        "choose the baseline's settings by --validation N, not by the test images"
    );
    sweep::run_as(&args.sweep, baseline::COMMAND)
}
