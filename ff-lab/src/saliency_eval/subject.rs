//! Who is asked: a network that gives scores and maps.

use std::num::NonZero;

use anyhow::Context;
use ff_core::kernel::Metered;
use ff_core::saliency::{
    CellShapley, Cells, ExpectedDelta, Explained, GoodnessDelta, IntegratedFirstLayer, Occlusion, QuadraticShare,
    Question, Rise, Saliency, Score, Smooth, Target,
};

use super::methods::{Kind, Method};
use ff_host::kernel::HostKernel;
use ff_host::network::HostNetwork;
use ff_host::recipe::Recipe;
use ff_host::rule::Reading;

/// An image, and how the network ranks its labels.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The features.
    pub image: &'a [f32],
    /// Features in a row of the picture.
    pub width: usize,
    /// The likeliest label and the second.
    pub labels: [u8; 2],
    /// Draws what is random.
    pub seed: u64,
}

/// A map and what it took.
#[derive(Clone, Debug)]
pub struct Attribution {
    /// One value a feature.
    pub map: Vec<f32>,
    /// Multiply-adds of its matrix products.
    pub multiply_adds: f64,
    /// What a method that promises to be complete adds up to.
    pub total: Option<Total>,
}

/// What a complete map and its other shares add up to, and what they should.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    /// Of the map and the shares.
    pub sum: f64,
    /// Of the score, between image and baseline.
    pub difference: f64,
}

impl Total {
    /// `|sum - difference|` over the absolute difference, or over a hundredth of `scores`, the sum of the
    /// classes' scores in it without their signs, where that is more: a difference that is small beside
    /// them is not known to f32 any better.
    #[must_use]
    pub fn residual(self, scores: f64) -> f64 {
        let size = self.difference.abs().max(0.01 * scores).max(f64::MIN_POSITIVE);
        (self.sum - self.difference).abs() / size
    }
}

/// A network that can be asked.
pub trait Subject {
    /// Every class's score, higher for likelier: rows x classes.
    ///
    /// # Errors
    /// Rows of another length.
    fn scores(&mut self, rows: &[f32]) -> anyhow::Result<Vec<f32>>;

    /// Which ways to rank pixels it has, the default first.
    fn kinds(&self) -> Vec<Kind>;

    /// Multiply-adds of a dense forward pass of one image under one label.
    fn pass(&self) -> f64;

    /// What expected delta compares the image with; empty for black.
    ///
    /// # Errors
    /// None for an image that fits.
    fn baseline(&self, _image: &[f32]) -> anyhow::Result<Vec<f32>> {
        Ok(Vec::new())
    }

    /// A map; none where the network's score has none.
    ///
    /// # Errors
    /// What the method refuses.
    fn map(&mut self, method: Method, case: &Case<'_>) -> anyhow::Result<Option<Attribution>>;
}

/// A Forward-Forward network, asked by ff-core.
pub struct ForwardForward<'a> {
    network: &'a HostNetwork,
    recipe: &'a Recipe,
    kernel: Metered<HostKernel>,
    scratch: Vec<f32>,
}

/// Rows that go side by side in scoring and in maps.
const ROWS: NonZero<usize> = NonZero::new(64).unwrap();

impl<'a> ForwardForward<'a> {
    /// With the memory to ask it.
    #[must_use]
    pub fn new(network: &'a HostNetwork, recipe: &'a Recipe, threads: usize) -> Self {
        Self { network, recipe, kernel: Metered::new(HostKernel::new(threads)), scratch: Vec::new() }
    }

    /// How it classifies.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.recipe.rule.reading()
    }

    fn reserve(&mut self, floats: usize) {
        if self.scratch.len() < floats {
            self.scratch.resize(floats, 0.0);
        }
    }

    fn ask<M: Saliency>(
        &mut self,
        method: &M,
        case: &Case<'_>,
        baseline: &[f32],
        target: Target,
    ) -> anyhow::Result<Attribution> {
        let network = self.network;
        self.reserve(method.floats(&network.shapes(), network.classes, network.classes.max(ROWS.get())));
        let score = self.recipe.explained_score();
        let question = Question { network, sample: case.image, baseline, score, target };
        let mut map = vec![0.0; case.image.len()];
        let before = self.kernel.multiply_adds;
        let said = method.map(&question, &mut self.scratch, &mut self.kernel, &mut map)?;
        let multiply_adds = (self.kernel.multiply_adds - before) as f64;
        let total = Some(total(&map, said));
        let direction = self.recipe.rule.direction(score);
        map.iter_mut().for_each(|value| *value *= direction);
        Ok(Attribution { map, multiply_adds, total })
    }
}

fn total(map: &[f32], said: Explained) -> Total {
    let sum = map.iter().copied().map(f64::from).sum::<f64>() + f64::from(said.label_share + said.bias_share);
    Total { sum, difference: f64::from(said.score - said.baseline_score) }
}

impl Subject for ForwardForward<'_> {
    fn scores(&mut self, rows: &[f32]) -> anyhow::Result<Vec<f32>> {
        let (network, recipe, reading) = (self.network, self.recipe, self.reading());
        self.reserve(recipe.score_floats(&network.shapes(), network.classes, reading, ROWS.get()));
        let mut scores = vec![0.0; rows.len() / network.features() * network.classes];
        recipe.logits(network, reading, rows, &mut self.scratch, &mut self.kernel.kernel, &mut scores)?;
        Ok(scores)
    }

    fn kinds(&self) -> Vec<Kind> {
        Kind::SHIPPED.to_vec()
    }

    fn pass(&self) -> f64 {
        self.network.layers.iter().map(|layer| layer.shape.weights()).sum::<usize>() as f64
    }

    fn baseline(&self, image: &[f32]) -> anyhow::Result<Vec<f32>> {
        Ok(self.network.usual_baseline(image)?)
    }

    fn map(&mut self, method: Method, case: &Case<'_>) -> anyhow::Result<Option<Attribution>> {
        let Some(aim) = method.aim else { return Ok(None) };
        let target = Target { label: case.labels[0], against: aim.against(case.labels) };
        let complete = |told: anyhow::Result<Attribution>| told.map(Some);
        let incomplete = |told: anyhow::Result<Attribution>| told.map(|told| Some(Attribution { total: None, ..told }));
        let cells = |side: usize| Cells { width: case.width, side: side.min(case.width.div_ceil(4)) };
        let (seed, black) = (case.seed, &[][..]);
        let usual = &self.baseline(case.image)?[..];
        match method.kind {
            Kind::Expected => complete(self.ask(&ExpectedDelta, case, usual, target)),
            Kind::Delta => complete(self.ask(&GoodnessDelta, case, usual, target)),
            Kind::BlackDelta if usual.is_empty() => Ok(None),
            Kind::BlackDelta => complete(self.ask(&GoodnessDelta, case, black, target)),
            Kind::SmoothExpected => {
                let smooth = Smooth { method: ExpectedDelta, draws: 16, sigma: 0.15, seed };
                complete(self.ask(&smooth, case, usual, target))
            }
            Kind::Quadratic => complete(self.ask(&QuadraticShare, case, black, target)),
            Kind::FirstLayer if self.recipe.explained_score() == Score::Logits => Ok(None),
            Kind::FirstLayer => complete(self.ask(&IntegratedFirstLayer, case, black, target)),
            Kind::Occlusion => incomplete(self.ask(&Occlusion::ERASE, case, black, target)),
            Kind::Shapley => complete(self.ask(&CellShapley { cells: cells(4), walks: 8, seed }, case, black, target)),
            Kind::Rise => {
                incomplete(self.ask(&Rise { masks: 500, cells: cells(4), keep: 0.5, seed }, case, black, target))
            }
            _ => Ok(None),
        }
        .with_context(|| method.name())
    }
}
