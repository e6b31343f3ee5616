//! The backprop baseline: an MLP of a recipe's widths, trained end to end through candle's
//! automatic differentiation, on the images that Forward-Forward learning would see.
//!
//! It is here to compare with, and nothing else uses it: see `ff-lab baseline` and `ff-lab compare`.

pub mod environment;
mod recipe;

pub use recipe::{LEARNING_RATE, recipe};

use std::collections::HashMap;
use std::time::Instant;

use anyhow::{Context, bail};
use candle_core::{D, DType, Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, loss, ops};
use ff_core::random::Rng;

use ff_host::arrays::{Array, standard_arrays};
use ff_host::data::{Samples, shuffled};
use ff_host::evaluate::{self, Outcome};
use ff_host::features::{Features, Standard};
use ff_host::kernel::HostKernel;
use ff_host::recipe::Recipe;
use ff_host::sweep::RunCommand;
use ff_host::train::{EpochReport, Loader, Watch};

/// The learning rule in the metrics of the baseline.
pub const RULE: &str = "backprop-mlp";

/// How `ff-lab baseline` makes the runs of a sweep.
pub const COMMAND: RunCommand =
    RunCommand { program: "ff-lab", name: "baseline", rule: Some(RULE), folders: "backprop-", follows: recipe };

/// Images that are classified side by side.
const TOGETHER: usize = 500;

/// `x -> relu(x w + b) -> dropout -> ... -> x w + b -> softmax`, its loss the cross-entropy.
pub struct Mlp {
    recipe: Recipe,
    classes: usize,
    /// Inputs x outputs, and outputs; the last pair gives the classes' logits.
    layers: Vec<(Var, Var)>,
    adam: AdamW,
    rng: Rng,
    kernel: HostKernel,
    epoch: usize,
    standard: Standard,
}

impl Mlp {
    /// A fresh network for images of this size. Weights are normal with variance `2 / inputs` (He
    /// 2015), those of the last layer `1 / inputs`; biases are zero.
    ///
    /// # Errors
    /// Images that the recipe leaves no feature of.
    pub fn new(recipe: &Recipe, images: &Samples, classes: usize, seed: u64, threads: usize) -> anyhow::Result<Self> {
        let features = Features::new(images, recipe, classes)?;
        let standard = Standard::fit(recipe, &features, images);
        let mut inputs = features.len();
        let mut rng = Rng::new(seed);
        let mut layers = Vec::new();
        for (l, outputs) in recipe.layers.iter().copied().chain([classes]).enumerate() {
            let variance = if l == recipe.layers.len() { 1.0 } else { 2.0 };
            let scale = (variance / inputs as f32).sqrt();
            let weights = (0..inputs * outputs).map(|_| scale * rng.normal()).collect();
            let weights = Var::from_vec(weights, (inputs, outputs), &Device::Cpu)?;
            layers.push((weights, Var::from_vec(vec![0.0_f32; outputs], outputs, &Device::Cpu)?));
            inputs = outputs;
        }
        let variables = layers.iter().flat_map(|(w, b)| [w.clone(), b.clone()]).collect();
        let settings = ParamsAdamW { lr: f64::from(recipe.learning_rate), weight_decay: 0.0, ..ParamsAdamW::default() };
        let adam = AdamW::new(variables, settings)?;
        Ok(Self {
            recipe: recipe.clone(),
            classes,
            layers,
            adam,
            rng,
            kernel: HostKernel::new(threads),
            epoch: 0,
            standard,
        })
    }

    /// How many weights and biases it has.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|(w, b)| w.elem_count() + b.elem_count()).sum()
    }

    /// Learns from every image once, in a new order, each varied as the recipe says: the same loader
    /// as Forward-Forward learning has. After each batch `watch` may stop the epoch.
    ///
    /// # Errors
    /// Weights that have become NaN or infinite.
    pub fn epoch(&mut self, images: &Samples, watch: Watch<'_>) -> anyhow::Result<EpochReport> {
        let start = Instant::now();
        let recipe = self.recipe.of_epoch(self.epoch);
        let mut loader = Loader::new(images, self.features_of(images)?, &recipe);
        let order = shuffled(images.len(), &mut self.rng);
        let (mut seen, mut errors, mut finished) = (0, 0, true);
        for picks in order.chunks(recipe.batch_size) {
            let done = (self.epoch * images.len() + seen) as f64 / (recipe.epochs * images.len()) as f64;
            let lr_scale = f64::from(recipe.schedule.lr_scale(done));
            self.adam.set_learning_rate(f64::from(recipe.learning_rate) * lr_scale);
            loader.load(picks, &mut self.rng, &mut self.kernel);
            let batch = loader.batch();
            errors += self.step(batch.samples, batch.labels, recipe.dropout)?;
            seen += picks.len();
            if watch(seen, images.len()).is_break() && seen < images.len() {
                finished = false;
                break;
            }
        }
        self.epoch += usize::from(finished);
        Ok(EpochReport {
            epoch: self.epoch + usize::from(!finished),
            seconds: start.elapsed().as_secs_f64(),
            lr_scale: recipe.schedule.lr_scale(self.epoch as f64 / recipe.epochs as f64),
            layers: Vec::new(),
            error: Some(errors as f64 / seen.max(1) as f64),
            finished,
        })
    }

    /// The way from images to it.
    fn features_of(&self, images: &Samples) -> anyhow::Result<Features> {
        Ok(Features::new(images, &self.recipe, self.classes)?.standardised(&self.standard))
    }

    /// One step; how many of the batch it got wrong before.
    fn step(&mut self, rows: &[f32], labels: &[u8], dropout: f32) -> anyhow::Result<usize> {
        let logits = self.forward(rows, labels.len(), dropout)?;
        let targets: Vec<u32> = labels.iter().map(|&label| label.into()).collect();
        let targets = Tensor::from_vec(targets, labels.len(), &Device::Cpu)?;
        let loss = self.loss(&logits, &targets)?;
        if !loss.to_scalar::<f32>()?.is_finite() {
            bail!("the backprop baseline diverged; take a smaller --learning-rate");
        }
        self.adam.backward_step(&loss)?;
        let wrong = logits.argmax(D::Minus1)?.ne(&targets)?.to_vec1::<u8>()?;
        Ok(wrong.into_iter().map(usize::from).sum())
    }

    /// Cross-entropy; of the truth, all labels share what the recipe says.
    fn loss(&self, logits: &Tensor, targets: &Tensor) -> candle_core::Result<Tensor> {
        let loss = loss::cross_entropy(logits, targets)?;
        let smoothing = f64::from(self.recipe.rule.options().label_smoothing.unwrap_or(0.0));
        if smoothing == 0.0 {
            return Ok(loss);
        }
        let shared = ops::log_softmax(logits, D::Minus1)?.mean_all()?.neg()?;
        (loss * (1.0 - smoothing))? + (shared * smoothing)?
    }

    /// The logits of some rows, rows x classes. Dropout draws masks; zero draws none.
    fn forward(&mut self, rows: &[f32], count: usize, dropout: f32) -> anyhow::Result<Tensor> {
        let features = rows.len() / count.max(1);
        let mut x = Tensor::from_slice(rows, (count, features), &Device::Cpu)?;
        for (l, (weights, biases)) in self.layers.iter().enumerate() {
            x = x.matmul(weights.as_tensor())?.broadcast_add(biases.as_tensor())?;
            if l + 1 == self.layers.len() {
                break;
            }
            x = x.relu()?;
            if dropout > 0.0 {
                // candle's own generator cannot be seeded on the CPU.
                let kept = 1.0 / (1.0 - dropout);
                let rng = &mut self.rng;
                let mask = (0..x.elem_count()).map(|_| if rng.unit() < dropout { 0.0 } else { kept }).collect();
                x = (x.mul(&Tensor::from_vec(mask, x.dims(), &Device::Cpu)?))?;
            }
        }
        Ok(x)
    }

    /// Classifies images by the sum of the logits of every [view](evaluate::views).
    ///
    /// # Errors
    /// Images of another size.
    pub fn classify(&mut self, images: &Samples) -> anyhow::Result<Outcome> {
        let features = self.features_of(images)?;
        let mut confusion = vec![vec![0; self.classes]; self.classes];
        let mut rows = Vec::new();
        for start in (0..images.len()).step_by(TOGETHER) {
            let count = TOGETHER.min(images.len() - start);
            let mut sum = Tensor::zeros((count, self.classes), DType::F32, &Device::Cpu)?;
            rows.resize(count * features.len(), 0.0);
            for view in evaluate::views(&self.recipe) {
                for (row, index) in rows.chunks_exact_mut(features.len()).zip(start..) {
                    let (image, _) = images.get(index).context("an image is missing")?;
                    features.write(image, view, row);
                }
                sum = sum.add(&self.forward(&rows, count, 0.0)?)?;
            }
            let seen = sum.argmax(D::Minus1)?.to_vec1::<u32>()?;
            for (seen, label) in seen.into_iter().zip(&images.labels[start..]) {
                confusion[usize::from(*label)][seen as usize] += 1;
            }
        }
        let correct: usize = confusion.iter().enumerate().map(|(label, row)| row[label]).sum();
        Ok(Outcome { images: images.len(), errors: images.len() - correct, confusion })
    }

    /// The weights as safetensors, `layer0.weights` (inputs x outputs), `layer0.biases` and so on.
    ///
    /// # Errors
    /// None that is known of.
    pub fn to_bytes(&self) -> anyhow::Result<Vec<u8>> {
        let mut arrays = Vec::new();
        for (l, (weights, biases)) in self.layers.iter().enumerate() {
            for (name, tensor) in [("weights", weights), ("biases", biases)] {
                let values = tensor.flatten_all()?.to_vec1::<f32>()?;
                arrays.push(Array::new(format!("layer{l}.{name}"), tensor.dims(), values));
            }
        }
        let standard = standard_arrays(&self.standard).into_iter();
        arrays.extend(standard.map(|array| Array::new(array.name, array.shape, array.values.to_vec())));
        let about = HashMap::from([("rule".to_owned(), RULE.to_owned())]);
        Ok(safetensors::serialize(arrays.iter().map(|array| (&array.name, array)), Some(about))?)
    }
}

#[cfg(test)]
mod tests {
    use ff_host::recipe::Overrides;
    use std::ops::ControlFlow;

    use super::Mlp;
    use ff_host::data::{self, DatasetName, Request, Silent};
    use ff_host::recipe::Recipe;

    #[test]
    fn it_learns_the_digits_and_the_same_seed_gives_the_same_weights() {
        let data = data::load(&Request::new(DatasetName::Digits8x8), &mut Silent).unwrap();
        let recipe = Recipe { layers: vec![64, 64], epochs: 8, ..Recipe::find("digits8x8").unwrap() };
        let mut given = Overrides::default();
        given.recipe.learning_rate = Some(0.003);
        let recipe = super::recipe(&recipe, &given).unwrap();
        let train = |seed| {
            let mut mlp = Mlp::new(&recipe, &data.train, data.classes, seed, 1).unwrap();
            for _ in 0..recipe.epochs {
                mlp.epoch(&data.train, &mut |_, _| ControlFlow::Continue(())).unwrap();
            }
            mlp
        };
        let mut mlp = train(1);
        assert_eq!(mlp.parameters(), 64 * 64 + 64 + 64 * 64 + 64 + 64 * 10 + 10);
        let errors = mlp.classify(&data.test).unwrap().errors;
        assert!(errors < 36, "{errors} of 359 wrong");
        assert!(mlp.to_bytes().unwrap() == train(1).to_bytes().unwrap());
        assert!(mlp.to_bytes().unwrap() != train(2).to_bytes().unwrap());
    }
}
