//! The model's file: what it declares is what its bytes are, and files of earlier versions are read.

mod cli_support;

use std::fs;
use std::path::Path;

use cli_support::{ff, text};
use ff_host::run::Model;
use serde_json::Value;
use tempfile::TempDir;

/// A file's header, and the bytes behind it.
fn header(path: &Path) -> (Value, Vec<u8>) {
    let bytes = fs::read(path).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[8..8 + length]).unwrap(), bytes[8 + length..].to_vec())
}

/// A tensor as another program reads it: its shape and its values.
#[track_caller]
fn tensor(header: &Value, data: &[u8], name: &str) -> (Vec<usize>, Vec<f32>) {
    let numbers = |value: &Value| value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let shape: Vec<usize> = numbers(&header[name]["shape"]);
    let place: Vec<usize> = numbers(&header[name]["data_offsets"]);
    let (words, rest) = data[place[0]..place[1]].as_chunks::<4>();
    assert!(rest.is_empty() && words.len() == shape.iter().product::<usize>(), "{name}");
    (shape, words.iter().map(|&word| f32::from_le_bytes(word)).collect())
}

#[test]
fn tensors_have_the_shape_of_their_bytes() {
    let folder = TempDir::new().unwrap();
    for (rule, shapes) in [
        ("n-way", [("layer0.readout", [10, 12]), ("layer1.readout", [10, 7]), ("layer1.weights", [12, 7])].as_slice()),
        ("classic", &[("layer0.weights", [74, 12]), ("layer1.readout", [7, 10]), ("layer1.weights", [12, 7])]),
        ("unsupervised", &[("layer0.weights", [64, 12]), ("layer1.readout", [7, 10])]),
        ("groups", &[("layer0.weights", [64, 12]), ("layer1.weights", [12, 7])]),
    ] {
        let words =
            format!("train --dataset digits8x8 --rule {rule} --layers 12,7 --epochs 2 --threads 1 --out {rule}");
        // So short a run may learn nothing, which is another matter.
        ff(folder.path(), &words);
        let path = folder.path().join(rule).join("model.safetensors");
        let (header, data) = header(&path);
        let Model { network, about } = Model::load(&path).unwrap();
        let record: Value = serde_json::from_str(header["__metadata__"]["forward-forward"].as_str().unwrap()).unwrap();
        assert_eq!((&record["format"], about.format), (&2.into(), 2));
        for (name, shape) in shapes {
            assert_eq!(tensor(&header, &data, name).0, shape, "{rule}: {name}");
        }
        let read: Vec<f32> = (0..2)
            .map(|l| format!("layer{l}.readout"))
            .filter(|name| header.get(name).is_some())
            .flat_map(|name| tensor(&header, &data, &name).1)
            .collect();
        assert_eq!(read, network.readout, "{rule}");
    }
}

/// Written before tensors were declared layer by layer.
#[test]
fn models_of_earlier_versions_answer_as_they_did() {
    let folder = TempDir::new().unwrap();
    let earlier = Path::new(env!("CARGO_MANIFEST_DIR")).join("earlier/models");
    for (name, goodness, readout) in [("n-way", Some(25), None), ("classic", Some(64), Some(82))] {
        let path = earlier.join(format!("{name}.safetensors"));
        let output = ff(folder.path(), &format!("eval {} --json", path.display()));
        let found: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        let errors = |way: &str| found[way].as_u64();
        assert_eq!((errors("errors_goodness"), errors("errors_readout")), (goodness, readout), "{name}");
        // Written again it is of today's format, and the same.
        let model = Model::load(&path).unwrap();
        let again = folder.path().join(name);
        fs::write(&again, model.to_bytes().unwrap()).unwrap();
        assert_eq!(Model::load(&again).unwrap(), model);
    }
}
