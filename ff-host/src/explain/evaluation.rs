//! `evaluation.json` in a run folder: deletion and insertion curves with their bands.

use serde::{Deserialize, Serialize};

use super::chart::{self, Line};

/// Curves of an evaluation.
#[derive(Deserialize)]
pub(crate) struct Evaluation {
    /// All curves; an evaluation may have kept none.
    #[serde(default)]
    curves: Vec<Curve>,
}

/// One method's curve with its band, as `ff-lab evaluate-saliency` writes it and the report shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// `deletion` or `insertion`.
    pub kind: String,
    /// The method.
    pub method: String,
    /// The part of the pixels that were changed.
    pub x: Vec<f64>,
    /// The mean probability of the predicted label.
    pub mean: Vec<f64>,
    /// Lower end of the 95 % band.
    #[serde(default)]
    pub low: Vec<f64>,
    /// Upper end.
    #[serde(default)]
    pub high: Vec<f64>,
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
