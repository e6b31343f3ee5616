//! The command line of `ff`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ff_host::cli::Interrupted;
use ff_host::cli::{bench, data, eval, evaluate_saliency, recipe, train};
use ff_host::output;

/// Forward-Forward learning: train, test and look, without backpropagation
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Begin with `ff train`: it finds or fetches MNIST, or uses the digits it carries.

Examples:
  ff train                              a tested model in runs/, with its metrics
  ff train --help                       every setting, and what it means
  ff eval runs/first                    test a model again
  ff data show --dataset digits8x8      look at a digit

Exit codes: 0 done, 1 an error (a line on standard error says which), 2 a wrong command line,
130 stopped by Ctrl-C and saved.";

#[derive(Subcommand)]
enum Command {
    /// Train a network, test it, and keep the model with its metrics in a run folder
    Train(Box<train::TrainArgs>),
    /// Test a trained model again, or on other data
    Eval(eval::EvalArgs),
    /// Measure how faithful the explanations of a trained model are
    EvaluateSaliency(evaluate_saliency::EvaluateSaliencyArgs),
    /// Measure how fast training is, against what the machine could do
    Bench(bench::BenchArgs),
    /// List, fetch and show data sets
    Data(data::DataArgs),
    /// List and show the recipes that `ff train` knows
    Recipe(recipe::RecipeArgs),
}

fn main() -> ExitCode {
    match run(Cli::parse().command).and_then(|()| output::check()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() => {
            output::error_line(format_args!("{error}"));
            ExitCode::from(Interrupted::EXIT_CODE)
        }
        Err(error) => {
            output::error_line(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Train(args) => train::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::EvaluateSaliency(args) => evaluate_saliency::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Data(args) => data::run(args),
        Command::Recipe(args) => recipe::run(&args),
    }
}
