//! The NumPy program that the book shows reads models of every rule, and computes the scores that ff-core does.
//!
//! Run by `cargo xtask book`, which names a Python with NumPy in `FF_PYTHON`.

mod book_support;
mod cli_support;

use std::path::Path;
use std::process::Command;

use book_support::root;
use cli_support::{ff, text};
use ff_core::kernel::Portable;
use ff_host::augment::Variation;
use ff_host::data::{self, DatasetName, Request, Sample, Samples, Silent};
use ff_host::recipe::Recipe;
use ff_host::rule::Reading;
use ff_host::run::Model;
use tempfile::TempDir;

/// A rule, and what trains a small network by it.
const RULES: [(&str, &str); 8] = [
    ("classic", "--layers 20,12"),
    ("mean-square", "--layers 20,12 --overlay first-pixels"),
    ("symba", "--layers 20"),
    ("minimised", "--layers 20,12"),
    ("unsupervised", "--layers 20,12,11"),
    ("n-way", "--layers 20,12 --centre true"),
    ("groups", "--layers 23,12 --gamma 0.5"),
    ("local-cross-entropy", "--layers 20,12 --standardise true --pool 2"),
];

#[test]
#[ignore = "needs Python with NumPy: cargo xtask book"]
fn every_rule_is_read() {
    let python = std::env::var("FF_PYTHON").expect("FF_PYTHON names a Python with NumPy; run `cargo xtask book`");
    let folder = TempDir::new().unwrap();
    let images = data::load(&Request::new(DatasetName::Digits8x8), &mut Silent).unwrap().test;
    std::fs::write(folder.path().join("images.npy"), npy_of_bytes(&images)).unwrap();
    for (rule, more) in RULES {
        let words = format!("train --dataset digits8x8 --epochs 2 --rule {rule} {more} --out {rule}");
        let output = ff(folder.path(), &words);
        assert!(output.status.success(), "{words}: {}", text(&output.stderr));
        let model = Model::load(&folder.path().join(rule)).unwrap();
        for (reading, word) in [(Reading::Goodness, "goodness"), (Reading::Readout, "readout")] {
            let recipe = &model.about.recipe;
            if recipe.rule.reads_by(reading) {
                let expected = scores(&model, recipe, reading, &images);
                let read = read(&python, folder.path(), rule, word);
                let difference = worst(&expected, &read);
                assert!(difference < 1e-4, "{rule} by {word}: {difference} of the largest score");
            }
        }
    }
}

/// The scores that ff-core computes with its portable kernel.
fn scores(model: &Model, recipe: &Recipe, reading: Reading, images: &Samples) -> Vec<f32> {
    let network = &model.network;
    let features = network.features_of(images, recipe).unwrap();
    let mut rows = vec![0.0; images.len() * features.len()];
    for (index, row) in rows.chunks_exact_mut(features.len()).enumerate() {
        features.write(images.get(index).unwrap().0, &Variation::NONE, row);
    }
    let shapes = network.shapes();
    let mut scratch = vec![0.0; recipe.score_floats(&shapes, network.classes, reading, 1)];
    let mut scores = vec![0.0; images.len() * network.classes];
    recipe.scores(network, reading, &rows, &mut scratch, &mut Portable, &mut scores).unwrap();
    scores
}

/// The scores that the book's program computes.
fn read(python: &str, folder: &Path, run: &str, reading: &str) -> Vec<f32> {
    let program = root().join("docs/src/formats/read_model.py");
    let model = format!("{run}/model.safetensors");
    let mut command = Command::new(python);
    command.arg(program).args([model.as_str(), "images.npy", "scores.npy", reading]).current_dir(folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{run}: {}", text(&output.stderr));
    floats_of_npy(&std::fs::read(folder.join("scores.npy")).unwrap())
}

/// The largest difference, as a part of the largest score.
fn worst(expected: &[f32], found: &[f32]) -> f32 {
    assert_eq!(expected.len(), found.len());
    let largest = expected.iter().fold(0.0_f32, |most, score| most.max(score.abs()));
    expected.iter().zip(found).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs())) / largest
}

/// An `.npy` file of images x height x width bytes.
fn npy_of_bytes(images: &Samples) -> Vec<u8> {
    let (count, [_, height, width]) = (images.len(), images.shape().extents());
    let about = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, {height}, {width}), }}");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((about.len() as u16 + 1).to_le_bytes());
    file.extend(about.bytes().chain(*b"\n"));
    for (sample, _) in images.iter() {
        let Sample::Bytes(values) = sample else { panic!("digits are bytes") };
        file.extend(values);
    }
    file
}

/// The 32-bit floats of an `.npy` file.
fn floats_of_npy(file: &[u8]) -> Vec<f32> {
    let header = usize::from(u16::from_le_bytes([file[8], file[9]]));
    assert!(text(&file[10..10 + header]).contains("'<f4'"));
    file[10 + header..].as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
