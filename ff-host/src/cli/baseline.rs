//! `ff baseline`: the backprop baseline of a recipe, where it is built in.

use clap::Args;

use super::train::TrainArgs;

/// Train the backprop baseline.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct BaselineArgs {
    #[command(flatten)]
    train: TrainArgs,
}

const EXAMPLES: &str = "\
The baseline is an MLP trained end to end by backpropagation (candle): the recipe's widths, epochs,
batches, dropout, pooling, centring and augmentation, with Adam, a cosine schedule and a --rate of its
own [default: 0.001]. Options that only a Forward-Forward rule knows have no effect. The run folder
gets metrics.json (rule: backprop-mlp), recipe.toml and model.safetensors, which `ff eval` does not read.

It is not in the default build: cargo build --release -p ff-host --features baseline

Examples:
  ff baseline --dataset mnist --layers 1000,1000,1000 --epochs 20 --rate 0.001
  ff sweep --baseline --dataset mnist --set rate=0.0003,0.001,0.003 --validation 10000 --out runs/mlp";

/// Carries the command out.
///
/// # Errors
/// As `ff train`; and a program without the baseline.
#[cfg(not(feature = "baseline"))]
pub fn run(_: &BaselineArgs) -> anyhow::Result<()> {
    anyhow::bail!(MISSING)
}

/// What a program without the baseline says.
#[cfg(not(feature = "baseline"))]
pub(super) const MISSING: &str = "this program was built without the backprop baseline; build it in with: \
                                  cargo build --release -p ff-host --features baseline";

#[cfg(feature = "baseline")]
pub use run::run;

#[cfg(feature = "baseline")]
mod run {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::BaselineArgs;
    use crate::baseline::{Mlp, environment};
    use crate::cli::session::{Interrupted, SAVING, go_on_after, stop_on_ctrl_c, with_bar};
    use crate::cli::table;
    use crate::cli::train::{Prepared, prepare};
    use crate::memory;
    use crate::output::{self, say};
    use crate::run::{self, EpochMetrics, Metrics, TestMetrics};

    /// Carries the command out.
    ///
    /// # Errors
    /// As `ff train`.
    pub fn run(args: &BaselineArgs) -> anyhow::Result<()> {
        let args = &args.train;
        environment::settle(args.threads.count())?;
        let prepared = prepare(args, &|recipe| recipe.for_baseline(args.overrides.rate))?;
        let mlp = Mlp::new(&prepared.recipe, &prepared.train, prepared.about.classes, args.seed, prepared.threads)?;
        let mut metrics = Metrics::new(&prepared.about, prepared.threads, prepared.train.len(), mlp.parameters());
        run::BASELINE.clone_into(&mut metrics.rule);
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
            say!("backprop baseline: layers {:?}, {} epochs, rate {}", recipe.layers, recipe.epochs, recipe.rate);
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
                output::text(format_args!("{}", table::readings(None, Some(&outcome))));
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
}
