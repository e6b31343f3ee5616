//! What a training step works on, and what it reports. Every learning rule takes the same learner.

use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::LayerMut;
use crate::network::{MAX_LAYERS, Parameters};
use crate::optimiser::{Block, Optimiser, State};
use crate::pieces;
use crate::random::Rng;

/// Everything that a step works on. All of it is the caller's: firmware keeps statics, a host
/// vectors.
#[derive(Debug)]
pub struct Learner<'a, P, S, K> {
    /// What learns.
    pub network: &'a mut P,
    /// What the optimiser remembers: [`Stateless`](crate::optimiser::Stateless), a second network
    /// that began as zeros, or [`Moments`](crate::optimiser::Moments).
    pub state: &'a mut S,
    /// Peer normalisation's running means, one a unit of every layer, beginning as zeros; empty
    /// where it is off.
    pub means: &'a mut [f32],
    /// At least as many floats as the rule's `scratch_floats` says, of any content.
    pub scratch: &'a mut [f32],
    /// Draws wrong labels and dropout masks.
    pub rng: &'a mut Rng,
    /// Multiplies.
    pub kernel: &'a mut K,
}

/// What a step saw, before it changed anything.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Report {
    /// Each layer's mean goodness.
    pub layers: LayerReports,
    /// How many samples of the batch were given another label than their own, where the rule
    /// classifies as it learns: by the readout, or by the last layer's scores.
    pub errors: Option<usize>,
}

/// A report of every layer, as a slice.
#[derive(Clone, Copy, Default, PartialEq)]
pub struct LayerReports {
    layers: [LayerReport; MAX_LAYERS],
    count: u8,
}

impl LayerReports {
    /// The next layer's; past the deepest network there is none.
    pub(crate) fn push(&mut self, seen: LayerReport) {
        if let Some(layer) = self.layers.get_mut(usize::from(self.count)) {
            *layer = seen;
            self.count += 1;
        }
    }
}

impl core::ops::Deref for LayerReports {
    type Target = [LayerReport];

    fn deref(&self) -> &[LayerReport] {
        self.layers.get(..usize::from(self.count)).unwrap_or_default()
    }
}

impl<'a> IntoIterator for &'a LayerReports {
    type Item = &'a LayerReport;
    type IntoIter = core::slice::Iter<'a, LayerReport>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl core::fmt::Debug for LayerReports {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for LayerReports {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::Format::format(&**self, f);
    }
}

/// A layer's goodness per unit (so 1 is the usual threshold), a mean over the batch. For rules
/// that score every class at once: the true class's score, and the mean of the others'.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LayerReport {
    /// Of the positive rows.
    pub positive: f32,
    /// Of the negative rows.
    pub negative: f32,
}

impl LayerReport {
    /// Whether both are numbers at all.
    pub(crate) const fn is_finite(self) -> bool {
        self.positive.is_finite() && self.negative.is_finite()
    }
}

/// Which layers keep their weights as they are. They still fire, so layers above can learn.
///
/// Use it to adapt the top of a network that was trained elsewhere, or to train layer by layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Frozen(u8);

impl Frozen {
    /// Every layer learns.
    pub const NONE: Self = Self(0);

    /// The same, and layer `l` (from 0) keeps its weights.
    #[must_use]
    pub const fn with(self, l: usize) -> Self {
        if l < MAX_LAYERS { Self(self.0 | 1 << l) } else { self }
    }

    /// The layers below `l` keep their weights.
    #[must_use]
    pub const fn below(l: usize) -> Self {
        if l < MAX_LAYERS { Self((1 << l) - 1) } else { Self(u8::MAX) }
    }

    /// Whether layer `l` keeps its weights.
    #[must_use]
    pub const fn layer(self, l: usize) -> bool {
        l < MAX_LAYERS && self.0 >> l & 1 == 1
    }
}

/// A learner's parts with their shapes erased: what the rules, compiled once, work on.
pub(crate) struct Parts<'a, 'v, K> {
    pub weights: Weights<'a, 'v>,
    pub means: &'a mut [f32],
    pub kernel: &'a mut K,
}

/// All that is learned, with the optimiser's moments.
pub(crate) struct Weights<'a, 'v> {
    pub layers: &'a mut [LayerMut<'v>],
    pub readout: &'a mut [f32],
    first: Moment<'a, 'v>,
    second: Moment<'a, 'v>,
}

/// One moment of every weight; empty where none is kept.
struct Moment<'a, 'v> {
    layers: &'a mut [LayerMut<'v>],
    readout: &'a mut [f32],
}

impl<P, S, K> Learner<'_, P, S, K> {
    /// The same parts, for a shorter time.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Learner<'_, P, S, K> {
        Learner {
            network: self.network,
            state: self.state,
            means: self.means,
            scratch: self.scratch,
            rng: self.rng,
            kernel: self.kernel,
        }
    }
}

impl<P: Parameters, S: State, K: Kernel> Learner<'_, P, S, K> {
    /// Erases the shapes and runs `step` with the parts, the scratch and the generator.
    pub(crate) fn erased<R>(
        &mut self,
        step: impl for<'a, 'v> FnOnce(Parts<'a, 'v, K>, &'a mut [f32], &'a mut Rng) -> R,
    ) -> R {
        let (mut layers, readout) = self.network.views_mut();
        let [mut first, mut second] = self.state.moments();
        let weights = Weights {
            layers: layers.as_mut(),
            readout,
            first: Moment::erased(&mut first),
            second: Moment::erased(&mut second),
        };
        step(Parts { weights, means: self.means, kernel: self.kernel }, self.scratch, self.rng)
    }
}

impl<'a, 'v> Moment<'a, 'v> {
    fn erased<V: AsMut<[LayerMut<'v>]>>(moment: &'a mut Option<(V, &mut [f32])>) -> Self {
        match moment {
            Some((layers, readout)) => Self { layers: layers.as_mut(), readout },
            None => Self { layers: &mut [], readout: &mut [] },
        }
    }

    /// Some of layer `l`'s weights; nothing where the optimiser keeps no such moment.
    fn weights(&mut self, l: usize, range: core::ops::Range<usize>) -> &mut [f32] {
        self.layers.get_mut(l).and_then(|layer| layer.weights.get_mut(range)).unwrap_or_default()
    }

    fn biases(&mut self, l: usize) -> &mut [f32] {
        self.layers.get_mut(l).map_or(&mut [], |layer| &mut *layer.biases)
    }

    fn readout(&mut self, range: core::ops::Range<usize>) -> &mut [f32] {
        self.readout.get_mut(range).unwrap_or_default()
    }

    /// Whether it has the network's own shapes.
    fn check(&self, layers: &[LayerMut<'_>], readout: &[f32]) -> Result<(), Error> {
        error::exactly("the optimiser state's layers", layers.len(), self.layers.len())?;
        error::exactly("the optimiser state's readout", readout.len(), self.readout.len())?;
        for (layer, own) in layers.iter().zip(self.layers.iter()) {
            error::exactly("the optimiser state's weights", layer.weights.len(), own.weights.len())?;
            error::exactly("the optimiser state's biases", layer.biases.len(), own.biases.len())?;
        }
        Ok(())
    }
}

impl Weights<'_, '_> {
    /// Refuses a state that does not have the shapes that the optimiser needs.
    pub fn check<O: Optimiser>(&self) -> Result<(), Error> {
        if O::MOMENTS > 0 {
            self.first.check(self.layers, self.readout)?;
        }
        if O::MOMENTS > 1 {
            self.second.check(self.layers, self.readout)?;
        }
        Ok(())
    }

    /// The weights of some of layer `l`'s inputs, to be moved.
    pub fn weights<'b>(&'b mut self, l: usize, inputs: core::ops::Range<usize>, gradient: &'b mut [f32]) -> Block<'b> {
        let (width, weights) = match self.layers.get_mut(l) {
            Some(LayerMut { shape, weights, .. }) => (shape.outputs, &mut **weights),
            None => (0, &mut [][..]),
        };
        let range = inputs.start * width..inputs.end * width;
        let moments = [self.first.weights(l, range.clone()), self.second.weights(l, range.clone())];
        Block { width, values: pieces::part_mut(weights, range), moments, gradient }
    }

    /// Layer `l`'s biases, to be moved.
    pub fn biases<'b>(&'b mut self, l: usize, gradient: &'b mut [f32]) -> Block<'b> {
        let (width, values) = match self.layers.get_mut(l) {
            Some(LayerMut { shape, biases, .. }) => (shape.outputs, &mut **biases),
            None => (0, &mut [][..]),
        };
        let moments = [self.first.biases(l), self.second.biases(l)];
        Block { width, values, moments, gradient }
    }

    /// A part of the readout, to be moved, in rows of `width`.
    pub fn readout<'b>(
        &'b mut self,
        range: core::ops::Range<usize>,
        width: usize,
        gradient: &'b mut [f32],
    ) -> Block<'b> {
        let values = pieces::part_mut(self.readout, range.clone());
        let moments = [self.first.readout(range.clone()), self.second.readout(range)];
        Block { width, values, moments, gradient }
    }
}
