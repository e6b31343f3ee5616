//! `ff-lab baseline`: the backprop baseline of a recipe.

use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use ff_host::cli::session::{Interrupted, SAVING, go_on_after, stop_on_ctrl_c, with_bar};
use ff_host::cli::table;
use ff_host::cli::train::{Prepared, TrainArgs, prepare};
use ff_host::memory;
use ff_host::output::{self, say};
use ff_host::run::{self, EpochMetrics, Metrics, TestMetrics};

use super::PROGRAM;
use crate::baseline::{self, Mlp, environment};

/// Train the backprop baseline.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct BaselineArgs {
    #[command(flatten)]
    train: TrainArgs,
}

const EXAMPLES: &str = "\
The baseline is an MLP trained end to end by backpropagation (candle): the recipe's widths, epochs,
batches, dropout, pooling, centring and augmentation, with Adam, a cosine schedule and a
--learning-rate of its own [default: 0.001]. Options that only a Forward-Forward rule knows have no effect. The run folder
gets metrics.json (rule: backprop-mlp), recipe.toml and model.safetensors, which `ff eval` does not read.

Examples:
  ff-lab baseline --dataset mnist --layers 1000,1000,1000 --epochs 20 --learning-rate 0.001
  ff-lab baseline --dataset digits8x8 --epochs 20 --learning-rate 0.003 --out runs/mlp";

/// Carries the command out.
///
/// # Errors
/// As `ff train`.
pub fn run(args: &BaselineArgs) -> anyhow::Result<()> {
    let args = &args.train;
    environment::settle(args.threads.count())?;
    let prepared = prepare(args, baseline::COMMAND)?;
    let mlp = Mlp::new(&prepared.recipe, &prepared.train, prepared.about.classes, args.seed, prepared.threads)?;
    let mut metrics = Metrics::new(&prepared.about, prepared.threads, prepared.train.len(), mlp.parameters());
    baseline::RULE.clone_into(&mut metrics.provenance.rule);
    metrics.provenance.command = run::command_line(PROGRAM);
    let stop = stop_on_ctrl_c(SAVING)?;
    let mut session = Session { prepared, mlp, metrics };
    session.train(&stop)?;
    session.metrics.interrupted |= !args.no_test && stop.load(Ordering::SeqCst);
    if session.metrics.interrupted { session.interrupted() } else { session.finish(args.no_test) }
}

struct Session {
    prepared: Prepared,
    mlp: Mlp,
    metrics: Metrics,
}

impl Session {
    fn train(&mut self, stop: &AtomicBool) -> anyhow::Result<()> {
        let (recipe, validation) = (&self.prepared.recipe, &self.prepared.validation);
        say!(
            "backprop baseline: layers {:?}, {} epochs, learning rate {}",
            recipe.layers,
            recipe.epochs,
            recipe.learning_rate
        );
        let train = &self.prepared.train;
        for epoch in 1..=recipe.epochs {
            let report =
                with_bar(format!("epoch {epoch}/{}", recipe.epochs), stop, |watch| self.mlp.epoch(train, watch))?;
            self.metrics.train_seconds += report.seconds;
            if !report.finished {
                self.metrics.interrupted = true;
                break;
            }
            let outcome = if validation.is_empty() { None } else { Some(self.mlp.classify(validation)?) };
            let errors = outcome.as_ref().map_or(String::new(), |o| format!("  validation: {}", o.errors));
            let training = 100.0 * report.error.unwrap_or(f64::NAN);
            say!("epoch {:3} {:6.2} s  training error {training:.2} %{errors}", report.epoch, report.seconds);
            self.metrics.epochs = report.epoch;
            self.metrics.history.push(EpochMetrics::new(&report, outcome.as_ref(), None));
            go_on_after(self.save());
        }
        Ok(())
    }

    fn finish(mut self, no_test: bool) -> anyhow::Result<()> {
        if !no_test {
            let test = &self.prepared.test;
            let outcome = self.mlp.classify(test)?;
            self.metrics.test = Some(TestMetrics::new(test.len(), None, Some(&outcome)));
            say!("\nbackprop baseline, test, after {:.1} s of training:", self.metrics.train_seconds);
            let rule = &self.prepared.recipe.rule;
            let names = self.prepared.about.class_names();
            output::text(format_args!("{}", table::readings(rule, None, Some(&outcome), &names)));
        }
        self.metrics.peak_memory = memory::peak();
        self.save()?;
        say!("\nsaved in {}", self.prepared.folder.path().display());
        Ok(())
    }

    /// The end of an interrupted run, which leaves the test images unread.
    fn interrupted(&self) -> anyhow::Result<()> {
        self.save()?;
        let path = self.prepared.folder.path().display().to_string();
        Err(Interrupted { epochs: self.metrics.epochs, path, then: String::new() }.into())
    }

    fn save(&self) -> anyhow::Result<()> {
        let (model, metrics) = (self.mlp.to_bytes()?, serde_json::to_vec_pretty(&self.metrics)?);
        let recipe = self.prepared.recipe.to_toml()?;
        let files = [(run::MODEL, &*model), (run::METRICS, &*metrics), (run::RECIPE, recipe.as_bytes())];
        self.prepared.folder.replace(&files)
    }
}
