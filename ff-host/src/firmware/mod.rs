//! A trained network as files that firmware includes: a snapshot and Rust source that bakes it, or a header
//! for C.

mod c;
mod refuse;
mod rules;

use askama::Template;
use ff_core::checksum::Crc32;
use ff_core::network::Parameters;
use ff_core::random::Rng;
use ff_core::snapshot::{Export, Meta, Saved};

use crate::network::HostNetwork;
use crate::rule::{Reading, Rule};
use crate::run::{About, Metrics, Model};

pub use c::export_c;
pub use refuse::Unfit;
use rules::Sources;

/// The two files of an exported network.
pub struct Firmware {
    /// A snapshot of ff-core: the weights' own bits.
    pub snapshot: Vec<u8>,
    /// The module that includes the snapshot.
    pub source: String,
}

/// Turns a model into files for firmware. `name` is the module's, `command` what is said to have
/// made them, `maximum` the brightest pixel of the model's images; `metrics` are told in a comment.
///
/// # Errors
/// [`Unfit`] where a device could not run the model.
pub fn export(
    model: &Model,
    metrics: Option<&Metrics>,
    maximum: u8,
    name: &str,
    command: &str,
) -> anyhow::Result<Firmware> {
    refuse::check(model)?;
    let snapshot = snapshot(&model.network, model.about.seed)?;
    let source = Page::new(model, metrics, maximum, name, command, &snapshot).render()?;
    Ok(Firmware { snapshot, source: source + "\n" })
}

/// The data set, and of its classes those that were learned.
fn learned_from(about: &About) -> String {
    match &about.learned_classes {
        Some(classes) => format!("{}, classes {classes} alone,", about.dataset),
        None => about.dataset.clone(),
    }
}

/// The snapshot of one network.
fn snapshot(network: &HostNetwork, seed: u64) -> anyhow::Result<Vec<u8>> {
    let state: [&dyn Saved; 1] = [network];
    let mut export = Export::new(Meta { rng: Rng::new(seed).state(), ..Meta::START }, &state)?;
    let mut bytes = vec![0; export.len()];
    export.read(&mut bytes);
    Ok(bytes)
}

/// What `templates/firmware.rs` shows.
#[derive(Template)]
#[template(path = "firmware.rs", escape = "none")]
struct Page<'a> {
    name: &'a str,
    command: &'a str,
    dataset: String,
    recipe: &'a str,
    rule: &'static str,
    seed: u64,
    epochs: usize,
    results: Vec<String>,
    bytes: usize,
    crc: String,
    network_parts: String,
    shape: String,
    layers: String,
    readout: String,
    entry: &'static str,
    ram: usize,
    classes: usize,
    width: usize,
    height: usize,
    pool: usize,
    maximum: u8,
    learns: bool,
    rule_type: String,
    rule_value: String,
    scratch: String,
    scores_are: &'static str,
    scores_call: String,
    negated: bool,
}

impl<'a> Page<'a> {
    fn new(
        model: &'a Model,
        metrics: Option<&Metrics>,
        maximum: u8,
        name: &'a str,
        command: &'a str,
        snapshot: &[u8],
    ) -> Self {
        let (network, about) = (&model.network, &model.about);
        let Sources { rule, scores_are, scores_call, scratch, negated } = Sources::from_recipe(&about.recipe);
        let learns = rule.is_some();
        let (rule_type, rule_value) = rule.unwrap_or_default();
        let entry = if network.label_slots() > 0 { "LabelInputs" } else { "FeaturesOnly" };
        let units = network.readout.len() / network.classes;
        let readout = if units > 0 { format!("Readout<{units}, CLASSES>") } else { "NoReadout".to_owned() };
        let readout_name = if units > 0 { "Readout" } else { "NoReadout" };
        let mut parts = [entry, "Network", readout_name];
        parts.sort_unstable();
        Self {
            name,
            command,
            dataset: learned_from(about),
            recipe: &about.recipe.name,
            rule: about.recipe.rule.name(),
            seed: about.seed,
            epochs: about.epochs,
            results: metrics.map(|metrics| results(metrics, &about.recipe.rule)).unwrap_or_default(),
            bytes: snapshot.len(),
            crc: format!("{:08x}", checksum(snapshot)),
            network_parts: parts.join(", "),
            shape: shape(network),
            layers: layers(network),
            readout,
            entry,
            ram: 4 * network.parameters(),
            classes: network.classes,
            width: about.width,
            height: about.height,
            pool: about.recipe.pool,
            maximum,
            learns,
            rule_type,
            rule_value,
            scratch,
            scores_are,
            scores_call,
            negated,
        }
    }
}

/// The snapshot's last word: the checksum of all before.
fn checksum(snapshot: &[u8]) -> u32 {
    let mut crc = Crc32::new();
    crc.bytes(snapshot.split_at(snapshot.len() - ff_core::snapshot::TRAILER_BYTES).0);
    crc.value()
}

/// What the run's test found, a line each.
fn results(metrics: &Metrics, rule: &Rule) -> Vec<String> {
    let Some(test) = &metrics.test else { return vec!["Not tested.".to_owned()] };
    let readings = [(Reading::Goodness, test.errors_goodness), (Reading::Readout, test.errors_readout)];
    let line = |(way, errors): (Reading, Option<usize>)| {
        Some(format!("Test: {} of {} wrong by {}.", errors?, test.images, rule.reading_name(way)))
    };
    readings.into_iter().filter_map(line).collect()
}

/// `10 label slots and 64 features, then 32 and 32 units`.
fn shape(network: &HostNetwork) -> String {
    let widths: Vec<_> = network.layers.iter().map(|layer| layer.shape.outputs.to_string()).collect();
    let slots = match network.label_slots() {
        0 => String::new(),
        slots => format!("{slots} label slots and "),
    };
    format!("{slots}{} features, then {} units", network.features(), widths.join(" and "))
}

fn layers(network: &HostNetwork) -> String {
    let layers = network.layers.iter().map(|layer| format!("Layer<{}, {}>", layer.shape.inputs, layer.shape.outputs));
    layers.collect::<Vec<_>>().join(", ")
}
