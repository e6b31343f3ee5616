//! Do maps hang on what was learned? Layers are drawn anew, and the maps must change.

use ff_core::classify;
use ff_core::error::Error;
use ff_core::random::Rng;
use ff_core::saliency::{Against, GoodnessDelta, Question, Saliency, Target};
use serde::Serialize;

use super::measure::Scene;
use super::methods::{self, Aim, Kind, Method};
use super::{Case, ForwardForward, Subject};
use crate::kernel::HostKernel;
use crate::network::HostNetwork;
use crate::recipe::Recipe;

/// Below this a map counts as another one.
pub const DIFFERENT: f64 = 0.3;

/// How alike the maps of a network and of a changed one are.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What was drawn anew.
    pub change: String,
    /// The method.
    pub method: String,
    /// The mean rank correlation (Spearman) over the pixels with ink, after each layer of a cascade.
    pub correlation: Vec<f64>,
    /// Whether the last is below [`DIFFERENT`].
    pub passes: bool,
}

/// The result of all checks.
#[derive(Clone, Debug, Serialize)]
pub struct Sanity {
    /// Images asked about.
    pub images: usize,
    /// Every method under every change.
    pub checks: Vec<Check>,
    /// Whether a layer's map keeps its bits when the layers above it are drawn anew.
    pub lower_maps_keep_their_bits: bool,
}

/// Carries the checks out.
///
/// # Errors
/// What ff-core refuses.
pub fn check(
    network: &HostNetwork,
    recipe: &Recipe,
    scene: &Scene,
    threads: usize,
    seed: u64,
) -> anyhow::Result<Sanity> {
    let mut fresh = network.clone();
    recipe.randomise(&mut fresh, &mut Rng::new(seed ^ 0x5eed));
    redraw_readout(recipe, &mut fresh, seed);
    let depth = network.layers.len();
    let top_down: Vec<_> = (0..depth).rev().map(|from| mixed(network, &fresh, |l| l >= from)).collect();
    let bottom_up: Vec<_> = (0..depth).map(|to| mixed(network, &fresh, |l| l <= to)).collect();
    let mut changes = vec![("layers from the top", top_down), ("layers from the bottom", bottom_up)];
    if let Some(labels) = other_labels(network, &fresh) {
        changes.push(("label weights alone", vec![labels]));
    }
    let mut asked = ForwardForward::new(network, recipe, threads);
    let labels = scene
        .images
        .iter()
        .map(|image| Ok(classify::best_two(&asked.scores(image)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut checks = Vec::new();
    for kind in Kind::SHIPPED {
        let method = Method { kind, aim: Some(Aim::Mean) };
        let Some(own) = maps(network, recipe, scene, &labels, method, threads, seed)? else { continue };
        for (change, networks) in &changes {
            let mut correlation = Vec::new();
            for other in networks {
                let other = maps(other, recipe, scene, &labels, method, threads, seed)?.unwrap_or_default();
                let pairs = own.iter().zip(&other).zip(&scene.images);
                let all: Vec<f64> = pairs.filter_map(|((a, b), image)| on_ink(a, b, image)).collect();
                correlation.push(all.iter().sum::<f64>() / all.len().max(1) as f64);
            }
            let passes = correlation.last().is_some_and(|last| last.abs() < DIFFERENT);
            checks.push(Check { change: (*change).to_owned(), method: method.name(), correlation, passes });
        }
    }
    let lower_maps_keep_their_bits = keep_bits(network, &fresh, recipe, scene, &labels)?;
    Ok(Sanity { images: scene.images.len(), checks, lower_maps_keep_their_bits })
}

/// A readout begins at zero, which says nothing; here it is drawn.
fn redraw_readout(recipe: &Recipe, fresh: &mut HostNetwork, seed: u64) {
    if !recipe.rule.has_label_rows() {
        let mut rng = Rng::new(!seed);
        fresh.readout.iter_mut().for_each(|w| *w = rng.normal());
    }
}

/// The network with some layers, and their part of the readout, of the fresh one.
fn mixed(network: &HostNetwork, fresh: &HostNetwork, new: impl Fn(usize) -> bool) -> HostNetwork {
    let mut mixed = network.clone();
    let units: usize = network.layers.iter().map(|layer| layer.shape.outputs).sum();
    let read = network.readout.len() / network.classes;
    let mut start: isize = read as isize - units as isize;
    for (l, layer) in mixed.layers.iter_mut().enumerate() {
        let end = start + layer.shape.outputs as isize;
        if new(l) {
            layer.clone_from(&fresh.layers[l]);
            if start >= 0 {
                let rows = start as usize * network.classes..end as usize * network.classes;
                mixed.readout[rows.clone()].copy_from_slice(&fresh.readout[rows]);
            }
        }
        start = end;
    }
    mixed
}

/// The network with other label weights alone; none where labels have no weights of their own.
fn other_labels(network: &HostNetwork, fresh: &HostNetwork) -> Option<HostNetwork> {
    let mut other = network.clone();
    if network.label_slots > 0 {
        let count = network.label_slots * network.layers.first()?.shape.outputs;
        other.layers[0].weights[..count].copy_from_slice(&fresh.layers[0].weights[..count]);
    } else if network.readout.is_empty() {
        return None;
    } else {
        other.readout.clone_from(&fresh.readout);
    }
    Some(other)
}

fn maps(
    network: &HostNetwork,
    recipe: &Recipe,
    scene: &Scene,
    labels: &[[u8; 2]],
    method: Method,
    threads: usize,
    seed: u64,
) -> anyhow::Result<Option<Vec<Vec<f32>>>> {
    let mut subject = ForwardForward::new(network, recipe, threads);
    let mut maps = Vec::new();
    for (image, &labels) in scene.images.iter().zip(labels) {
        match subject.map(method, &Case { image, width: scene.width, labels, seed })? {
            Some(told) => maps.push(told.map),
            None => return Ok(None),
        }
    }
    Ok(Some(maps))
}

/// Elsewhere all maps but noisy ones are 0, and ties would look like agreement.
fn on_ink(a: &[f32], b: &[f32], image: &[f32]) -> Option<f64> {
    let ink = |map: &[f32]| map.iter().zip(image).filter(|(_, x)| **x != 0.0).map(|(m, _)| *m).collect::<Vec<_>>();
    spearman(&ink(a), &ink(b))
}

/// Spearman's rank correlation, ties having their mean rank; none where one side is constant.
#[must_use]
pub fn spearman(a: &[f32], b: &[f32]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let middle = (a.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let size = (product(&a, &a) * product(&b, &b)).sqrt();
    (size > 0.0).then(|| product(&a, &b) / size)
}

fn ranks(values: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    for same in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let below = order.iter().position(|i| *i == same[0]).unwrap_or(0);
        same.iter().for_each(|&i| ranks[i] = below as f64 + (same.len() as f64 + 1.0) / 2.0);
    }
    ranks
}

fn keep_bits(
    network: &HostNetwork,
    fresh: &HostNetwork,
    recipe: &Recipe,
    scene: &Scene,
    labels: &[[u8; 2]],
) -> Result<bool, Error> {
    for l in 0..network.layers.len() {
        let changed = mixed(network, fresh, |layer| layer > l);
        let score = methods::layer_score(recipe, l);
        for (image, labels) in scene.images.iter().zip(labels).take(5) {
            let target = Target { label: labels[0], against: Against::MeanOfOthers };
            let map = |network: &HostNetwork| -> Result<Vec<u32>, Error> {
                let mut scratch = vec![0.0; GoodnessDelta.floats(&network.shapes(), network.classes, network.classes)];
                let mut map = vec![0.0; image.len()];
                let question = Question { network, image, baseline: &[], score, target };
                GoodnessDelta.map(&question, &mut scratch, &mut HostKernel::new(1), &mut map)?;
                Ok(map.into_iter().map(f32::to_bits).collect())
            };
            if recipe.rule != crate::rule::Rule::Unsupervised && map(network)? != map(&changed)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::spearman;

    #[test]
    fn ranks_are_compared_not_values() {
        assert_eq!(spearman(&[1.0, 2.0, 30.0], &[-1.0, 0.0, 0.5]), Some(1.0));
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
        assert_eq!(spearman(&[1.0, 1.0], &[3.0, 2.0]), None);
        // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        assert!((spearman(&[0.0, 1.0, 1.0, 2.0], &[0.0, 1.0, 2.0, 3.0]).unwrap() - 0.948_683).abs() < 1e-5);
    }
}
