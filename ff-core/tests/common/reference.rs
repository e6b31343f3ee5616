//! The recipe once more, as a slow and naive program in f64.
//!
//! Nothing here is shared, stacked or folded: every input vector `[label | image]` is built and
//! normalised, every sample goes up the network alone, every direction `D` and every gradient is
//! written out. It exists to be obviously right. Only dropout's masks come from the crate itself.

use super::network::HeapNetwork;
use super::state::{Samples, State};
use super::wide;
use ff_core::activity::{EPSILON, Mask};
use ff_core::classic::Classic;
use ff_core::goodness::Logistic;
use ff_core::peer::MEMORY;

pub type Vector = Vec<f64>;

/// A matrix, row by row.
pub type Matrix = Vec<Vector>;

/// One layer: `weights[input][unit]`.
#[derive(Clone)]
pub struct Dense {
    pub weights: Matrix,
    pub biases: Vector,
}

/// A network; `readout[l]` is empty where the readout does not read layer `l`.
#[derive(Clone)]
pub struct Model {
    pub classes: usize,
    pub layers: Vec<Dense>,
    pub readout: Vec<Matrix>,
}

/// What a layer saw and what it did.
#[derive(Clone)]
pub struct Fired {
    pub input: Vector,
    pub activities: Vector,
}

/// The settings of a step in f64; momentum's coefficient is absent for plain descent.
#[derive(Clone, Copy)]
pub struct Recipe {
    pub threshold: f64,
    pub temperature: f64,
    pub momentum: Option<f64>,
    pub layer_rate: f64,
    pub layer_decay: f64,
    pub readout_rate: f64,
    pub readout_decay: f64,
    pub peer: f64,
}

impl Recipe {
    pub fn of<O>(settings: &Classic<Logistic, O>, momentum: Option<f32>) -> Self {
        Self {
            threshold: settings.goodness.threshold.into(),
            temperature: settings.goodness.temperature.into(),
            momentum: momentum.map(f64::from),
            layer_rate: f64::from(settings.lr_scale) * f64::from(settings.layers.learning_rate),
            layer_decay: settings.layers.weight_decay.into(),
            readout_rate: f64::from(settings.lr_scale) * f64::from(settings.readout.learning_rate),
            readout_decay: settings.readout.weight_decay.into(),
            peer: settings.peer.into(),
        }
    }
}

/// Dropout of a pass: the keys are drawn by the step, the masks are the crate's own.
#[derive(Clone, Copy)]
pub struct Dropout {
    pub probability: f32,
    pub key: u32,
}

impl Dropout {
    pub const NONE: Self = Self { probability: 0.0, key: 0 };

    fn apply(self, layer: usize, row: usize, activities: &mut Vector) {
        if let Some(mask) = Mask::new(self.probability, self.key, layer) {
            let mut factors = vec![1.0; activities.len()];
            mask.apply(row, &mut factors);
            activities.iter_mut().zip(factors).for_each(|(h, f)| *h *= f64::from(f));
        }
    }
}

/// a / (EPSILON + rms(a)).
pub fn normalised(a: &[f64]) -> Vector {
    let rms = (a.iter().map(|v| v * v).sum::<f64>() / a.len() as f64).sqrt();
    a.iter().map(|v| v / (f64::from(EPSILON) + rms)).collect()
}

/// The whole input vector of an image under a label.
pub fn labelled(classes: usize, label: u8, image: &[f32]) -> Vector {
    let slots = (0..classes).map(|class| if class == usize::from(label) { 1.0 } else { 0.0 });
    normalised(&slots.chain(wide(image)).collect::<Vector>())
}

/// The whole input vector of an image without a label: all slots equal, their sum 1.
pub fn neutral(classes: usize, image: &[f32]) -> Vector {
    let slots = (0..classes).map(|_| 1.0 / classes as f64);
    normalised(&slots.chain(wide(image)).collect::<Vector>())
}

pub fn goodness(activities: &[f64]) -> f64 {
    activities.iter().map(|h| h * h).sum()
}

pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

pub fn softmax(logits: &[f64]) -> Vector {
    let sum: f64 = logits.iter().map(|v| v.exp()).sum();
    logits.iter().map(|v| v.exp() / sum).collect()
}

/// relu(x W + b).
pub fn fire(layer: &Dense, x: &[f64]) -> Vector {
    let unit = |j: usize| {
        let z = layer.biases[j] + x.iter().zip(&layer.weights).map(|(x, row)| x * row[j]).sum::<f64>();
        z.max(0.0)
    };
    (0..layer.biases.len()).map(unit).collect()
}

fn matrix(flat: &[f32], columns: usize) -> Matrix {
    flat.chunks(columns).map(wide).collect()
}

impl Model {
    pub fn of(network: &HeapNetwork) -> Self {
        let layer = |l: &super::network::OwnedLayer| Dense {
            weights: matrix(&l.weights, l.shape.outputs),
            biases: wide(&l.biases),
        };
        let mut rest = &network.readout[..];
        let from = network.readout_from();
        let read = |(l, layer): (usize, &super::network::OwnedLayer)| {
            let (own, others) = rest.split_at(if l < from { 0 } else { layer.shape.outputs * network.classes });
            rest = others;
            matrix(own, network.classes)
        };
        Self {
            classes: network.classes,
            readout: network.layers.iter().enumerate().map(read).collect(),
            layers: network.layers.iter().map(layer).collect(),
        }
    }

    /// All parameters in the order of [`HeapNetwork::blocks`].
    pub fn blocks(&self) -> Vec<Vector> {
        let layers = self.layers.iter().flat_map(|layer| [layer.weights.concat(), layer.biases.clone()]);
        layers.chain([self.readout.concat().concat()]).collect()
    }

    /// One input vector up the whole network. `row` is its place in the crate's batch, for dropout.
    pub fn pass(&self, input: Vector, dropout: Dropout, row: usize) -> Vec<Fired> {
        let mut input = input;
        let mut fired = Vec::new();
        for (l, layer) in self.layers.iter().enumerate() {
            let mut activities = fire(layer, &input);
            dropout.apply(l, row, &mut activities);
            let next = normalised(&activities);
            fired.push(Fired { input, activities });
            input = next;
        }
        fired
    }

    /// The readout's probabilities, given a neutral pass.
    pub fn probabilities(&self, fired: &[Fired]) -> Vector {
        let mut logits = vec![0.0; self.classes];
        for (fired, readout) in fired.iter().zip(&self.readout) {
            for (n, row) in normalised(&fired.activities).iter().zip(readout) {
                logits.iter_mut().zip(row).for_each(|(sum, w)| *sum += n * w);
            }
        }
        softmax(&logits)
    }

    /// Zeros of the same shapes.
    fn zeros(&self) -> Self {
        let mut zeros = self.clone();
        for layer in &mut zeros.layers {
            layer.weights.iter_mut().for_each(|row| row.fill(0.0));
            layer.biases.fill(0.0);
        }
        zeros.readout.iter_mut().flatten().for_each(|row| row.fill(0.0));
        zeros
    }
}

/// The state of the reference: network, velocity and running means.
#[derive(Clone)]
pub struct Reference {
    pub model: Model,
    pub velocity: Model,
    pub means: Vec<Vector>,
}

impl Reference {
    pub fn of(state: &State) -> Self {
        let mut rest = &state.means[..];
        let means = |layer: &super::network::OwnedLayer| {
            let (own, others) = rest.split_at(layer.shape.outputs);
            rest = others;
            wide(own)
        };
        let means = state.network.layers.iter().map(means).collect();
        Self { model: Model::of(&state.network), velocity: Model::of(&state.velocity), means }
    }

    /// One step. `wrong` are the negatives' labels; `neutral` and `contrast` the passes' dropout.
    pub fn step(&mut self, recipe: &Recipe, samples: &Samples, wrong: &[u8], neutral: Dropout, contrast: Dropout) {
        let before = self.model.clone();
        let mut gradient = before.zeros();
        readout_gradient(&before, samples, neutral, &mut gradient);
        self.layers_gradient(&before, recipe, samples, wrong, contrast, &mut gradient);
        self.advance(recipe, &gradient);
    }

    /// The directions of all layers; running means move on the way.
    fn layers_gradient(
        &mut self,
        model: &Model,
        recipe: &Recipe,
        samples: &Samples,
        wrong: &[u8],
        dropout: Dropout,
        gradient: &mut Model,
    ) {
        let count = samples.labels.len();
        let pass = |label: u8, b: usize, row: usize| {
            model.pass(labelled(model.classes, label, samples.image(b)), dropout, row)
        };
        let positive: Vec<_> = (0..count).map(|b| pass(samples.labels[b], b, b)).collect();
        let negative: Vec<_> = (0..count).map(|b| pass(wrong[b], b, count + b)).collect();
        for l in 0..model.layers.len() {
            let units = model.layers[l].biases.len();
            let probability = |h: &[f64]| sigmoid((goodness(h) - recipe.threshold * units as f64) / recipe.temperature);
            for j in 0..units {
                let mean = positive.iter().map(|p| p[l].activities[j]).sum::<f64>() / count as f64;
                let m = &mut self.means[l][j];
                *m = f64::from(MEMORY) * *m + (1.0 - f64::from(MEMORY)) * mean;
            }
            let overall = self.means[l].iter().sum::<f64>() / units as f64;
            for b in 0..count {
                let (up, down) = (&positive[b][l], &negative[b][l]);
                let (p_up, p_down) = (probability(&up.activities), probability(&down.activities));
                for j in 0..units {
                    let peers = recipe.peer * (overall - self.means[l][j]);
                    let d_up = (1.0 - p_up) * up.activities[j] + peers;
                    let d_down = -p_down * down.activities[j];
                    for i in 0..up.input.len() {
                        let sum = up.input[i] * d_up + down.input[i] * d_down;
                        gradient.layers[l].weights[i][j] += sum / count as f64;
                    }
                    gradient.layers[l].biases[j] += (d_up + d_down) / count as f64;
                }
            }
        }
    }

    fn advance(&mut self, recipe: &Recipe, gradient: &Model) {
        for l in 0..gradient.layers.len() {
            let (layer, velocity, gradient) =
                (&mut self.model.layers[l], &mut self.velocity.layers[l], &gradient.layers[l]);
            let step_size = (recipe.layer_rate, recipe.layer_decay);
            for ((w, v), g) in layer.weights.iter_mut().zip(&mut velocity.weights).zip(&gradient.weights) {
                advance(recipe.momentum, step_size, w, v, g);
            }
            let step_size = (recipe.layer_rate, 0.0);
            advance(recipe.momentum, step_size, &mut layer.biases, &mut velocity.biases, &gradient.biases);
        }
        if recipe.readout_rate > 0.0 {
            let step_size = (recipe.readout_rate, recipe.readout_decay);
            let weights = self.model.readout.iter_mut().flatten();
            let velocities = self.velocity.readout.iter_mut().flatten();
            for ((w, v), g) in weights.zip(velocities).zip(gradient.readout.iter().flatten()) {
                advance(recipe.momentum, step_size, w, v, g);
            }
        }
    }
}

/// n' (t - q), a mean over the samples, for every layer that the readout reads.
fn readout_gradient(model: &Model, samples: &Samples, dropout: Dropout, gradient: &mut Model) {
    let count = samples.labels.len();
    for b in 0..count {
        let fired = model.pass(neutral(model.classes, samples.image(b)), dropout, b);
        let q = model.probabilities(&fired);
        for (fired, gradient) in fired.iter().zip(&mut gradient.readout) {
            for (n, row) in normalised(&fired.activities).iter().zip(gradient) {
                for (class, g) in row.iter_mut().enumerate() {
                    let truth = if class == usize::from(samples.labels[b]) { 1.0 } else { 0.0 };
                    *g += n * (truth - q[class]) / count as f64;
                }
            }
        }
    }
}

/// V <- c V + (1 - c) G, W <- W + rate (V - decay W); without momentum V is G.
fn advance(momentum: Option<f64>, (rate, decay): (f64, f64), w: &mut Vector, v: &mut Vector, g: &Vector) {
    for ((w, v), g) in w.iter_mut().zip(v).zip(g) {
        let direction = match momentum {
            Some(c) => {
                *v = c * *v + (1.0 - c) * g;
                *v
            }
            None => *g,
        };
        *w += rate * (direction - decay * *w);
    }
}
