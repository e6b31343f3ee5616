//! What a bench says: as JSON for programs, as a table for people.

use std::fmt::Write;

use serde::Serialize;

/// Everything one run of the bench measured.
///
/// The three figures of the first rule stand on top as well, for scripts that want one line.
#[derive(Clone, Debug, Serialize)]
pub struct BenchReport {
    /// The program's version.
    pub version: String,
    /// Threads.
    pub threads: usize,
    /// Widths of the layers.
    pub layers: Vec<usize>,
    /// Images of an epoch.
    pub images: usize,
    /// Where the images came from.
    pub source: String,
    /// The machine's limit: fused multiply-adds alone, all threads, GFLOP/s.
    pub fma_gflops: f64,
    /// The same for one thread by itself.
    pub fma_gflops_one_thread: f64,
    /// Of the first rule.
    pub products_gflops: f64,
    /// Of the first rule.
    pub epoch_seconds: f64,
    /// Of the first rule.
    pub epoch_fraction_of_fma: f64,
    /// One entry a rule.
    pub rules: Vec<RuleReport>,
    /// The most memory that the process held, in bytes; null where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
}

/// What one rule takes.
#[derive(Clone, Debug, Serialize)]
pub struct RuleReport {
    /// The rule's name.
    pub rule: String,
    /// The recipe that was measured.
    pub recipe: String,
    /// Samples in a step.
    pub batch: usize,
    /// Dense floating-point operations a sample, in millions: two a multiply-add of every product
    /// that the kernel was asked for (the first layer's shared by positive and negative pass).
    pub mflop_per_sample: f64,
    /// An epoch, from shuffling to the last step; a median.
    pub epoch_seconds: f64,
    /// Dense operations over that time, those counted that were left out because an input is zero.
    pub epoch_gflops: f64,
    /// The same as a part of the machine's limit.
    pub epoch_fraction_of_fma: f64,
    /// The products of a step alone.
    pub products_gflops: f64,
    /// The same as a part of the machine's limit.
    pub products_fraction_of_fma: f64,
    /// Where the epoch's time went.
    pub seconds: Seconds,
    /// Classification.
    pub inference: Inference,
}

/// Where an epoch's time went.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Seconds {
    /// Matrix products.
    pub products: f64,
    /// Loops over rows: activities, normalisation, the optimiser, making batches.
    pub rows: f64,
    /// Everything else, on one thread.
    pub rest: f64,
}

/// Images classified in a second; null where the rule cannot be read that way.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Inference {
    /// How many were classified.
    pub images: usize,
    /// By goodness.
    pub goodness_per_second: Option<f64>,
    /// By readout.
    pub readout_per_second: Option<f64>,
}

impl BenchReport {
    /// The table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "limit: {:.0} GFLOP/s by fused multiply-adds alone on {} threads ({:.0} on one)",
            self.fma_gflops, self.threads, self.fma_gflops_one_thread
        );
        let _ = writeln!(text, "layers {:?}, {} images an epoch ({})\n", self.layers, self.images, self.source);
        let _ = writeln!(
            text,
            "{:20} {:>5} {:>7} {:>8} {:>8} {:>9} {:>9}  {:>17}",
            "rule", "batch", "MFLOP", "epoch", "of", "products", "of", "products/rows/rest"
        );
        let _ = writeln!(
            text,
            "{:20} {:>5} {:>7} {:>8} {:>8} {:>9} {:>9}  {:>17}",
            "", "", "/sample", "s", "limit", "GFLOP/s", "limit", "% of the epoch"
        );
        self.rules.iter().for_each(|rule| rule.write(&mut text));
        let _ = writeln!(text, "\n{:20} {:>20} {:>20}", "images a second", "by goodness", "by readout, logits");
        for rule in &self.rules {
            let rate = |rate: Option<f64>| rate.map_or("-".to_owned(), |rate| format!("{rate:.0}"));
            let Inference { goodness_per_second, readout_per_second, .. } = rule.inference;
            let _ =
                writeln!(text, "{:20} {:>20} {:>20}", rule.rule, rate(goodness_per_second), rate(readout_per_second));
        }
        if let Some(bytes) = self.peak_memory_bytes {
            let _ = writeln!(text, "\npeak memory: {:.0} MB", bytes as f64 / 1e6);
        }
        text
    }
}

impl RuleReport {
    fn write(&self, text: &mut String) {
        let percent = |part: f64| 100.0 * part / self.epoch_seconds;
        let Seconds { products, rows, rest } = self.seconds;
        let _ = writeln!(
            text,
            "{:20} {:5} {:7.1} {:8.2} {:6.0} % {:9.0} {:7.0} %  {:5.0} / {:.0} / {:.0}",
            self.rule,
            self.batch,
            self.mflop_per_sample,
            self.epoch_seconds,
            100.0 * self.epoch_fraction_of_fma,
            self.products_gflops,
            100.0 * self.products_fraction_of_fma,
            percent(products),
            percent(rows),
            percent(rest)
        );
    }
}
