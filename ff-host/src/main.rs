//! The command line of `ff`.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use ff_host::cli::{
    bench, cv, data, eval, exit_code, explain, export, predict, recipe, shell, simulate, sweep, take_limits_as_errors,
    train,
};
use ff_host::output;
use ff_host::sweep::end_with_parent;

/// Forward-Forward learning: train, test and look, without backpropagation
#[derive(Parser)]
#[command(name = "ff", version, after_help = EXAMPLES)]
struct Cli {
    /// No progress, remarks or proposals: only results and errors
    #[arg(long, short, global = true)]
    quiet: bool,
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
3 training that learned nothing (dead, diverged or no better than chance; the line says what to try),
130 stopped by Ctrl-C and saved.";

#[derive(Subcommand)]
enum Command {
    /// Train a network, test it, and keep the model with its metrics in a run folder
    Train(Box<train::TrainCommand>),
    /// Test a trained model again, or on other data, or several models as one
    Eval(eval::EvalArgs),
    /// Learn and test on the parts of data in turn: how well a recipe does
    Cv(Box<cv::CvArgs>),
    /// Let a trained model judge new samples: classes and probabilities, line by line
    Predict(predict::PredictArgs),
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
    /// List, fetch and show data sets
    Data(data::DataArgs),
    /// List, show and check the recipes that `ff train` follows
    Recipe(recipe::RecipeArgs),
    /// Print completions for a shell
    Completions(shell::CompletionsArgs),
    /// Write manual pages
    Man(shell::ManArgs),
}

fn main() -> ExitCode {
    take_limits_as_errors();
    end_with_parent();
    let Cli { quiet, command } = Cli::parse();
    if quiet {
        output::be_quiet();
    }
    exit_code(run(command))
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Train(args) => train::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Cv(args) => cv::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Data(args) => data::run(args),
        Command::Recipe(args) => recipe::run(&args),
        Command::Completions(args) => shell::completions(&args, Cli::command()),
        Command::Man(args) => shell::man(&args, Cli::command()),
    }
}
