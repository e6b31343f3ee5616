//! The command line of `ff-lab`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ff_host::cli::{exit_code, take_limits_as_errors, train};
use ff_host::sweep::end_with_parent;
use ff_lab::cli::{baseline, compare, evaluate_saliency, results, sweep};

/// What judges Forward-Forward learning: a backprop baseline, measured explanations, kept results
#[derive(Parser)]
#[command(name = "ff-lab", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Networks are trained by `ff`; here they are measured and compared.

Examples:
  ff-lab compare                                 every rule against backpropagation
  ff-lab evaluate-saliency runs/first            which of its explanations are faithful
  ff-lab results check                           whether tables say what is kept

Exit codes: 0 done, 1 an error (a line on standard error says which), 2 a wrong command line,
3 training diverged (what was saved before it did is kept), 130 stopped by Ctrl-C and saved.";

#[derive(Subcommand)]
enum Command {
    /// Compare the learning rules with a backprop baseline of the same widths
    Compare(compare::CompareArgs),
    /// Train the backprop baseline: an MLP of a recipe's widths, on the same images
    Baseline(Box<baseline::BaselineArgs>),
    /// Train the backprop baseline with many settings or seeds, and print one table
    Sweep(Box<sweep::BaselineSweepArgs>),
    /// Measure how faithful the explanations of a trained model are
    EvaluateSaliency(evaluate_saliency::EvaluateSaliencyArgs),
    /// Keep runs' results, and write the tables of README and book from them
    Results(results::ResultsArgs),
    // `compare` starts its own program for each run; users have `ff train`.
    #[command(hide = true)]
    Train(Box<train::TrainCommand>),
}

fn main() -> ExitCode {
    take_limits_as_errors();
    end_with_parent();
    exit_code(run(Cli::parse().command))
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Compare(args) => compare::run(&args),
        Command::Baseline(args) => baseline::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::EvaluateSaliency(args) => evaluate_saliency::run(&args),
        Command::Results(args) => results::run(&args),
        Command::Train(args) => train::run(&args),
    }
}
