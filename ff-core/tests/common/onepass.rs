//! One-pass rules written down again, plainly and in f64: the scores of each head, a layer's loss,
//! and what descent along its numeric gradient moves.

use ff_core::onepass::{Head, LabelGroups, LocalCrossEntropy, NWay};

use super::network::{HeapNetwork, OwnedLayer};
use super::reference::normalised;
use super::state::Samples;
use super::{assert_close, wide};

/// How many classes the networks of these tests tell apart.
pub const CLASSES: usize = 3;

/// How many samples their batches have.
pub const SAMPLES: usize = 5;

/// A head with its scores written down again, plainly and in f64.
pub trait Reference: Head + Copy {
    const NAME: &'static str;
    /// The score of each class from z, given the label rows.
    fn reference(&self, z: &[f64], labels: &[Vec<f64>]) -> Vec<f64>;
}

fn relu(z: f64) -> f64 {
    z.max(0.0)
}

impl Reference for NWay {
    const NAME: &'static str = "n-way";
    fn reference(&self, z: &[f64], labels: &[Vec<f64>]) -> Vec<f64> {
        let t = f64::from(self.temperature) * (z.len() as f64).sqrt();
        labels.iter().map(|u| z.iter().zip(u).map(|(z, u)| relu(z + u).powi(2)).sum::<f64>() / t).collect()
    }
}

impl Reference for LabelGroups {
    const NAME: &'static str = "groups";
    fn reference(&self, z: &[f64], _: &[Vec<f64>]) -> Vec<f64> {
        let mut scores = vec![0.0; CLASSES];
        let units = z.len();
        for (j, z) in z.iter().enumerate() {
            scores[j * CLASSES / units] += relu(*z).powi(2) / f64::from(self.temperature);
        }
        scores
    }
}

impl Reference for LocalCrossEntropy {
    const NAME: &'static str = "local cross-entropy";
    fn reference(&self, z: &[f64], labels: &[Vec<f64>]) -> Vec<f64> {
        labels.iter().map(|m| z.iter().zip(m).map(|(z, m)| relu(*z) * m).sum()).collect()
    }
}

/// One layer in f64.
#[derive(Clone)]
pub struct Layer {
    pub weights: Vec<f64>,
    pub biases: Vec<f64>,
    pub labels: Vec<f64>,
}

impl Layer {
    /// `x w + b`.
    pub fn affine(&self, x: &[f64]) -> Vec<f64> {
        let units = self.biases.len();
        let sum = |j: usize| x.iter().enumerate().map(|(i, x)| x * self.weights[i * units + j]).sum::<f64>();
        (0..units).map(|j| sum(j) + self.biases[j]).collect()
    }

    /// The label rows.
    pub fn rows(&self) -> Vec<Vec<f64>> {
        self.labels.chunks(self.biases.len()).map(<[f64]>::to_vec).collect()
    }

    /// The mean cross-entropy of the softmax of its scores, of the truth a part shared among all labels.
    fn loss<H: Reference>(&self, head: &H, inputs: &[Vec<f64>], labels: &[u8], smoothing: f64) -> f64 {
        let loss = |(x, label): (&Vec<f64>, &u8)| {
            let scores = head.reference(&self.affine(x), &self.rows());
            let mean = scores.iter().sum::<f64>() / scores.len() as f64;
            let wanted = (1.0 - smoothing) * scores[usize::from(*label)] + smoothing * mean;
            scores.iter().map(|s| s.exp()).sum::<f64>().ln() - wanted
        };
        inputs.iter().zip(labels).map(loss).sum::<f64>() / labels.len() as f64
    }
}

/// Each layer of a network with the inputs that it sees.
pub fn layers(network: &HeapNetwork, samples: &Samples) -> Vec<(Layer, Vec<Vec<f64>>)> {
    let mut inputs: Vec<Vec<f64>> = (0..SAMPLES).map(|b| normalised(&wide(samples.image(b)))).collect();
    let mut labels = wide(&network.readout);
    let layer = |layer: &OwnedLayer| {
        let own = if labels.is_empty() { Vec::new() } else { labels.drain(..CLASSES * layer.biases.len()).collect() };
        let layer = Layer { weights: wide(&layer.weights), biases: wide(&layer.biases), labels: own };
        let next = |x: &Vec<f64>| normalised(&layer.affine(x).into_iter().map(relu).collect::<Vec<_>>());
        let next = inputs.iter().map(next).collect();
        let seen = std::mem::replace(&mut inputs, next);
        (layer, seen)
    };
    network.layers.iter().map(layer).collect()
}

/// What descent along the numeric gradient of each layer's loss would move, over the head's scale.
pub fn expected_moves<H: Reference>(head: &H, network: &HeapNetwork, samples: &Samples) -> Vec<Layer> {
    smoothed_moves(head, network, samples, 0.0)
}

/// The same with smoothed labels.
pub fn smoothed_moves<H: Reference>(head: &H, network: &HeapNetwork, samples: &Samples, smoothing: f64) -> Vec<Layer> {
    let moves = |(layer, inputs): &(Layer, Vec<Vec<f64>>)| {
        let scale = -1.0 / f64::from(head.scale(layer.biases.len()));
        let along = |values: &[f64], put: &dyn Fn(&mut Layer, Vec<f64>)| {
            const STEP: f64 = 1e-5;
            let loss = |moved: Vec<f64>| {
                let mut layer = layer.clone();
                put(&mut layer, moved);
                layer.loss(head, inputs, &samples.labels, smoothing)
            };
            let shifted = |i: usize, by: f64| {
                let mut moved = values.to_vec();
                moved[i] += by;
                loss(moved)
            };
            let slope = |i: usize| (shifted(i, STEP) - shifted(i, -STEP)) / (2.0 * STEP);
            (0..values.len()).map(|i| scale * slope(i)).collect::<Vec<_>>()
        };
        Layer {
            weights: along(&layer.weights, &|layer, moved| layer.weights = moved),
            biases: along(&layer.biases, &|layer, moved| layer.biases = moved),
            labels: along(&layer.labels, &|layer, moved| layer.labels = moved),
        }
    };
    layers(network, samples).iter().map(moves).collect()
}

/// What a step moved each layer by.
pub fn moves(before: &HeapNetwork, after: &HeapNetwork) -> Vec<Layer> {
    let difference = |after: &[f32], before: &[f32]| -> Vec<f64> {
        wide(after).iter().zip(wide(before)).map(|(a, b)| a - b).collect()
    };
    let mut labels = difference(&after.readout, &before.readout);
    let pairs = before.layers.iter().zip(&after.layers);
    let layer = |(before, after): (&OwnedLayer, &OwnedLayer)| Layer {
        weights: difference(&after.weights, &before.weights),
        biases: difference(&after.biases, &before.biases),
        labels: if labels.is_empty() { Vec::new() } else { labels.drain(..CLASSES * before.biases.len()).collect() },
    };
    pairs.map(layer).collect()
}

/// Asserts that every layer moved as expected, and moved at all.
///
/// # Panics
/// Where one did not.
pub fn check_moves(what: &str, found: &[Layer], expected: &[Layer]) {
    for (l, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_close(&format!("{what}: weights {l}"), &found.weights, &expected.weights, 2e-5);
        assert_close(&format!("{what}: biases {l}"), &found.biases, &expected.biases, 2e-5);
        assert_close(&format!("{what}: label rows {l}"), &found.labels, &expected.labels, 2e-5);
        assert!(expected.weights.iter().any(|w| w.abs() > 1e-4), "{what}: layer {l} does not move at all");
    }
}
