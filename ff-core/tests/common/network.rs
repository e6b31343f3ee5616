//! A network whose widths are values, as a host owns it: tests can loop over shapes.

use super::bits;
use ff_core::layer::{LayerMut, LayerRef, Shape};
use ff_core::network::Parameters;
use ff_core::random::Rng;

/// One layer's parameters on the heap.
#[derive(Clone)]
pub struct OwnedLayer {
    pub shape: Shape,
    pub weights: Vec<f32>,
    pub biases: Vec<f32>,
}

/// Layers and a readout (empty for none) on the heap.
#[derive(Clone)]
pub struct HeapNetwork {
    pub classes: usize,
    /// One label input a class, or none.
    pub label_slots: usize,
    pub layers: Vec<OwnedLayer>,
    pub readout: Vec<f32>,
}

impl HeapNetwork {
    /// All zeros. `units` are the layers' widths; the readout reads the last `read` layers.
    pub fn zeroed(classes: usize, features: usize, units: &[usize], read: usize) -> Self {
        Self::with_slots(classes, classes, features, units, read)
    }

    /// The same without label inputs, as one-pass rules take it.
    pub fn features_only(classes: usize, features: usize, units: &[usize], read: usize) -> Self {
        Self::with_slots(classes, 0, features, units, read)
    }

    fn with_slots(classes: usize, label_slots: usize, features: usize, units: &[usize], read: usize) -> Self {
        let mut inputs = label_slots + features;
        let layer = |&outputs: &usize| {
            let shape = Shape { inputs, outputs };
            inputs = outputs;
            OwnedLayer { shape, weights: vec![0.0; shape.weights()], biases: vec![0.0; outputs] }
        };
        let layers = units.iter().map(layer).collect();
        let readout = vec![0.0; classes * units.iter().rev().take(read).sum::<usize>()];
        Self { classes, label_slots, layers, readout }
    }

    /// Everything random, biases and readout too, so that no term of a step is zero by chance.
    pub fn random(mut self, rng: &mut Rng) -> Self {
        for layer in &mut self.layers {
            let scale = 1.0 / (layer.shape.inputs as f32).sqrt();
            layer.weights.iter_mut().for_each(|w| *w = scale * rng.normal());
            layer.biases.iter_mut().for_each(|b| *b = 0.3 * rng.normal());
        }
        self.readout.iter_mut().for_each(|w| *w = 0.4 * rng.normal());
        self
    }

    pub fn shapes(&self) -> Vec<Shape> {
        self.layers.iter().map(|layer| layer.shape).collect()
    }

    pub fn features(&self) -> usize {
        self.layers[0].shape.inputs - self.label_slots
    }

    /// The sum of all layers' widths.
    pub fn units(&self) -> usize {
        self.layers.iter().map(|layer| layer.shape.outputs).sum()
    }

    /// The first layer that the readout reads.
    pub fn readout_from(&self) -> usize {
        let (mut from, mut left) = (self.layers.len(), self.readout.len());
        while left > 0 {
            from -= 1;
            left -= self.classes * self.layers[from].shape.outputs;
        }
        from
    }

    /// All parameters, block by block, each with its name.
    pub fn blocks(&self) -> Vec<(String, &[f32])> {
        let mut blocks = Vec::new();
        for (l, layer) in self.layers.iter().enumerate() {
            blocks.push((format!("weights {l}"), &layer.weights[..]));
            blocks.push((format!("biases {l}"), &layer.biases[..]));
        }
        blocks.push(("readout".into(), &self.readout[..]));
        blocks
    }

    pub fn bits(&self) -> Vec<u32> {
        self.blocks().into_iter().flat_map(|(_, block)| bits(block)).collect()
    }
}

impl Parameters for HeapNetwork {
    type Views<'a> = Vec<LayerRef<'a>>;
    type ViewsMut<'a> = Vec<LayerMut<'a>>;

    fn classes(&self) -> usize {
        self.classes
    }

    fn label_slots(&self) -> usize {
        self.label_slots
    }

    fn views(&self) -> (Self::Views<'_>, &[f32]) {
        let layers = self.layers.iter();
        let views = layers.map(|l| LayerRef { shape: l.shape, weights: &l.weights, biases: &l.biases });
        (views.collect(), &self.readout)
    }

    fn views_mut(&mut self) -> (Self::ViewsMut<'_>, &mut [f32]) {
        let layers = self.layers.iter_mut();
        let views = layers.map(|l| LayerMut { shape: l.shape, weights: &mut l.weights, biases: &mut l.biases });
        (views.collect(), &mut self.readout)
    }
}
