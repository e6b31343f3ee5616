//! Every learning rule, with every optimiser, on real digits through the program.

mod cli_support;

use cli_support::ff;
use tempfile::TempDir;

/// Trains a small network and gives its metrics.
fn metrics(more: &str) -> serde_json::Value {
    let folder = TempDir::new().unwrap();
    let output = ff(
        folder.path(),
        &format!("train --dataset digits8x8 --recipe digits8x8 --layers 60,60 --batch-size 20 --out run {more}"),
    );
    assert!(output.status.success(), "{more}: {}", cli_support::text(&output.stderr));
    serde_json::from_slice(&std::fs::read(folder.path().join("run/metrics.json")).unwrap()).unwrap()
}

/// Held-out errors of 359 by goodness and by readout.
fn errors(more: &str) -> (Option<u64>, Option<u64>) {
    let metrics = metrics(more);
    let read = |name: &str| metrics["test"][name].as_u64();
    (read("errors_goodness"), read("errors_readout"))
}

/// At most this many of 359 wrong: far from chance (323), which a broken rule stays near.
const FEW: u64 = 40;

fn assert_learns(more: &str, by_goodness: bool, by_readout: bool) {
    let (goodness, readout) = errors(more);
    assert_eq!((goodness.is_some(), readout.is_some()), (by_goodness, by_readout), "{more}");
    for errors in [goodness, readout].into_iter().flatten() {
        assert!(errors <= FEW, "{more}: {errors} of 359 wrong");
    }
}

#[test]
fn contrastive_rules_learn() {
    for rule in
        ["classic", "symba --temperature 0.25 --learning-rate 0.05", "minimised", "mean-square --temperature 0.1"]
    {
        assert_learns(&format!("--rule {rule} --epochs 20"), true, true);
    }
}

#[test]
fn one_pass_rules_learn_with_either_optimiser() {
    let adam = "--optimiser adam --learning-rate 0.003 --readout-learning-rate 0.003 --weight-decay 0 --readout-weight-decay 0 --schedule cosine";
    let momentum = "--learning-rate 0.1 --readout-learning-rate 0.1 --weight-decay 0 --readout-weight-decay 0";
    for optimiser in [adam, momentum] {
        assert_learns(&format!("--rule n-way {optimiser} --epochs 12"), true, false);
        assert_learns(&format!("--rule groups --temperature 5 {optimiser} --epochs 12"), true, false);
        assert_learns(&format!("--rule local-cross-entropy {optimiser} --epochs 12"), false, true);
    }
}

#[test]
fn classic_learns_with_adam() {
    assert_learns(
        "--optimiser adam --learning-rate 0.002 --readout-learning-rate 0.003 --weight-decay 0 --epochs 20",
        true,
        true,
    );
}

#[test]
fn a_readout_on_unsupervised_layers_learns() {
    let (goodness, readout) = errors("--rule unsupervised --epochs 20");
    assert_eq!(goodness, None, "without labels there is no goodness of a label");
    assert!(readout.unwrap() <= 60, "{readout:?} of 359 wrong");
}

#[test]
fn averaged_weights_are_what_is_tested_and_saved() {
    let (_, with) = errors("--weight-average 0.3 --epochs 6");
    let (_, without) = errors("--epochs 6");
    assert!(with.unwrap() <= FEW && without.unwrap() <= FEW);
    let model = |more: &str| {
        let folder = TempDir::new().unwrap();
        cli_support::train(folder.path(), "run", more);
        std::fs::read(folder.path().join("run/model.safetensors")).unwrap()
    };
    assert!(model("--weight-average 0.5") != model("--weight-average 0"));
}

#[test]
fn the_tail_has_neither_dropout_nor_variations() {
    // What the epochs saw, without their times.
    let course = |more: &str| {
        let metrics = metrics(&format!("--epochs 4 {more}"));
        let epochs = metrics["history"].as_array().unwrap().iter();
        epochs.map(|epoch| epoch["layers"].clone()).collect::<Vec<_>>()
    };
    let varied = "--jitter 1 --rotate 5 --dropout 0.2";
    let (plain, rough) = (course("--jitter 0 --dropout 0"), course(varied));
    assert_eq!(course(&format!("{varied} --finetune-tail 1")), plain);
    let both = course(&format!("{varied} --finetune-tail 0.5"));
    assert_eq!(both[..2], rough[..2]);
    assert!(both[2] != rough[2] && both[3] != rough[3]);
}

#[test]
fn metrics_name_the_rule() {
    assert_eq!(metrics("--rule n-way --epochs 1")["rule"], "n-way");
    assert_eq!(metrics("--rule local-cross-entropy --epochs 1")["rule"], "local-cross-entropy");
}
