//! Networks as graphs of an autograd library: a Forward-Forward network's scores, equal to ff-core's
//! (a test compares them), and the backprop baseline's logits.

use candle_core::{Device, Result, Tensor};
use ff_core::activity::EPSILON;
use ff_core::label::SLOT;

use super::autograd::{Graph, Way, comparator};
use super::methods::{Kind, Method};
use super::{Attribution, Case, Subject};
use ff_host::files;
use ff_host::network::HostNetwork;
use ff_host::recipe::Recipe;
use ff_host::rule::Rule;

/// What keeps relevance from being divided by almost nothing.
const LRP_EPSILON: f64 = 0.01;

/// Weights and biases.
struct Affine {
    weights: Tensor,
    biases: Tensor,
}

impl Affine {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.matmul(&self.weights)?.broadcast_add(&self.biases)
    }
}

/// ReLU; with `propagate` a multiplication with `relu(z) / (z +- epsilon)`, which is a constant.
fn relu(z: &Tensor, propagate: bool) -> Result<Tensor> {
    if !propagate {
        return z.relu();
    }
    let on = z.relu()?.detach();
    z * (&on / (&on + LRP_EPSILON)?)?
}

/// x or, with `propagate`, x as a constant.
fn constant(x: &Tensor, propagate: bool) -> Tensor {
    if propagate { x.detach() } else { x.clone() }
}

/// x over its root mean square.
fn normalised(x: &Tensor, propagate: bool) -> Result<Tensor> {
    let length = (x.sqr()?.mean_keepdim(1)?.sqrt()? + f64::from(EPSILON))?;
    x.broadcast_div(&constant(&length, propagate))
}

/// The scores of a Forward-Forward network.
pub struct FfGraph {
    layers: Vec<Affine>,
    /// The first layer's label rows, classes x units, for rules whose label is an input.
    slots: Option<Tensor>,
    /// Every layer's label rows, classes x units, for one-pass rules that have them.
    labels: Vec<Tensor>,
    recipe: Recipe,
    classes: usize,
    features: usize,
    /// Multiply-adds of the first layer, and of those above.
    weights: [f64; 2],
}

impl FfGraph {
    /// Of a network that the recipe trained; none where its score is no goodness and no head's.
    ///
    /// # Errors
    /// None that is known of.
    pub fn new(network: &HostNetwork, recipe: &Recipe) -> Result<Option<Self>> {
        if recipe.rule.learns_without_labels() {
            return Ok(None);
        }
        let (classes, device) = (network.classes, &Device::Cpu);
        let mut layers = Vec::new();
        let (mut slots, mut labels, mut start) = (None, Vec::new(), 0);
        for layer in &network.layers {
            let units = layer.shape.outputs;
            let skip = if layers.is_empty() { network.label_slots } else { 0 };
            let (own, weights) = layer.weights.split_at(skip * units);
            if skip > 0 {
                slots = Some(Tensor::from_slice(own, (skip, units), device)?);
            }
            let weights = Tensor::from_slice(weights, (layer.shape.inputs - skip, units), device)?;
            layers.push(Affine { weights, biases: Tensor::from_slice(&layer.biases, units, device)? });
            if recipe.rule.has_label_rows() {
                let rows = &network.readout[start..start + classes * units];
                labels.push(Tensor::from_slice(rows, (classes, units), device)?);
                start += classes * units;
            }
        }
        let weights: Vec<f64> = network.layers.iter().map(|layer| layer.shape.weights() as f64).collect();
        let weights = [weights[0], weights[1..].iter().sum()];
        let features = network.features();
        Ok(Some(Self { layers, slots, labels, recipe: recipe.clone(), classes, features, weights }))
    }

    /// What a layer gives every class, from its units before (`z`) and after the ReLU (`h`).
    fn own(&self, l: usize, z: &Tensor, h: &Tensor, propagate: bool) -> Result<Tensor> {
        let (rows, units) = z.dims2()?;
        let square = |h: &Tensor| h * constant(h, propagate);
        match self.recipe.rule {
            Rule::LocalCrossEntropy { .. } => h.matmul(&self.labels[l].t()?),
            Rule::Groups { temperature, .. } => {
                let sums = (0..self.classes).map(|y| {
                    let [from, to] = [y, y + 1].map(|y| (y * units).div_ceil(self.classes));
                    square(h)?.narrow(1, from, to - from)?.sum_keepdim(1)
                });
                Tensor::cat(&sums.collect::<Result<Vec<_>>>()?, 1)? / f64::from(temperature)
            }
            Rule::NWay { temperature, .. } => {
                let lifted =
                    z.reshape((rows, 1, units))?.broadcast_add(&self.labels[l].reshape((1, self.classes, units))?)?;
                square(&relu(&lifted, propagate)?)?.sum(2)? / (f64::from(temperature) * (units as f64).sqrt())
            }
            _ => square(h)?.sum(1)?.reshape((rows / self.classes, self.classes)),
        }
    }
}

impl Graph for FfGraph {
    fn scores(&self, rows: &Tensor, way: Way) -> Result<Tensor> {
        let propagate = way == Way::Propagate;
        let count = rows.dim(0)?;
        let slot = if self.slots.is_some() { f64::from(SLOT) } else { 0.0 };
        let width = self.features + if self.slots.is_some() { self.classes } else { 0 };
        let squares = match way {
            Way::Length(squares) => (rows.sum_keepdim(1)?.zeros_like()? + squares)?,
            _ => rows.sqr()?.sum_keepdim(1)?,
        };
        // Of the image with the label's slot, which is normalised with it.
        let length = (((squares + slot * slot)? / width as f64)?.sqrt()? + f64::from(EPSILON))?;
        let length = constant(&length, propagate);
        let mut x = rows.broadcast_div(&length)?;
        let from = self.recipe.scored().from.min(self.layers.len() - 1);
        let mut scores: Option<Tensor> = None;
        for (l, layer) in self.layers.iter().enumerate() {
            let mut z = layer.forward(&x)?;
            if let Some(slots) = self.slots.as_ref().filter(|_| l == 0) {
                let inverse = length.recip()?.reshape((count, 1, 1))?;
                let units = z.dim(1)?;
                let sent = slots.reshape((1, self.classes, units))?.broadcast_mul(&inverse)?;
                z = z.reshape((count, 1, units))?.broadcast_add(&sent)?.reshape((count * self.classes, units))?;
            }
            let h = relu(&z, propagate)?;
            if l >= from {
                let own = self.own(l, &z, &h, propagate)?;
                scores = Some(match scores {
                    Some(sum) => (sum + own)?,
                    None => own,
                });
            }
            x = normalised(&h, propagate)?;
        }
        let scores = scores.ok_or_else(|| candle_core::Error::Msg("no layer is scored".to_owned()))?;
        scores * f64::from(self.recipe.rule.sign())
    }

    fn cost(&self, labels: usize) -> f64 {
        let rows = if self.slots.is_some() { labels as f64 } else { 1.0 };
        self.weights[0] + rows * self.weights[1]
    }

    fn classes(&self) -> usize {
        self.classes
    }
}

/// The backprop baseline: its logits.
pub struct MlpGraph {
    layers: Vec<Affine>,
}

impl MlpGraph {
    /// From the file that `ff-lab baseline` leaves.
    ///
    /// # Errors
    /// A file that cannot be read or holds no such layers.
    pub fn load(path: &std::path::Path) -> Result<Self> {
        let mut tensors = candle_core::safetensors::load_buffer(&files::bytes(path, files::MODEL)?, &Device::Cpu)?;
        let mut layers = Vec::new();
        while let Some(weights) = tensors.remove(&format!("layer{}.weights", layers.len())) {
            let name = format!("layer{}.biases", layers.len());
            let biases = tensors.remove(&name).ok_or_else(|| candle_core::Error::Msg(format!("no {name}")))?;
            layers.push(Affine { weights, biases });
        }
        if layers.is_empty() {
            return Err(candle_core::Error::Msg("no layer in the file".to_owned()));
        }
        Ok(Self { layers })
    }
}

impl Graph for MlpGraph {
    fn scores(&self, rows: &Tensor, way: Way) -> Result<Tensor> {
        let propagate = way == Way::Propagate;
        let mut x = rows.clone();
        for (l, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x)?;
            if l + 1 < self.layers.len() {
                x = relu(&x, propagate)?;
            }
        }
        Ok(x)
    }

    fn cost(&self, _: usize) -> f64 {
        self.layers.iter().map(|layer| layer.weights.elem_count() as f64).sum()
    }

    fn classes(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.biases.elem_count())
    }
}

impl Subject for MlpGraph {
    fn scores(&mut self, rows: &[f32]) -> anyhow::Result<Vec<f32>> {
        let features = self.layers[0].weights.dim(0)?;
        let mut scores = Vec::new();
        for some in rows.chunks(features * 500) {
            let x = Tensor::from_slice(some, (some.len() / features, features), &Device::Cpu)?;
            scores.extend(Graph::scores(self, &x, Way::Exact)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(scores)
    }

    fn kinds(&self) -> Vec<Kind> {
        // Without a normalisation there is no length to hold, and without label inputs no faint baseline.
        let foreign = [Kind::IntegratedHeld, Kind::IntegratedFaint];
        Kind::COMPARATORS.into_iter().filter(|kind| !foreign.contains(kind)).collect()
    }

    fn pass(&self) -> f64 {
        self.cost(1)
    }

    fn map(&mut self, method: Method, case: &Case<'_>) -> anyhow::Result<Option<Attribution>> {
        comparator(self, &[], method, case)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saliency_eval::ForwardForward;
    use ff_core::random::Rng;
    use ff_host::recipe::Recipe;

    #[test]
    fn the_graph_gives_the_scores_of_the_core() {
        for name in ["classic", "n-way", "groups", "fast"] {
            let recipe = Recipe { layers: vec![40, 30, 20], ..Recipe::find(name).unwrap() };
            let mut network = HostNetwork::zeroed(25, 10, &recipe);
            let mut rng = Rng::new(1);
            recipe.randomise(&mut network, &mut rng);
            let rows: Vec<f32> = (0..3 * 25).map(|_| rng.unit()).collect();
            let expected = ForwardForward::new(&network, &recipe, 1).scores(&rows).unwrap();
            let graph = FfGraph::new(&network, &recipe).unwrap().unwrap();
            let x = Tensor::from_slice(&rows, (3, 25), &Device::Cpu).unwrap();
            let found = Graph::scores(&graph, &x, Way::Exact).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let size = expected.iter().fold(0.0_f32, |size, s| size.max(s.abs()));
            for (a, b) in found.iter().zip(&expected) {
                assert!((a - b).abs() < 1e-4 * size, "{name}: {found:?} {expected:?}");
            }
        }
    }
}
