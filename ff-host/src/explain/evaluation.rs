//! `evaluation.json` in a run folder: deletion and insertion curves with their bands.

use serde::Deserialize;

use super::chart::{self, Line};

/// Curves of an evaluation.
#[derive(Deserialize)]
pub struct Evaluation {
    /// All curves; an evaluation may have kept none.
    #[serde(default)]
    curves: Vec<Curve>,
}

/// One method's curve.
#[derive(Deserialize)]
struct Curve {
    /// `deletion` or `insertion`.
    kind: String,
    method: String,
    /// The part of the pixels that were changed.
    x: Vec<f64>,
    /// The mean probability of the predicted label.
    mean: Vec<f64>,
    #[serde(default)]
    low: Vec<f64>,
    #[serde(default)]
    high: Vec<f64>,
}

impl Evaluation {
    /// One chart a kind of curve.
    pub fn charts(&self) -> Vec<String> {
        let chart = |(kind, title)| {
            let curves = self.curves.iter().filter(|curve| curve.kind == kind);
            chart::chart(title, "part of the pixels", &curves.map(Curve::line).collect::<Vec<_>>())
        };
        let kinds = [("deletion", "Deletion: lower is better"), ("insertion", "Insertion: higher is better")];
        kinds.into_iter().map(chart).filter(|chart| !chart.is_empty()).collect()
    }
}

impl Curve {
    fn line(&self) -> Line {
        let pairs = |a: &[f64], b: &[f64]| a.iter().copied().zip(b.iter().copied()).collect();
        Line { name: self.method.clone(), points: pairs(&self.x, &self.mean), band: pairs(&self.low, &self.high) }
    }
}
