//! What each layer contributes to the margin: the one place that knows which score is explained.
//!
//! Everything else — ReLU, length normalisation, sweeps down — is shared by all scores and
//! methods. The heads of one-pass rules, which score all classes from one row, are in
//! `class_scores.rs`. A score that contributes in yet another way is another `impl Head`.

use super::class_scores::ClassScores;
use super::{Against, Target};
use crate::activity;
use crate::layer::LayerRef;
use crate::pieces;

/// The margin as a sum over rows and layers.
///
/// Behind a pointer: a program that asks for one kind of score then links no other.
pub(super) trait Head: Sync {
    /// Rows of one input: how many labels it goes up under.
    fn rows(&self) -> usize {
        1
    }

    /// The label that a row carries; none for a neutral row.
    fn label(&self, _row: usize) -> Option<usize> {
        None
    }

    /// How a row's goodness of layer `l` counts in the margin.
    fn weight(&self, _l: usize, _row: usize) -> f32 {
        0.0
    }

    /// What the margin takes of layer `l`'s normalised activities directly; empty for nothing.
    fn direct(&self, _l: usize) -> &[f32] {
        &[]
    }

    /// What layer `l` of a row adds to the margin, from its values before the ReLU and the sum of
    /// the squares after it.
    fn value(&self, l: usize, row: usize, z: &[f32], squares: f32) -> f32;

    /// Adds what a one-pass head takes of layer `l` directly to the multipliers of z, between the
    /// values at the sample and at the baseline.
    fn add_differences(&self, _l: usize, _both: [&[f32]; 2], _d: &mut [f32]) {}

    /// The head itself, where it is a one-pass rule's.
    ///
    /// What only some programs ask of it is asked there: a method here is linked into all.
    fn class_scores(&self) -> Option<&ClassScores<'_>> {
        None
    }

    /// What [`Head::add_differences`] does, for the score itself, as a sum over z.
    fn add_shares(&self, _l: usize, _z: &[f32], _d: &mut [f32]) {}

    /// What the label rows have of the score: what [`Head::add_shares`] leaves.
    fn label_share(&self, _l: usize, _z: &[f32]) -> f32 {
        0.0
    }
}

/// Room for the head of one pass.
#[derive(Default)]
pub(super) struct HeadStorage<'a> {
    pub squares: Option<Squares>,
    pub linear: Option<Linear<'a>>,
    pub classes: Option<ClassScores<'a>>,
}

/// `sum over rows r of w_r * sum over layers l >= from of G_l`: a row for every label in the
/// margin.
pub(super) struct Squares {
    pub from: usize,
    pub target: Target,
    pub classes: usize,
}

impl Head for Squares {
    fn rows(&self) -> usize {
        match self.target.against {
            Against::Nothing => 1,
            Against::Label(_) => 2,
            Against::MeanOfOthers => self.classes,
        }
    }

    fn label(&self, row: usize) -> Option<usize> {
        Some(match (self.target.against, row) {
            (Against::MeanOfOthers, row) => row,
            (Against::Label(other), 1) => usize::from(other),
            _ => usize::from(self.target.label),
        })
    }

    #[cfg_attr(target_os = "none", inline(never))]
    fn weight(&self, l: usize, row: usize) -> f32 {
        match (self.target.against, row) {
            _ if l < self.from => 0.0,
            (Against::MeanOfOthers, row) => self.target.weight(row, self.classes),
            (_, 0) => 1.0,
            _ => -1.0,
        }
    }

    fn value(&self, l: usize, row: usize, _: &[f32], squares: f32) -> f32 {
        self.weight(l, row) * squares
    }
}

/// `sum over layers l >= from of N(h_l) . v_l`: one neutral row.
pub(super) struct Linear<'a> {
    pub layers: &'a [LayerRef<'a>],
    /// v_l for every layer, zeros below `from`.
    pub vector: &'a [f32],
}

impl Head for Linear<'_> {
    fn direct(&self, l: usize) -> &[f32] {
        let start: usize = self.layers.iter().take(l).map(|layer| layer.shape.outputs).sum();
        let units = self.layers.get(l).map_or(0, |layer| layer.shape.outputs);
        pieces::part(self.vector, start..start + units)
    }

    fn value(&self, l: usize, _: usize, z: &[f32], squares: f32) -> f32 {
        let read = z.iter().zip(self.direct(l)).map(|(&z, v)| if z > 0.0 { z * v } else { 0.0 });
        read.sum::<f32>() * activity::inverse_rms(squares, z.len())
    }
}
