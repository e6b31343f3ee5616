//! Comparators: maps from gradients, by a library that tapes every operation.
//!
//! Forward-Forward learning needs none of this. It is here to ask whether its own maps are any
//! worse, and so it is behind the cargo feature `baseline`.

use candle_core::{Device, Tensor, Var};
use ff_core::random::Rng;

use super::methods::{Kind, Method};
use super::{Attribution, Case, Subject, Total};

/// Steps of integrated gradients, and draws of SmoothGrad.
pub const STEPS: usize = 50;

/// The noise of SmoothGrad, of which a pixel's range is 1.
const SIGMA: f32 = 0.15;

/// What of a graph is taken for a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// Nothing.
    Exact,
    /// The input's length, which is that of an image with this sum of squares.
    Length(f64),
    /// Every ReLU, square and normalisation is a multiplication with a constant, so that the gradient
    /// times the pixel is what layer-wise relevance propagation with its epsilon rule gives.
    Propagate,
}

/// Scores as a graph.
pub trait Graph {
    /// Every class's score for rows of features, rows x classes.
    ///
    /// # Errors
    /// None that is known of.
    fn scores(&self, rows: &Tensor, way: Way) -> candle_core::Result<Tensor>;

    /// Multiply-adds of a pass under so many labels.
    fn cost(&self, labels: usize) -> f64;

    /// Classes.
    fn classes(&self) -> usize;
}

/// A network that can also be asked by gradients.
pub struct Compared<S, G> {
    /// Scores, and its own maps.
    pub subject: S,
    /// Its scores as a graph.
    pub graph: G,
}

impl<S: Subject, G: Graph> Subject for Compared<S, G> {
    fn scores(&mut self, rows: &[f32]) -> anyhow::Result<Vec<f32>> {
        self.subject.scores(rows)
    }

    fn kinds(&self) -> Vec<Kind> {
        self.subject.kinds().into_iter().chain(Kind::COMPARATORS).collect()
    }

    fn pass(&self) -> f64 {
        self.subject.pass()
    }

    fn baseline(&self, image: &[f32]) -> anyhow::Result<Vec<f32>> {
        self.subject.baseline(image)
    }

    fn map(&mut self, method: Method, case: &Case<'_>) -> anyhow::Result<Option<Attribution>> {
        match comparator(&self.graph, &self.baseline(case.image)?, method, case)? {
            Some(told) => Ok(Some(told)),
            None => self.subject.map(method, case),
        }
    }
}

/// A comparator's map; none for another kind. `faint` is the network's usual baseline, empty for black.
///
/// # Errors
/// None that is known of.
pub fn comparator(
    graph: &impl Graph,
    faint: &[f32],
    method: Method,
    case: &Case<'_>,
) -> anyhow::Result<Option<Attribution>> {
    let Some(aim) = method.aim else { return Ok(None) };
    let (image, count) = (case.image, graph.classes());
    let weights = aim.weights(case.labels, count);
    let gradient = |rows: &[f32], way| gradients(graph, rows, image.len(), &weights, way);
    let times_input = |map: Vec<f32>| map.iter().zip(image).map(|(m, x)| m * x).collect::<Vec<f32>>();
    let (map, passes, total) = match method.kind {
        Kind::Gradient => (gradient(image, Way::Exact)?, 1, None),
        Kind::GradientInput => (times_input(gradient(image, Way::Exact)?), 1, None),
        Kind::Lrp => (times_input(gradient(image, Way::Propagate)?), 1, None),
        Kind::SmoothGrad => {
            let mut rng = Rng::new(case.seed);
            let rows: Vec<f32> = (0..STEPS).flat_map(|_| image).map(|x| x + SIGMA * rng.normal()).collect();
            (gradient(&rows, Way::Exact)?, STEPS, None)
        }
        Kind::IntegratedFaint if faint.is_empty() => return Ok(None),
        Kind::Integrated | Kind::IntegratedFaint | Kind::IntegratedHeld => {
            let squares = image.iter().map(|x| f64::from(x * x)).sum();
            let way = if method.kind == Kind::IntegratedHeld { Way::Length(squares) } else { Way::Exact };
            let black = vec![0.0; image.len()];
            let ends = [if method.kind == Kind::IntegratedFaint { faint } else { &black }, image];
            let between = |part: f32| ends[0].iter().zip(image).map(move |(from, to)| from + part * (to - from));
            let rows: Vec<f32> = (0..STEPS).flat_map(|k| between((k as f32 + 0.5) / STEPS as f32)).collect();
            let mut map = gradient(&rows, way)?;
            map.iter_mut().zip(image).zip(ends[0]).for_each(|((m, to), from)| *m *= to - from);
            let total = total(graph, ends, &weights, &map, way)?;
            (map, STEPS, Some(total))
        }
        _ => return Ok(None),
    };
    // The way back to the image costs as much as the way up.
    let multiply_adds = 2.0 * passes as f64 * graph.cost(aim.labels(count));
    Ok(Some(Attribution { map, multiply_adds, total }))
}

/// The gradient of the margin, averaged over some rows.
fn gradients(
    graph: &impl Graph,
    rows: &[f32],
    features: usize,
    weights: &[f32],
    way: Way,
) -> candle_core::Result<Vec<f32>> {
    let count = rows.len() / features;
    let x = Var::from_slice(rows, (count, features), &Device::Cpu)?;
    let weights = Tensor::from_slice(weights, (1, weights.len()), &Device::Cpu)?;
    let margin = graph.scores(x.as_tensor(), way)?.broadcast_mul(&weights)?.sum_all()?;
    let all = margin.backward()?;
    let own = all.get(x.as_tensor()).ok_or_else(|| candle_core::Error::Msg("no gradient".to_owned()))?;
    own.mean(0)?.to_vec1()
}

/// What a map between two ends, the image last, adds up to.
fn total(graph: &impl Graph, ends: [&[f32]; 2], weights: &[f32], map: &[f32], way: Way) -> candle_core::Result<Total> {
    let rows = Tensor::from_vec(ends.concat(), (2, map.len()), &Device::Cpu)?;
    let scores = graph.scores(&rows, way)?.to_vec2::<f32>()?;
    let margin = |row: &[f32]| row.iter().zip(weights).map(|(s, w)| f64::from(s * w)).sum::<f64>();
    let sum = map.iter().copied().map(f64::from).sum();
    Ok(Total { sum, difference: margin(&scores[1]) - margin(&scores[0]) })
}
