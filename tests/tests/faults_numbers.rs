//! Numbers that grow, wrap or take all memory: refused in words, and never called a result.
#![cfg(target_os = "linux")]

mod cli_support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use cli_support::{assert_refused, command, command_after, ff, text, train, within};
use ff_core::kernel::Kernel;
use ff_core::layer::Shape;
use ff_host::kernel::HostKernel;
use ff_host::run::Model;
use tempfile::TempDir;

/// A readout whose weights are multiplied by -2 in every step, which no activity shows.
const GROWS: &str = "train --dataset digits8x8 --layers 16,16 --epochs 1 --batch 1 --rule classic --rate 10 \
    --readout-rate 3 --readout-decay 1 --threads 1 --out";

#[test]
fn a_run_that_cannot_be_loaded_is_not_called_saved() {
    let folder = TempDir::new().unwrap();
    let output = ff(folder.path(), &format!("{GROWS} run"));
    assert!(!output.status.success(), "{}", text(&output.stdout));
    assert!(!text(&output.stdout).contains("saved in"), "{}", text(&output.stdout));
    assert!(!folder.path().join("run").exists(), "a model was left that nobody can use");
}

/// Weights without decay that overflow by themselves.
#[test]
fn the_last_good_model_is_kept_and_the_exit_code_says_so() {
    let folder = TempDir::new().unwrap();
    let words = "train --dataset digits8x8 --layers 16,16 --epochs 400 --batch 1438 --rule classic --peer 10 \
        --rate 100 --readout-rate 100 --threads 1 --out run";
    let output = ff(folder.path(), words);
    let said = text(&output.stderr);
    if output.status.success() {
        return Model::load(&folder.path().join("run")).map(drop).unwrap();
    }
    assert_eq!(output.status.code(), Some(3), "{said}");
    Model::load(&folder.path().join("run")).unwrap();
}

#[test]
fn a_network_with_a_number_that_is_none_has_no_bytes() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    let mut model = Model::load(&folder.path().join("run")).unwrap();
    model.network.layers[0].biases[3] = f32::NAN;
    let refused = model.to_bytes().unwrap_err().to_string();
    assert!(refused.contains("layer0.biases holds NaN or infinity"), "{refused}");
}

#[test]
fn an_axis_has_few_lines_whatever_its_numbers() {
    let folder = TempDir::new().unwrap();
    train(folder.path(), "run", "");
    for numbers in ["5e-324,-5e-324", "1e308,-1e308", "1e-300,1e300", "0,5e-324"] {
        let curves = format!(r#"{{"curves":[{{"kind":"deletion","method":"m","x":[0,1],"mean":[{numbers}]}}]}}"#);
        fs::write(folder.path().join("run/evaluation.json"), curves).unwrap();
        let words = "explain run --count 1 --threads 1";
        let output = within(60, &mut command_after("ulimit -v 2000000", folder.path(), words));
        assert!(output.status.success(), "{numbers}: {}", text(&output.stderr));
        let report = fs::metadata(folder.path().join("run/explain/report.html")).unwrap();
        assert!(report.len() < 4 << 20, "{numbers}: {} bytes", report.len());
    }
}

/// The pool's threads fit into the memory, and as many again do not.
#[test]
fn threads_that_cannot_be_had_are_an_error() {
    let folder = TempDir::new().unwrap();
    let words = "bench --quick --images 100 --layers 8 --rule n-way --threads 512";
    for kibibytes in [1_200_000, 1_500_000, 1_800_000] {
        let output = within(120, &mut command_after(&format!("ulimit -v {kibibytes}"), folder.path(), words));
        let said = text(&output.stderr);
        assert!(!said.contains("panicked"), "{said}");
        assert!(output.status.success() || output.status.code() == Some(1) && said.contains("threads"), "{said}");
    }
}

/// The network is small, and what a batch needs is not.
#[test]
fn memory_for_a_batch_is_asked_for_before_work_begins() {
    let folder = TempDir::new().unwrap();
    let words =
        "train --dataset digits8x8 --rule classic --layers 16384,8 --batch 1438 --epochs 1 --threads 1 --out run";
    let output = within(120, &mut command_after("ulimit -v 400000", folder.path(), words));
    assert_refused(&output, "no memory");
    assert!(!folder.path().join("run").exists());
}

#[test]
fn sizes_whose_products_overflow_are_refused_by_the_kernel() {
    let shape = Shape { inputs: (1 << 62) + 300, outputs: 4 };
    let refused = |call: &mut dyn FnMut(&mut HostKernel)| {
        let panic = catch_unwind(AssertUnwindSafe(|| call(&mut HostKernel::new(1)))).unwrap_err();
        let said =
            panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
        let said = said.unwrap_or_default();
        // Not by the overflow itself, which only builds with checks would find.
        assert!(said.contains("slice"), "{said}");
    };
    refused(&mut |kernel| kernel.product(shape, &[1.0; 1200], &[1.0; 1200], &mut [0.0; 16]));
    refused(&mut |kernel| kernel.rank_update(shape, 1.0, 1.0, &[1.0; 1200], &[1.0; 16], &mut [0.0; 1200]));
}

/// What a sweep has to do before its first run grows with its runs, and not with their square.
#[test]
fn twenty_thousand_runs_begin_at_once() {
    let folder = TempDir::new().unwrap();
    let rates: Vec<_> = (1..=20).map(|i| format!("0.0{i:02}")).collect();
    let words = format!(
        "sweep --dataset digits8x8 --seeds 1..1000 --set rate={} --set layers=8 --set epochs=1 --out sw",
        rates.join(",")
    );
    let mut sweep = command(folder.path(), &words).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(sweep.stdout.take().unwrap()).lines();
    let (sender, first) = mpsc::channel();
    std::thread::spawn(move || {
        lines.map_while(Result::ok).find(|line| line.contains("run 1 of 20000")).map(|l| sender.send(l))
    });
    let began = first.recv_timeout(Duration::from_secs(15));
    sweep.kill().unwrap();
    sweep.wait().unwrap();
    assert!(began.is_ok(), "silent for 15 s");
}
