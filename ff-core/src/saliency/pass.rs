//! Up the network: inputs under the margin's labels, every layer's values kept.

use super::class_scores::ClassScores;
use super::head::{Head, HeadStorage, Linear, Squares};
use super::{Score, Target};
use crate::activity;
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::label::{self, Labelled, SLOT};
use crate::layer::{LayerRef, Shape};
use crate::math;
use crate::network;
use crate::network::Plan;
use crate::neutral::multiply_pixels;
use crate::pieces;
use core::ops::Range;

/// The layers that a score looks at.
struct Scored {
    /// The first that counts.
    from: usize,
    /// One past the last.
    cut: usize,
}

impl Scored {
    /// Refuses a score that the network does not have.
    fn new(score: &Score, plan: &Plan, depth: usize, readout: &[f32]) -> Result<Self, Error> {
        match *score {
            Score::Goodness(_) | Score::OneLayer(_) => {
                plan.expect_label_slots(plan.classes, "a label's goodness takes a network with label inputs")?;
            }
            Score::Logits if readout.is_empty() => return Err(Error::Shape { what: "the network has no readout" }),
            Score::Logits => {}
            Score::OnePass { head, .. } | Score::OnePassLayer { head, .. } => head.check(plan)?,
        }
        match *score {
            Score::Goodness(scored) | Score::OnePass { scored, .. } => {
                Ok(Self { from: scored.from.min(depth - 1), cut: depth })
            }
            Score::OneLayer(layer) | Score::OnePassLayer { layer, .. } if layer < depth => {
                Ok(Self { from: layer, cut: layer + 1 })
            }
            Score::Logits => Ok(Self { from: plan.readout_from, cut: depth }),
            _ => Err(Error::Shape { what: "the network has no layer of the score's number" }),
        }
    }
}

/// A network, cut after the last layer that the score looks at, and the margin that is asked for.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a> {
    pub plan: Plan,
    pub layers: &'a [LayerRef<'a>],
    pub head: &'a dyn Head,
    /// The mean label row, where the pass is neutral.
    mean: &'a [f32],
}

/// Some inputs' products with the first layer: `pixels` is inputs x units, `inverse` 1 / N of
/// each.
pub(super) struct Inputs<'a> {
    pub pixels: &'a [f32],
    pub inverse: &'a [f32],
    /// Which of the margin's labels they go up under.
    pub labels: Range<usize>,
}

/// What some rows did: `z`, the values before the ReLU, layer by layer and rows x units each, and
/// `squares`, layers x rows, the sums of squares after it.
#[derive(Clone, Copy)]
pub(super) struct Trace<'a> {
    pub z: &'a [f32],
    pub squares: &'a [f32],
    pub rows: usize,
}

/// Floats of a trace's `z` and `squares` for one row.
pub(super) const fn trace_floats(shapes: &[Shape]) -> usize {
    units(shapes) + shapes.len()
}

/// The sum of all layers' widths.
pub(super) const fn units(shapes: &[Shape]) -> usize {
    let (mut sum, mut l) = (0, 0);
    while l < shapes.len() {
        sum += shapes[l].outputs;
        l += 1;
    }
    sum
}

/// The first layer's width.
pub(super) const fn first_units(shapes: &[Shape]) -> usize {
    if shapes.is_empty() { 0 } else { shapes[0].outputs }
}

/// Features of a sample at most: those of a network without label inputs.
pub(super) const fn features(shapes: &[Shape]) -> usize {
    if shapes.is_empty() { 0 } else { shapes[0].inputs }
}

impl<'a> Pass<'a> {
    /// Floats that a pass itself holds, whatever goes up: the mean label row, v and the classes'
    /// weights.
    pub const fn floats(shapes: &[Shape], classes: usize) -> usize {
        first_units(shapes) + units(shapes) + classes
    }

    /// Checks network, score and target. Takes [`Pass::floats`] off the scratch, and puts
    /// the score's head into its room.
    pub fn new<K: Kernel>(
        (classes, slots, layers, readout): (usize, usize, &'a [LayerRef<'a>], &'a [f32]),
        score: Score,
        target: Target,
        scratch: &mut &'a mut [f32],
        kernel: &mut K,
        room: &'a mut HeadStorage<'a>,
    ) -> Result<Self, Error> {
        let mut plan = Plan::new(classes, slots, layers.iter().copied(), readout.len())?;
        target.check(classes)?;
        let Scored { from, cut } = Scored::new(&score, &plan, layers.len(), readout)?;
        let layers = layers.get(..cut).unwrap_or(layers);
        plan.widest = layers.iter().map(|layer| layer.shape.outputs).max().unwrap_or(0);
        let head = match score {
            Score::Goodness(_) | Score::OneLayer(_) => {
                let head = room.squares.insert(Squares { from, target, classes });
                return Ok(Self { plan, layers, head, mean: &[] });
            }
            Score::Logits => None,
            Score::OnePass { head, .. } | Score::OnePassLayer { head, .. } => Some(head),
        };
        let all: usize = layers.iter().map(|layer| layer.shape.outputs).sum();
        let LayerRef { shape: Shape { outputs: first, .. }, weights: first_weights, .. } = LayerRef::of(layers, 0);
        error::at_least("scratch", first + all + classes, scratch.len())?;
        let mean = pieces::take(scratch, first);
        label::mean_row(pieces::first(first_weights, slots * first), mean);
        let (vector, weights) = (pieces::take(scratch, all), pieces::take(scratch, classes));
        weights.iter_mut().enumerate().for_each(|(class, w)| *w = target.weight(class, classes));
        let head: &dyn Head = match head {
            None => room.linear.insert(Linear { layers, vector: read(kernel, layers, from, readout, weights, vector) }),
            Some(head) => room.classes.insert(ClassScores::new(kernel, head, (layers, from), readout, weights, vector)),
        };
        Ok(Self { plan, layers, head, mean })
    }

    /// The first layer.
    pub fn first(&self) -> LayerRef<'a> {
        LayerRef::of(self.layers, 0)
    }

    /// Units of the first layer.
    pub fn first_units(&self) -> usize {
        self.first().shape.outputs
    }

    /// Floats of a [`Trace`] of so many rows, and of the widest layer's rows.
    pub fn trace_floats(&self, rows: usize) -> usize {
        rows * (self.layers.iter().map(|layer| layer.shape.outputs).sum::<usize>() + self.layers.len())
    }

    /// What the label slots send to the first layer's units, for one of the margin's rows.
    pub fn label_row(&self, row: usize) -> &'a [f32] {
        let units = self.first_units();
        match self.head.label(row) {
            Some(label) => pieces::row(self.first().weights, units, label),
            None => self.mean,
        }
    }

    /// The sum of an input's squares, label slots included, given its features' alone.
    pub fn input_squares(&self, features: f32) -> f32 {
        features + if self.mean.is_empty() { SLOT * SLOT } else { label::neutral_squares(self.plan.slots) }
    }

    /// 1 / N of an input, given the sum of its squares with the label slots.
    pub fn inverse(&self, squares: f32) -> f32 {
        activity::inverse_rms(squares, self.plan.features + self.plan.slots)
    }

    /// One sample's product with the first layer; an empty sample is all zeros.
    ///
    /// Where most features are zero, the others' weight rows are added one by one: the same sums
    /// in the same order, at the price of the ink alone. A device's kernel skips zeros by itself.
    pub fn multiply<K: Kernel>(&self, kernel: &mut K, sample: &[f32], pixels: &mut [f32]) {
        // A kernel may count on whole slices.
        if sample.is_empty() {
            return pixels.fill(0.0);
        }
        let live = || sample.iter().copied().enumerate().filter(|&(_, x)| x != 0.0);
        if cfg!(target_os = "none") || 2 * live().count() > self.plan.features {
            return multiply_pixels(kernel, &self.plan, &self.first(), sample, pixels);
        }
        pixels.fill(0.0);
        for (feature, x) in live() {
            self.add_feature(kernel, feature, x, pixels);
        }
    }

    /// `pixels += by * (the feature's weight row)`.
    pub fn add_feature<K: Kernel>(&self, kernel: &mut K, feature: usize, by: f32, pixels: &mut [f32]) {
        let shape = Shape { inputs: 1, outputs: pixels.len() };
        kernel.rank_update(shape, 1.0, by, &[1.0], self.feature_row(feature), pixels);
    }

    /// What a feature sends to the first layer's units.
    pub fn feature_row(&self, feature: usize) -> &'a [f32] {
        pieces::row(self.first().weights, self.first_units(), self.plan.slots + feature)
    }

    /// Sends inputs up under their labels and keeps what they do. Rows are stacked input by input.
    ///
    /// `memory` is [`Pass::trace_floats`] long, `work` rows x widest.
    pub fn fire<'t, K: Kernel>(
        &self,
        kernel: &mut K,
        inputs: &Inputs<'_>,
        memory: &'t mut [f32],
        work: &mut [f32],
    ) -> Trace<'t> {
        let rows = inputs.inverse.len() * inputs.labels.len();
        let (squares, z) = pieces::split_mut(memory, rows * self.layers.len());
        let mut rest = &mut *z;
        for (l, (layer, squares)) in self.layers.iter().zip(pieces::rows_mut(squares, rows)).enumerate() {
            let Shape { inputs: width, outputs } = layer.shape;
            let z = pieces::take(&mut rest, rows * outputs);
            if l == 0 {
                self.join(kernel, inputs, z);
            } else {
                kernel.product(layer.shape, pieces::first(work, rows * width), layer.weights, z);
            }
            activate(kernel, layer, z, squares, pieces::first_mut(work, rows * outputs));
        }
        Trace { z, squares, rows }
    }

    /// The first layer's products of labelled, normalised inputs.
    #[cfg_attr(target_os = "none", inline(never))]
    fn join<K: Kernel>(&self, kernel: &mut K, inputs: &Inputs<'_>, z: &mut [f32]) {
        let units = self.first_units();
        let together = inputs.labels.len();
        kernel.rows(units, z, |r: usize, row: &mut [f32]| {
            let (input, label) = pieces::place(r, together);
            let pixels = pieces::from(inputs.pixels, input * units);
            let inverse = pieces::value(inputs.inverse, input);
            Labelled { label_row: self.label_row(inputs.labels.start + label), pixels, inverse }.join(row);
        });
    }

    /// The margin's part of row `r` of a trace, which is row `row` of the margin.
    pub fn value(&self, trace: &Trace<'_>, r: usize, row: usize) -> f32 {
        let layers = self.layers.iter().enumerate();
        layers.map(|(l, _)| self.head.value(l, row, self.z(trace, l, r), trace.squares(l, r))).sum()
    }

    /// What a one-pass head's label rows have of row `r` of a trace.
    pub fn label_shares(&self, trace: &Trace<'_>, r: usize) -> f32 {
        (0..self.layers.len()).map(|l| self.head.label_share(l, self.z(trace, l, r))).sum()
    }

    /// The multipliers of layer `l`'s normalised activities into `m` (rows x units): what the layer
    /// above sends back from its `d` (rows x its units), and what the margin takes directly. Tells
    /// whether there are any.
    pub fn pull_multipliers<K: Kernel>(&self, kernel: &mut K, l: usize, d: &[f32], m: &mut [f32]) -> bool {
        let direct = self.head.direct(l);
        let above = self.layers.get(l + 1);
        match above {
            Some(above) => {
                let rows = pieces::count(m.len(), above.shape.inputs);
                kernel.matmul_transposed(above.shape, pieces::first(d, rows * above.shape.outputs), above.weights, m);
            }
            None => m.fill(0.0),
        }
        if !direct.is_empty() {
            let rows = pieces::rows_mut(m, direct.len());
            rows.for_each(|row| activity::add_scaled(row, 1.0, direct));
        }
        above.is_some() || !direct.is_empty()
    }

    /// Layer `l`'s values before the ReLU in row `r` of a trace.
    pub fn z<'t>(&self, trace: &Trace<'t>, l: usize, r: usize) -> &'t [f32] {
        let below: usize = self.layers.iter().take(l).map(|layer| layer.shape.outputs).sum();
        let units = self.layers.get(l).map_or(0, |layer| layer.shape.outputs);
        let start = trace.rows * below + r * units;
        pieces::part(trace.z, start..start + units)
    }
}

impl Trace<'_> {
    /// The sum of squares of layer `l`'s activities in row `r`.
    pub fn squares(&self, l: usize, r: usize) -> f32 {
        pieces::value(self.squares, l * self.rows + r)
    }
}

/// From a layer's products to its values before the ReLU (`z`), normalised activities (`work`) and the
/// sums of squares between.
#[cfg_attr(target_os = "none", inline(never))]
fn activate<K: Kernel>(kernel: &mut K, layer: &LayerRef<'_>, z: &mut [f32], squares: &mut [f32], work: &mut [f32]) {
    let units = layer.shape.outputs;
    kernel.rows(units, z, |_: usize, row: &mut [f32]| activity::add_scaled(row, 1.0, layer.biases));
    pieces::copy(z, work);
    kernel.rows_into(units, work, squares, |_, row| finish(row));
}

/// From values before the ReLU to normalised activities; returns the sum of squares between.
#[inline(always)]
fn finish(row: &mut [f32]) -> f32 {
    activity::rectify(row);
    let squares = math::square_sum(row);
    activity::normalise(row, squares);
    squares
}

/// `v_l = V_l w` for the layers that the readout reads, zeros below: w holds the classes' weights
/// in the margin.
fn read<'a, K: Kernel>(
    kernel: &mut K,
    layers: &[LayerRef<'_>],
    from: usize,
    readout: &[f32],
    weights: &[f32],
    vector: &'a mut [f32],
) -> &'a [f32] {
    let classes = weights.len();
    let (mut rest, mut left) = (&mut *vector, readout);
    for (l, layer) in layers.iter().enumerate() {
        let shape = Shape { inputs: layer.shape.outputs, outputs: classes };
        let own = pieces::take(&mut rest, shape.inputs);
        if l < from {
            own.fill(0.0);
            continue;
        }
        let (block, above) = pieces::split(left, shape.weights());
        kernel.matmul_transposed(shape, weights, block, own);
        left = above;
    }
    vector
}

/// Floats that `rows` rows of the widest layer take.
pub(super) const fn work_floats(shapes: &[Shape], rows: usize) -> usize {
    rows * network::widest(shapes)
}
