//! What each layer contributes to the margin: the one place that knows which score is explained.
//!
//! Everything else — ReLU, length normalisation, sweeps down — is shared by all scores and
//! methods. The heads of one-pass rules, which score all classes from one row, are in
//! `class_scores.rs`. A score that contributes in yet another way is another variant here.

use super::Target;
use super::class_scores::ClassScores;
use crate::activity;
use crate::layer::LayerRef;

/// The margin as a sum over rows and layers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Head<'a> {
    /// `sum over rows r of w_r * sum over layers l >= from of G_l`: a row for every label in the
    /// margin.
    Squares { from: usize, target: Target, classes: usize },
    /// `sum over layers l >= from of N(h_l) . v_l`: one neutral row. `vector` holds v_l for every
    /// layer, zeros below `from`.
    Linear { layers: &'a [LayerRef<'a>], vector: &'a [f32] },
    /// `sum over layers l >= from of sum over classes y of w_y s_y(z_l)`: one row without a label.
    Classes(ClassScores<'a>),
}

impl<'a> Head<'a> {
    /// Rows of one input: how many labels it goes up under.
    pub fn rows(&self) -> usize {
        match self {
            Self::Squares { target, classes, .. } => match target.against {
                super::Against::Nothing => 1,
                super::Against::Label(_) => 2,
                super::Against::MeanOfOthers => *classes,
            },
            Self::Linear { .. } | Self::Classes(_) => 1,
        }
    }

    /// The label that a row carries; none for a neutral row.
    pub fn label(&self, row: usize) -> Option<usize> {
        let Self::Squares { target, .. } = self else { return None };
        Some(match (target.against, row) {
            (super::Against::MeanOfOthers, row) => row,
            (super::Against::Label(other), 1) => usize::from(other),
            _ => usize::from(target.label),
        })
    }

    /// How a row's goodness of layer `l` counts in the margin.
    pub fn weight(&self, l: usize, row: usize) -> f32 {
        match *self {
            Self::Squares { from, .. } if l < from => 0.0,
            Self::Squares { target, classes, .. } => match (target.against, row) {
                (super::Against::MeanOfOthers, row) => target.weight(row, classes),
                (_, 0) => 1.0,
                _ => -1.0,
            },
            Self::Linear { .. } | Self::Classes(_) => 0.0,
        }
    }

    /// v_l: what the margin takes of layer `l`'s normalised activities directly; empty for
    /// nothing.
    pub fn direct(&self, l: usize) -> &'a [f32] {
        let Self::Linear { layers, vector } = *self else { return &[] };
        let start: usize = layers.iter().take(l).map(|layer| layer.shape.outputs).sum();
        let units = layers.get(l).map_or(0, |layer| layer.shape.outputs);
        vector.get(start..start + units).unwrap_or(&[])
    }

    /// What layer `l` of a row adds to the margin, from its values before the ReLU and the sum of
    /// the squares after it.
    pub fn value(&self, l: usize, row: usize, z: &[f32], squares: f32) -> f32 {
        match self {
            Self::Squares { .. } => self.weight(l, row) * squares,
            Self::Linear { .. } => {
                let read = z.iter().zip(self.direct(l)).map(|(&z, v)| if z > 0.0 { z * v } else { 0.0 });
                read.sum::<f32>() * activity::inverse_rms(squares, z.len())
            }
            Self::Classes(classes) => classes.value(l, z),
        }
    }

    /// Adds what a one-pass head takes of layer `l` directly to the multipliers of z, between the
    /// values at the image and at the baseline.
    pub fn add_differences(&self, l: usize, [z, base]: [&[f32]; 2], d: &mut [f32]) {
        if let Self::Classes(classes) = self {
            classes.add_differences(l, z, base, d);
        }
    }

    /// The same for the score itself, as a sum over z.
    pub fn add_shares(&self, l: usize, z: &[f32], d: &mut [f32]) {
        if let Self::Classes(classes) = self {
            classes.add_shares(l, z, d);
        }
    }

    /// What the label rows have of the score: what [`Head::add_shares`] leaves.
    pub fn label_share(&self, l: usize, z: &[f32]) -> f32 {
        if let Self::Classes(classes) = self { classes.label_share(l, z) } else { 0.0 }
    }
}
