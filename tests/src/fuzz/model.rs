//! Model files of any bytes: refused with a reason, or loaded so that they come out again as they were.

use std::fs;

use ff_core::random::Rng;
use ff_host::data::Shape;
use ff_host::network::HostNetwork;
use ff_host::recipe::Recipe;
use ff_host::run::{About, Model, Temperatures};

use super::in_a_file;

/// Reads them as a model's file.
pub fn run(bytes: &[u8]) {
    in_a_file(bytes, |path| match Model::load(path) {
        Err(error) => assert!(error.to_string().contains(&*path.to_string_lossy()), "{error} does not name its file"),
        Ok(model) => {
            fs::write(path, model.to_bytes().expect("a model that was read can be written")).unwrap();
            assert_eq!(Model::load(path).ok(), Some(model));
        }
    });
}

/// A small model by each way to score classes.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    ["classic", "n-way", "groups"].map(small).to_vec()
}

fn small(recipe: &str) -> Vec<u8> {
    let recipe = Recipe { layers: vec![2], ..Recipe::find(recipe).expect("a shipped recipe") };
    let (width, height, classes) = (4, 4, 2);
    let features = recipe.features(&Shape::grey(width, height), classes).expect("more pixels than classes");
    let mut network = HostNetwork::zeroed(features, classes, &recipe);
    ff_core::network::randomise(&mut network, &mut Rng::new(1));
    let about = About {
        format: About::FORMAT,
        dataset: "mnist".to_owned(),
        split: "default".to_owned(),
        data_checksum: None,
        validation: 0,
        seed: 1,
        epochs: 1,
        classes,
        learned_classes: None,
        width,
        height,
        temperatures: Temperatures::default(),
        shape: None,
        maximum: None,
        class_names: Vec::new(),
        validation_part: None,
        own: None,
        recipe,
    };
    Model { network, about }.to_bytes().expect("slices as long as shapes say")
}
