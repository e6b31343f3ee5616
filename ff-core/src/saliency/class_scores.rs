//! What the head of a one-pass rule takes of each layer, and its exact differences.
//!
//! Every head is a sum over units of a function of one z each, so a difference is shared out unit by
//! unit: `(f(z) - f(z')) / (z - z')`, the derivative where z = z'.

use super::ClassHead;
use super::delta::slope;
use super::gate::Gate;
use super::head::Head;
use crate::kernel::Kernel;
use crate::layer::{LayerRef, Shape};
use crate::math::{lifted, rectified};
use crate::onepass::{LabelRows, group};
use crate::pieces;

/// A one-pass head's margin.
pub(super) struct ClassScores<'a> {
    head: ClassHead,
    layers: &'a [LayerRef<'a>],
    /// The first layer that counts.
    from: usize,
    /// All layers' label rows.
    labels: &'a [f32],
    /// The classes' weights in the margin.
    weights: &'a [f32],
    /// One value a unit, layer by layer: what h^2 counts with groups, what h counts with local
    /// classifiers. Not used for N-way heads.
    vector: &'a [f32],
}

/// A layer's part of the margin.
enum Own<'a> {
    /// `scale * sum over y and j of w_y relu(z_j + U_yj)^2`.
    Lifted { scale: f32, rows: LabelRows<'a>, weights: &'a [f32] },
    /// `sum over j of v_j relu(z_j)^2`.
    Squares(&'a [f32]),
    /// `sum over j of v_j relu(z_j)`.
    Activities(&'a [f32]),
}

impl<'a> ClassScores<'a> {
    /// Takes network and head for checked. `vector` is as long as the layers' units together.
    pub fn new<K: Kernel>(
        kernel: &mut K,
        head: ClassHead,
        (layers, from): (&'a [LayerRef<'a>], usize),
        labels: &'a [f32],
        weights: &'a [f32],
        vector: &'a mut [f32],
    ) -> Self {
        vector.fill(0.0);
        let (mut rest, mut left, classes) = (&mut *vector, labels, weights.len());
        for (l, layer) in layers.iter().enumerate() {
            let units = layer.shape.outputs;
            let own = pieces::take(&mut rest, units);
            let (rows, above) = pieces::split(left, if head.has_label_rows() { classes * units } else { 0 });
            left = above;
            match head {
                _ if l < from => {}
                ClassHead::NWay(_) => {}
                ClassHead::Groups(groups) => {
                    for (y, w) in weights.iter().enumerate() {
                        let own = pieces::part_mut(own, group(y, classes, units));
                        own.fill(w / groups.temperature);
                    }
                }
                ClassHead::LocalCrossEntropy(_) => {
                    kernel.product(Shape { inputs: classes, outputs: units }, weights, rows, own);
                }
            }
        }
        Self { head, layers, from, labels, weights, vector }
    }

    /// What layer `l` adds to the margin; none where it does not count.
    fn own(&self, l: usize) -> Option<Own<'a>> {
        let layer = self.layers.get(l).filter(|_| l >= self.from)?;
        let below: usize = self.layers.iter().take(l).map(|layer| layer.shape.outputs).sum();
        let (units, classes) = (layer.shape.outputs, self.weights.len());
        let vector = || pieces::part(self.vector, below..below + units);
        Some(match self.head {
            ClassHead::NWay(head) => {
                let weights = pieces::part(self.labels, classes * below..classes * (below + units));
                let rows = LabelRows { classes, units, weights };
                Own::Lifted { scale: head.inverse_temperature(units), rows, weights: self.weights }
            }
            ClassHead::Groups(_) => Own::Squares(vector()),
            ClassHead::LocalCrossEntropy(_) => Own::Activities(vector()),
        })
    }

    /// What [`Gate::pass_down`] does, with what the head takes of the first layer directly.
    pub fn through_gate(&self, gate: &Gate<'_>, both: [&[f32]; 2], d: &mut [f32]) -> f32 {
        let [z, base] = both;
        let units = || z.iter().copied().zip(base.iter().copied());
        let own = self.own(0);
        match &own {
            Some(Own::Squares(v)) => {
                let sums = units().map(|(z, base)| rectified(z) + rectified(base));
                d.iter_mut().zip(*v).zip(sums).for_each(|((d, v), sum)| *d += v * sum);
            }
            Some(Own::Activities(v)) => d.iter_mut().zip(*v).for_each(|(d, v)| *d += v),
            Some(Own::Lifted { .. }) | None => {}
        }
        let mut rest = gate.pass_down(both, d);
        if let Some(Own::Lifted { scale, rows, weights }) = own {
            for (j, (d, (z, base))) in d.iter_mut().zip(units()).enumerate() {
                for (w, u) in counted(rows, weights) {
                    let u = pieces::value(u, j);
                    let change = gate.change(j, u, z, base);
                    let multiplier = scale * w * (lifted(z, u) + lifted(base, u));
                    *d += multiplier * change.slope;
                    rest += multiplier * change.rest;
                }
            }
        }
        rest
    }
}

impl Head for ClassScores<'_> {
    fn value(&self, l: usize, _: usize, z: &[f32], _: f32) -> f32 {
        match self.own(l) {
            None => 0.0,
            Some(Own::Squares(v)) => z.iter().zip(v).map(|(&z, v)| v * rectified(z) * rectified(z)).sum(),
            Some(Own::Activities(v)) => z.iter().zip(v).map(|(&z, v)| v * rectified(z)).sum(),
            Some(Own::Lifted { scale, rows, weights }) => {
                let goodness = |u: &[f32]| z.iter().zip(u).map(|(&z, &u)| lifted(z, u) * lifted(z, u)).sum::<f32>();
                scale * counted(rows, weights).map(|(w, u)| w * goodness(u)).sum::<f32>()
            }
        }
    }

    /// Adds the difference quotients of the layer's part to `d`.
    fn add_differences(&self, l: usize, [z, base]: [&[f32]; 2], d: &mut [f32]) {
        let units = || z.iter().copied().zip(base.iter().copied());
        let quotient = |z: f32, base: f32| slope(z, base) * (rectified(z) + rectified(base));
        match self.own(l) {
            None => {}
            Some(Own::Squares(v)) => {
                d.iter_mut().zip(v).zip(units()).for_each(|((d, v), (z, base))| *d += v * quotient(z, base));
            }
            Some(Own::Activities(v)) => {
                d.iter_mut().zip(v).zip(units()).for_each(|((d, v), (z, base))| *d += v * slope(z, base));
            }
            Some(Own::Lifted { scale, rows, weights }) => {
                for (j, (d, (z, base))) in d.iter_mut().zip(units()).enumerate() {
                    let labels = counted(rows, weights).map(|(w, u)| (w, pieces::value(u, j)));
                    *d += scale * labels.map(|(w, u)| w * quotient(z + u, base + u)).sum::<f32>();
                }
            }
        }
    }

    fn class_scores(&self) -> Option<&ClassScores<'_>> {
        Some(self)
    }

    /// Adds shares in proportion to z: `sum over j of share_j z_j`, with the label rows' share, is
    /// the layer's part.
    fn add_shares(&self, l: usize, z: &[f32], d: &mut [f32]) {
        match self.own(l) {
            None => {}
            Some(Own::Squares(v)) => {
                d.iter_mut().zip(v).zip(z).for_each(|((d, v), &z)| *d += v * rectified(z));
            }
            Some(Own::Activities(v)) => {
                d.iter_mut().zip(v).zip(z).for_each(|((d, v), &z)| *d += if z > 0.0 { *v } else { 0.0 });
            }
            Some(Own::Lifted { scale, rows, weights }) => {
                for (j, (d, &z)) in d.iter_mut().zip(z).enumerate() {
                    let labels = counted(rows, weights).map(|(w, u)| (w, pieces::value(u, j)));
                    *d += scale * labels.map(|(w, u)| w * lifted(z, u)).sum::<f32>();
                }
            }
        }
    }

    /// What the label rows have: `scale * sum of w_y relu(z_j + U_yj) U_yj`.
    fn label_share(&self, l: usize, z: &[f32]) -> f32 {
        let Some(Own::Lifted { scale, rows, weights }) = self.own(l) else { return 0.0 };
        let share = |u: &[f32]| z.iter().zip(u).map(|(&z, &u)| lifted(z, u) * u).sum::<f32>();
        scale * counted(rows, weights).map(|(w, u)| w * share(u)).sum::<f32>()
    }
}

/// The label rows in the margin, with their weights.
fn counted<'a>(rows: LabelRows<'a>, weights: &'a [f32]) -> impl Iterator<Item = (f32, &'a [f32])> {
    let counted = weights.iter().copied().enumerate().filter(|&(_, w)| w != 0.0);
    counted.map(move |(y, w)| (w, rows.row(y)))
}
