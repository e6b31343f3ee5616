//! Random questions, and the margin once more, naively and in f64.

use super::network::HeapNetwork;
use super::reference::{Dropout, Model, goodness, labelled, neutral, normalised};
use ff_core::classify::ScoredLayers;
use ff_core::error::Error;
use ff_core::kernel::{Kernel, Portable};
use ff_core::random::Rng;
use ff_core::saliency::{Against, Explained, Question, Saliency, Score, Target};

/// A network and everything that is asked of it. An empty baseline means zeros.
#[derive(Clone)]
pub struct Asked {
    pub network: HeapNetwork,
    pub image: Vec<f32>,
    pub baseline: Vec<f32>,
    pub score: Score,
    pub target: Target,
}

/// A margin in f64, and the sum of the scores that it is a difference of.
#[derive(Clone, Copy, Debug)]
pub struct Margin {
    pub value: f64,
    pub scores: f64,
}

/// A map with what was said beside it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub map: Vec<f32>,
    pub explained: Explained,
}

impl Answer {
    /// What a complete method's map and shares add up to.
    pub fn total(&self) -> f64 {
        let map: f64 = self.map.iter().copied().map(f64::from).sum();
        map + f64::from(self.explained.label_share) + f64::from(self.explained.bias_share)
    }
}

impl Asked {
    /// A random network of 1 to 4 layers and 2 to 10 classes with everything that can be asked of
    /// it drawn at random: image, baseline or none, score and target.
    pub fn random(rng: &mut Rng) -> Self {
        let classes = 2 + rng.below(9) as usize;
        let features = 1 + rng.below(24) as usize;
        let depth = 1 + rng.below(4) as usize;
        let units: Vec<usize> = (0..depth).map(|_| 1 + rng.below(16) as usize).collect();
        let read = rng.below(depth as u32 + 1) as usize;
        let network = HeapNetwork::zeroed(classes, features, &units, read).random(rng);
        let image = values(features, rng);
        let baseline = if rng.below(2) == 0 { Vec::new() } else { values(features, rng) };
        let score = match rng.below(3) {
            0 if read > 0 => Score::Logits,
            1 => Score::OneLayer(rng.below(depth as u32) as usize),
            _ => Score::Goodness(ScoredLayers { from: rng.below(depth as u32) as usize }),
        };
        let against = match rng.below(3) {
            0 => Against::Nothing,
            1 => Against::Label(rng.below(classes as u32) as u8),
            _ => Against::MeanOfOthers,
        };
        let target = Target { label: rng.below(classes as u32) as u8, against };
        Self { network, image, baseline, score, target }
    }

    pub fn question(&self) -> Question<'_, HeapNetwork> {
        Question {
            network: &self.network,
            sample: &self.image,
            baseline: &self.baseline,
            score: self.score,
            target: self.target,
        }
    }

    /// The baseline with its zeros written out.
    pub fn whole_baseline(&self) -> Vec<f32> {
        if self.baseline.is_empty() { vec![0.0; self.image.len()] } else { self.baseline.clone() }
    }

    /// The answer of a method that has scratch for `rows` rows side by side.
    pub fn answer<M: Saliency>(&self, method: &M, rows: usize) -> Answer {
        self.answer_by(method, rows, &mut Portable).unwrap()
    }

    /// The same, by any kernel. Scratch and map are full of NaN before.
    pub fn answer_by<M: Saliency, K: Kernel>(&self, method: &M, rows: usize, kernel: &mut K) -> Result<Answer, Error> {
        let floats = method.floats(&self.network.shapes(), self.network.classes, rows);
        let mut scratch = vec![f32::NAN; floats];
        let mut map = vec![f32::NAN; self.image.len()];
        let explained = method.map(&self.question(), &mut scratch, kernel, &mut map)?;
        Ok(Answer { map, explained })
    }

    /// The margin at any image, one label at a time.
    pub fn margin(&self, image: &[f32]) -> Margin {
        let model = Model::of(&self.network);
        let classes = model.classes;
        let scores: Vec<f64> = match self.score {
            Score::Logits => logits(&model, image),
            score => (0..classes).map(|label| label_goodness(&model, image, label as u8, score)).collect(),
        };
        let (mut value, mut sum) = (0.0, 0.0);
        for (class, weight) in self.weights() {
            value += weight * scores[class];
            sum += (weight * scores[class]).abs();
        }
        Margin { value, scores: sum }
    }

    /// Every label in the margin with its weight.
    fn weights(&self) -> Vec<(usize, f64)> {
        let label = usize::from(self.target.label);
        let classes = self.network.classes;
        let others = (0..classes).filter(|&class| class != label);
        let mut weights = vec![(label, 1.0)];
        match self.target.against {
            Against::Nothing => {}
            Against::Label(other) => weights.push((usize::from(other), -1.0)),
            Against::MeanOfOthers => weights.extend(others.map(|class| (class, -1.0 / (classes as f64 - 1.0)))),
        }
        weights
    }
}

/// Features of either sign, a third of them zero.
pub fn values(count: usize, rng: &mut Rng) -> Vec<f32> {
    (0..count).map(|_| if rng.below(3) == 0 { 0.0 } else { 1.5 * rng.unit() - 0.5 }).collect()
}

fn label_goodness(model: &Model, image: &[f32], label: u8, score: Score) -> f64 {
    let fired = model.pass(labelled(model.classes, label, image), Dropout::NONE, 0);
    let counts = |l: usize| match score {
        Score::Goodness(scored) => l >= scored.from,
        Score::OneLayer(layer) => l == layer,
        Score::Logits | Score::OnePass { .. } | Score::OnePassLayer { .. } => false,
    };
    fired.iter().enumerate().filter(|(l, _)| counts(*l)).map(|(_, fired)| goodness(&fired.activities)).sum()
}

fn logits(model: &Model, image: &[f32]) -> Vec<f64> {
    let fired = model.pass(neutral(model.classes, image), Dropout::NONE, 0);
    let mut logits = vec![0.0; model.classes];
    for (fired, readout) in fired.iter().zip(&model.readout) {
        for (n, row) in normalised(&fired.activities).iter().zip(readout) {
            logits.iter_mut().zip(row).for_each(|(sum, w)| *sum += n * w);
        }
    }
    logits
}
