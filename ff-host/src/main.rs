//! The command line of `ff`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ff_host::cli::{data, eval, explain, recipe, train};

/// Forward-Forward learning: train, test and look, without backpropagation
#[derive(Parser)]
#[command(version, after_help = "Begin with `ff train`: it finds or fetches MNIST, or uses the digits it carries.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train a network, test it, and keep the model with its metrics in a run folder
    Train(Box<train::TrainArgs>),
    /// Test a trained model again, or on other data
    Eval(eval::EvalArgs),
    /// Show what made a trained model see what it saw: pictures and a report
    Explain(Box<explain::ExplainArgs>),
    /// List, fetch and show data sets
    Data(data::DataArgs),
    /// List and show the recipes that `ff train` knows
    Recipe(recipe::RecipeArgs),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Train(args) => train::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Data(args) => data::run(args),
        Command::Recipe(args) => recipe::run(&args),
    }
}
