//! Do maps hang on what was learned? Layers are drawn anew, and the maps must change.

use ff_core::classify;
use ff_core::error::Error;
use ff_core::random::Rng;
use ff_core::saliency::{Against, ExpectedDelta, Question, Saliency, Score, Target};
use serde::Serialize;

use super::measure::EvalSet;
use super::methods::{Aim, Kind, Method};
use super::similarity::on_ink;
use super::{Case, ForwardForward, Subject};
use ff_host::kernel::HostKernel;
use ff_host::network::HostNetwork;
use ff_host::recipe::Recipe;

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
    /// The mean structural similarity (SSIM) of windows around pixels with ink, likewise.
    pub ssim: Vec<f64>,
    /// Whether the last correlation is below [`DIFFERENT`].
    pub passes: bool,
}

/// How alike the maps of the predicted label and of the runner-up are.
#[derive(Clone, Debug, Serialize)]
pub struct Overlap {
    /// The method, and what each of the two labels is compared with.
    pub method: String,
    /// The mean rank correlation over the pixels with ink.
    pub correlation: f64,
    /// The mean structural similarity.
    pub ssim: f64,
}

/// The result of all checks.
#[derive(Clone, Debug, Serialize)]
pub struct Sanity {
    /// Images asked about.
    pub images: usize,
    /// Every method under every change.
    pub checks: Vec<Check>,
    /// Every method with every target of its own: a map that hardly changes with the label explains the
    /// image, not the answer. No limit is known for it.
    pub overlaps: Vec<Overlap>,
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
    set: &EvalSet,
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
    let labels = set
        .images
        .iter()
        .map(|image| Ok(classify::best_two(&asked.scores(image)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut checks = Vec::new();
    let mut overlaps = Vec::new();
    let map =
        |network: &HostNetwork, labels: &[[u8; 2]], method| maps(network, recipe, set, labels, method, threads, seed);
    for kind in Kind::SHIPPED {
        let method = Method { kind, aim: Some(Aim::Mean) };
        let Some(own) = map(network, &labels, method)? else { continue };
        for (change, networks) in &changes {
            let (mut correlation, mut ssim) = (Vec::new(), Vec::new());
            for other in networks {
                let Some(other) = map(other, &labels, method)? else { continue };
                let [rank, structure] = alike(&own, &other, set);
                correlation.push(rank);
                ssim.push(structure);
            }
            let passes = correlation.last().is_some_and(|last| last.abs() < DIFFERENT);
            checks.push(Check { change: (*change).to_owned(), method: method.name(), correlation, ssim, passes });
        }
        let swapped: Vec<_> = labels.iter().map(|&[first, second]| [second, first]).collect();
        for aim in [Aim::Mean, Aim::Alone] {
            let method = Method { kind, aim: Some(aim) };
            let (own, other) = (map(network, &labels, method)?, map(network, &swapped, method)?);
            let (Some(own), Some(other)) = (own, other) else { continue };
            let [correlation, ssim] = alike(&own, &other, set);
            overlaps.push(Overlap { method: method.name(), correlation, ssim });
        }
    }
    let lower_maps_keep_their_bits = keep_bits(network, &fresh, recipe, set, &labels)?;
    Ok(Sanity { images: set.images.len(), checks, overlaps, lower_maps_keep_their_bits })
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
    set: &EvalSet,
    labels: &[[u8; 2]],
    method: Method,
    threads: usize,
    seed: u64,
) -> anyhow::Result<Option<Vec<Vec<f32>>>> {
    let mut subject = ForwardForward::new(network, recipe, threads);
    let mut maps = Vec::new();
    for (image, &labels) in set.images.iter().zip(labels) {
        match subject.map(method, &Case { image, width: set.width, labels, seed })? {
            Some(told) => maps.push(told.map),
            None => return Ok(None),
        }
    }
    Ok(Some(maps))
}

/// The mean rank correlation and structural similarity of two maps of every image.
fn alike(a: &[Vec<f32>], b: &[Vec<f32>], set: &EvalSet) -> [f64; 2] {
    let pairs = a.iter().zip(b).zip(&set.images);
    let all: Vec<[f64; 2]> = pairs.filter_map(|((a, b), image)| on_ink(a, b, image, set.width)).collect();
    [0, 1].map(|which| all.iter().map(|both| both[which]).sum::<f64>() / all.len().max(1) as f64)
}

fn keep_bits(
    network: &HostNetwork,
    fresh: &HostNetwork,
    recipe: &Recipe,
    set: &EvalSet,
    labels: &[[u8; 2]],
) -> Result<bool, Error> {
    for l in 0..network.layers.len() {
        let changed = mixed(network, fresh, |layer| layer > l);
        let score = recipe.rule.layer_score(l);
        for (image, labels) in set.images.iter().zip(labels).take(5) {
            let target = Target { label: labels[0], against: Against::MeanOfOthers };
            let map = |network: &HostNetwork| -> Result<Vec<u32>, Error> {
                let mut scratch = vec![0.0; ExpectedDelta.floats(&network.shapes(), network.classes, network.classes)];
                let mut map = vec![0.0; image.len()];
                let baseline = &network.usual_baseline(image)?;
                let question = Question { network, sample: image, baseline, score, target };
                ExpectedDelta.map(&question, &mut scratch, &mut HostKernel::new(1), &mut map)?;
                Ok(map.into_iter().map(f32::to_bits).collect())
            };
            if recipe.explained_score() != Score::Logits && map(network)? != map(&changed)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
