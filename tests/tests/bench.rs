//! `ff bench` on a small net: what it says must hang together. No time is asserted.

mod cli_support;

use cli_support::{ff, text};
use serde_json::Value;
use tempfile::TempDir;

const SMALL: &str = "bench --quick --images 20000 --layers 40,30 --batch-size 20 --rule groups,classic";

#[test]
fn the_parts_of_a_bench_hang_together() {
    let output = ff(TempDir::new().unwrap().path(), &format!("{SMALL} --json"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let limit = report["fma_gflops"].as_f64().unwrap();
    assert!(limit > 0.1 && limit < 1e5, "no machine does {limit} GFLOP/s");
    assert_eq!(report["images"], 200);
    let rules = report["rules"].as_array().unwrap();
    assert_eq!([&rules[0]["rule"], &rules[1]["rule"]], ["groups", "classic"]);
    for name in ["products_gflops", "epoch_seconds", "epoch_fraction_of_fma"] {
        assert_eq!(report[name], rules[0][name], "{name}");
    }
    for rule in rules {
        let figure = |name: &str| rule[name].as_f64().unwrap();
        let parts: f64 = ["products", "rows", "rest"].iter().map(|part| rule["seconds"][part].as_f64().unwrap()).sum();
        assert!((parts / figure("epoch_seconds") - 1.0).abs() < 0.01, "the parts are the whole: {rule}");
        let fraction = figure("epoch_gflops") / limit;
        assert!((fraction / figure("epoch_fraction_of_fma") - 1.0).abs() < 1e-6, "{rule}");
        assert!(figure("products_fraction_of_fma") > 0.0, "{rule}");
    }
}

/// Without a readout or label rows: two products of each layer, the images' counted as well.
#[test]
fn operations_are_counted_and_not_guessed() {
    let output = ff(TempDir::new().unwrap().path(), &format!("{SMALL} --json"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let groups = report["rules"][0]["mflop_per_sample"].as_f64().unwrap();
    let expected = 2.0 * 2.0 * (784 * 40 + 40 * 30) as f64 / 1e6;
    assert!((groups / expected - 1.0).abs() < 1e-9, "{groups} instead of {expected}");
}

#[test]
fn the_table_names_every_rule() {
    let output = ff(TempDir::new().unwrap().path(), SMALL);
    let table = text(&output.stdout);
    for word in ["limit:", "groups", "classic", "images a second", "made up"] {
        assert!(table.contains(word), "no `{word}` in:\n{table}");
    }
}
