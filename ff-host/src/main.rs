//! The command line of `ff`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ff_host::cli::Interrupted;
use ff_host::cli::{
    baseline, bench, compare, data, eval, evaluate_saliency, explain, export, recipe, results, simulate, sweep, train,
};
use ff_host::output;
use ff_host::sweep::{Stopped, end_with_parent};

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
    Train(Box<train::TrainCommand>),
    /// Test a trained model again, or on other data, or several models as one
    Eval(eval::EvalArgs),
    /// Measure how faithful the explanations of a trained model are
    EvaluateSaliency(evaluate_saliency::EvaluateSaliencyArgs),
    /// Measure how fast training is, against what the machine could do
    Bench(bench::BenchArgs),
    /// Show what made a trained model see what it saw: pictures and a report
    Explain(Box<explain::ExplainArgs>),
    /// Write a trained model as files that firmware includes
    Export(export::ExportArgs),
    /// Learn exactly as a microcontroller would, and say what it would take there
    Simulate(simulate::SimulateArgs),
    /// Train with many settings or seeds, and print one table
    Sweep(sweep::SweepArgs),
    /// Compare the learning rules with a backprop baseline of the same widths
    Compare(compare::CompareArgs),
    /// Train the backprop baseline: an MLP of a recipe's widths, on the same images
    Baseline(Box<baseline::BaselineArgs>),
    /// Keep runs' results, and write the README's tables from them
    Results(results::ResultsArgs),
    /// List, fetch and show data sets
    Data(data::DataArgs),
    /// List and show the recipes that `ff train` knows
    Recipe(recipe::RecipeArgs),
}

fn main() -> ExitCode {
    end_with_parent();
    match run(Cli::parse().command).and_then(|()| output::check()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Interrupted>() || error.is::<Stopped>() => {
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
        Command::Explain(args) => explain::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Baseline(args) => baseline::run(&args),
        Command::Results(args) => results::run(&args),
        Command::Data(args) => data::run(args),
        Command::Recipe(args) => recipe::run(&args),
    }
}
