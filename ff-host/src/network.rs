//! A network whose widths are known only when the program runs: ff-core's parameters in vectors.

use crate::data::Samples;
use crate::features::{Features, Standard};
use crate::recipe::{Readout, Recipe, Rule, RuleOptions};
use crate::rule::Reading;
use ff_core::error::Error;
use ff_core::layer::{LayerMut, LayerRef, Shape};
use ff_core::memory::Owner;
use ff_core::network::Parameters;
use ff_core::optimiser::Moments;
use ff_core::saliency::usual_baseline;

/// One layer's weights (inputs x outputs) and biases.
#[derive(Clone, Debug, PartialEq)]
pub struct HostLayer {
    /// Its shape.
    pub shape: Shape,
    /// Input-major, `inputs` rows of `outputs`.
    pub weights: Vec<f32>,
    /// One a unit.
    pub biases: Vec<f32>,
}

impl HostLayer {
    fn view(&self) -> LayerRef<'_> {
        LayerRef { shape: self.shape, weights: &self.weights, biases: &self.biases }
    }

    fn view_mut(&mut self) -> LayerMut<'_> {
        LayerMut { shape: self.shape, weights: &mut self.weights, biases: &mut self.biases }
    }
}

/// All memory of a network in training on a host, as the core owns it: vectors, for sizes that are known when
/// the program runs. A second moment that nobody needs is [`HostNetwork::none`].
pub type HostMemory = Owner<HostNetwork, Moments<HostNetwork>, Vec<f32>, Vec<f32>>;

/// A network of any widths: what ff-core's training step and classification work on.
#[derive(Clone, Debug, PartialEq)]
pub struct HostNetwork {
    /// How many classes it tells apart.
    pub classes: usize,
    /// Label inputs before the features: one a class, or none.
    pub label_slots: usize,
    /// From the first to the last.
    pub layers: Vec<HostLayer>,
    /// The readout's weights or, for one-pass rules, the label rows; or nothing.
    pub readout: Vec<f32>,
    /// What is done to features before they are its inputs.
    pub standard: Standard,
}

impl HostNetwork {
    /// All zeros, with what the recipe's rule and readout need.
    #[must_use]
    pub fn zeroed(features: usize, classes: usize, recipe: &Recipe) -> Self {
        let label_slots = recipe.label_slots(classes);
        let layer =
            |shape: Shape| HostLayer { shape, weights: vec![0.0; shape.weights()], biases: vec![0.0; shape.outputs] };
        let layers: Vec<_> = Self::shapes_of(features, classes, recipe).into_iter().map(layer).collect();
        let standard = Standard::zeroed(recipe, features);
        let units: usize = recipe.layers[recipe.read_from()..].iter().sum();
        Self { classes, label_slots, layers, readout: vec![0.0; units * classes], standard }
    }

    /// No layer at all: the place of a moment that is not kept.
    #[must_use]
    pub const fn none() -> Self {
        Self { classes: 0, label_slots: 0, layers: Vec::new(), readout: Vec::new(), standard: Standard::NONE }
    }

    /// The shapes that the layers of [`HostNetwork::zeroed`] would have.
    #[must_use]
    pub fn shapes_of(features: usize, classes: usize, recipe: &Recipe) -> Vec<Shape> {
        let mut inputs = recipe.label_slots(classes) + features;
        let shape = |&outputs: &usize| Shape { inputs: std::mem::replace(&mut inputs, outputs), outputs };
        recipe.layers.iter().map(shape).collect()
    }

    /// How many values [`HostNetwork::zeroed`] would hold; none where that overflows.
    #[must_use]
    pub fn count(features: usize, classes: usize, recipe: &Recipe) -> Option<usize> {
        let mut inputs = features.checked_add(recipe.label_slots(classes))?;
        let mut sum = Standard::length(recipe, features).checked_mul(2)?;
        for (l, &outputs) in recipe.layers.iter().enumerate() {
            let read = if l >= recipe.read_from() { classes } else { 0 };
            let row = inputs.checked_add(1)?.checked_add(read)?;
            sum = sum.checked_add(row.checked_mul(outputs)?)?;
            inputs = outputs;
        }
        Some(sum)
    }

    /// The way from images to it, by the recipe that made it.
    ///
    /// # Errors
    /// As [`Features::new`].
    pub fn features_of(&self, images: &Samples, recipe: &Recipe) -> Result<Features, Error> {
        Ok(Features::new(images, recipe, self.classes)?.standardised(&self.standard))
    }

    /// How many values it has learned: weights, biases and readout.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.weights.len() + layer.biases.len()).sum::<usize>() + self.readout.len()
    }

    /// The network up to layer `l`, with the recipe by which that layer's scores alone are read; none where its
    /// rule gives a single layer no say.
    #[must_use]
    pub fn layer_alone(&self, l: usize, recipe: &Recipe) -> Option<(Self, Recipe)> {
        let rule = &recipe.rule;
        let has_say = rule.has_label_rows() || rule.reads_by(Reading::Goodness);
        let layers = self.layers.get(..=l).filter(|_| has_say)?.to_vec();
        let units: usize = layers.iter().map(|layer| layer.shape.outputs).sum();
        let rows = if rule.has_label_rows() { units * self.classes } else { 0 };
        let widths = layers.iter().map(|layer| layer.shape.outputs).collect();
        let readout = self.readout.get(..rows)?.to_vec();
        let network = Self { layers, readout, standard: self.standard.clone(), ..*self };
        let options = RuleOptions { first_scored_layer: Some(l), readout: Some(Readout::None), ..rule.options() };
        Some((network, Recipe { layers: widths, rule: Rule::of(rule.kind(), &options), ..recipe.clone() }))
    }

    /// The first layer that holds a number that is none, the number of layers standing for the readout; or
    /// nothing.
    #[must_use]
    pub fn diverged(&self) -> Option<usize> {
        let is_whole = |values: &[f32]| values.iter().all(|value| value.is_finite());
        let layers = self.layers.iter().map(|layer| is_whole(&layer.weights) && is_whole(&layer.biases));
        layers.chain([is_whole(&self.readout)]).position(|whole| !whole)
    }

    /// Inputs of the first layer behind the label slots.
    #[must_use]
    pub fn features(&self) -> usize {
        self.layers.first().map_or(0, |first| first.shape.inputs - self.label_slots)
    }

    /// [`usual_baseline`] of an image, empty for black.
    ///
    /// # Errors
    /// As there.
    pub fn usual_baseline(&self, image: &[f32]) -> Result<Vec<f32>, Error> {
        Ok(usual_baseline(self, image, &mut vec![0.0; image.len()])?.to_vec())
    }

    /// The layers' shapes.
    #[must_use]
    pub fn shapes(&self) -> Vec<Shape> {
        self.layers.iter().map(|layer| layer.shape).collect()
    }
}

impl Parameters for HostNetwork {
    type Views<'a> = Vec<LayerRef<'a>>;
    type ViewsMut<'a> = Vec<LayerMut<'a>>;

    fn classes(&self) -> usize {
        self.classes
    }

    fn label_slots(&self) -> usize {
        self.label_slots
    }

    fn views(&self) -> (Self::Views<'_>, &[f32]) {
        (self.layers.iter().map(HostLayer::view).collect(), &self.readout)
    }

    fn views_mut(&mut self) -> (Self::ViewsMut<'_>, &mut [f32]) {
        (self.layers.iter_mut().map(HostLayer::view_mut).collect(), &mut self.readout)
    }
}
