//! A trained network as a header for programs in C: a snapshot, and what begins a network with it.

use askama::Template;
use ff_core::onepass::SKIP_ERROR_BELOW;

use crate::network::HostNetwork;
use crate::recipe::{Recipe, RuleOptions};
use crate::rule::Source;
use crate::run::Model;

use super::{Unfit, learned_from, refuse, shape, snapshot};

/// Turns a model into a header. `name` begins all names in it, `command` is what is said to have made it,
/// `maximum` the brightest pixel of the model's images.
///
/// # Errors
/// [`Unfit`] where a device could not run the model, or the library has not its rule.
pub fn export_c(model: &Model, maximum: u8, name: &str, command: &str) -> anyhow::Result<String> {
    refuse::check(model)?;
    let (network, about) = (&model.network, &model.about);
    let RuleOptions { threshold, temperature, label_smoothing, skip_error_below, .. } = about.recipe.rule.options();
    let rule = rule(&about.recipe).ok_or(Unfit::NotInC)?;
    let temperature = temperature.unwrap_or(0.0);
    let header = Header {
        name,
        upper: name.to_uppercase(),
        command,
        dataset: learned_from(about),
        recipe: &about.recipe.name,
        rule,
        shape: shape(network),
        features: network.features(),
        classes: network.classes,
        widths: network.layers.iter().map(|layer| layer.shape.outputs).collect(),
        read_layers: if network.label_slots > 0 { read_layers(network) } else { 0 },
        floats: floats(network),
        first_scored_layer: about.recipe.scored().from,
        threshold: threshold.unwrap_or(0.0),
        temperature: if rule == "FF_SYMBA" { 1.0 / temperature } else { temperature },
        label_smoothing: label_smoothing.unwrap_or(0.0),
        skip_error_below: skip_error_below.unwrap_or(0.0).max(SKIP_ERROR_BELOW),
        snapshot: snapshot(network, about.seed)?,
        width: about.width,
        height: about.height,
        pool: about.recipe.pool,
        maximum,
    };
    Ok(header.render()? + "\n")
}

/// What `templates/firmware.h` shows.
#[derive(Template)]
#[template(path = "firmware.h", escape = "none")]
struct Header<'a> {
    name: &'a str,
    upper: String,
    command: &'a str,
    dataset: String,
    recipe: &'a str,
    rule: &'static str,
    shape: String,
    features: usize,
    classes: usize,
    widths: Vec<usize>,
    read_layers: usize,
    floats: String,
    first_scored_layer: usize,
    threshold: f32,
    temperature: f32,
    label_smoothing: f32,
    skip_error_below: f32,
    snapshot: Vec<u8>,
    width: usize,
    height: usize,
    pool: usize,
    maximum: u8,
}

/// The library's name of a rule by which single samples are learned.
fn rule(recipe: &Recipe) -> Option<&'static str> {
    match recipe.rule.source() {
        Source::Objective("Logistic", _) => Some("FF_CLASSIC"),
        Source::Objective("MeanSquare", _) => Some("FF_MEAN_SQUARE"),
        Source::Objective("SymBa", _) => Some("FF_SYMBA"),
        Source::Objective(..) => Some("FF_MINIMISED"),
        Source::Head("NWay", _) => Some("FF_N_WAY"),
        Source::Head("LabelGroups", _) => Some("FF_LABEL_GROUPS"),
        Source::Head(..) => Some("FF_LOCAL_CROSS_ENTROPY"),
        Source::None => None,
    }
}

/// How many of the last layers the readout reads.
fn read_layers(network: &HostNetwork) -> usize {
    let mut left = network.readout.len() / network.classes;
    let read = network.layers.iter().rev().take_while(|layer| {
        let reads = left > 0;
        left = left.saturating_sub(layer.shape.outputs);
        reads
    });
    read.count()
}

/// The memory that it takes, as a constant of C's.
fn floats(network: &HostNetwork) -> String {
    let layers = network.layers.iter().map(|layer| layer.shape);
    let widest = layers.clone().map(|shape| shape.outputs).max().unwrap_or(0);
    let own: Vec<_> = layers.map(|shape| format!("FF_LAYER({}, {})", shape.inputs, shape.outputs)).collect();
    let (depth, classes) = (network.layers.len(), network.classes);
    format!("{} + {} + FF_SCRATCH({classes}, {depth}, {widest}, 1)", own.join(" + "), network.readout.len())
}
