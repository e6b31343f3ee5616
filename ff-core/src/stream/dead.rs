//! Which units never fire?

use core::slice;

use heapless::Vec;

use crate::activity;
use crate::checksum::Crc32;
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::label::{self, Labelled, SLOT};
use crate::layer::{LayerRef, Shape};
use crate::network::{MAX_LAYERS, Parameters, Plan, widest};
use crate::neutral::multiply_pixels;
use crate::pieces;
use crate::sample::Batch;
use crate::snapshot::{Block, BlockMut, Saved};

/// Bits of a word.
const WORD: usize = u32::BITS as usize;

/// Which units have fired, `h = relu(z) > 0`, a bit each: `4 WORDS + 4` bytes.
///
/// A unit that is silent for every sample is dead: no layer above hears of it, and nothing moves its weights
/// any more, unless a label row lifts it (N-way goodness), which is not looked at. Watch a few hundred
/// samples, ask, and begin again.
///
/// Use to tell a rate that is too high (units die early), or a network that is wider than its task
/// needs. Avoid as a reason to stop: a network may do well with half of its units dead. Cost: one pass,
/// all weights once a sample, zeros skipped.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired<const WORDS: usize> {
    fired: [u32; WORDS],
    samples: u32,
}

/// Floats of scratch for [`Fired::watch`].
#[must_use]
pub const fn watch_floats(shapes: &[Shape]) -> usize {
    2 * widest(shapes)
}

/// Words for the units of some layers.
#[must_use]
pub const fn words(shapes: &[Shape]) -> usize {
    let (mut units, mut l) = (0, 0);
    while l < shapes.len() {
        units += shapes[l].outputs;
        l += 1;
    }
    units.div_ceil(WORD)
}

impl<const WORDS: usize> Fired<WORDS> {
    /// Before the first sample.
    pub const ZEROED: Self = Self { fired: [0; WORDS], samples: 0 };

    /// Sends a sample up and marks what fires. Where the network has label inputs, the sample goes up under
    /// its label; others see the sample alone.
    ///
    /// # Errors
    /// [`Error::Label`], [`Error::NotFinite`], [`Error::Shape`], and [`Error::Length`] where scratch, sample
    /// or `WORDS` do not fit: nothing has changed.
    pub fn watch<P: Parameters, K: Kernel>(
        &mut self,
        network: &P,
        sample: &[f32],
        label: u8,
        scratch: &mut [f32],
        kernel: &mut K,
    ) -> Result<(), Error> {
        let (layers, readout) = network.views();
        let layers = layers.as_ref();
        let plan = Plan::of(network, layers, readout)?;
        Batch { samples: sample, labels: &[label] }.check(plan.features, plan.classes)?;
        error::at_least("scratch", 2 * plan.widest, scratch.len())?;
        self.check(layers)?;
        let (mut h, mut next) = pieces::split_mut(scratch, plan.widest);
        let mut first = 0;
        for (l, layer) in layers.iter().enumerate() {
            let Shape { inputs, outputs } = layer.shape;
            let out = pieces::first_mut(next, outputs);
            if l == 0 {
                let pixels = pieces::first_mut(h, outputs);
                multiply_pixels(kernel, &plan, layer, sample, pixels);
                labelled(&plan, layer, sample, usize::from(label), pixels).join(out);
            } else {
                kernel.product(layer.shape, pieces::first(h, inputs), layer.weights, out);
            }
            let goodness = activity::fire(out, layer.biases, None, 0);
            self.mark(first, out);
            activity::normalise(out, goodness);
            core::mem::swap(&mut h, &mut next);
            first += outputs;
        }
        self.samples = self.samples.saturating_add(1);
        Ok(())
    }

    /// Dead units of each layer: those that have been silent for every sample so far; without a sample, all.
    ///
    /// # Errors
    /// [`Error::Length`] where `WORDS` are too few for the network.
    pub fn dead<P: Parameters>(&self, network: &P) -> Result<Vec<usize, MAX_LAYERS>, Error> {
        let (layers, _) = network.views();
        self.check(layers.as_ref())?;
        let mut first = 0;
        let dead = layers.as_ref().iter().map(|layer| {
            let units = first..first + layer.shape.outputs;
            first = units.end;
            units.filter(|&unit| !self.has_fired(unit)).count()
        });
        Ok(dead.take(MAX_LAYERS).collect())
    }

    /// Samples that were watched.
    #[must_use]
    pub fn samples(&self) -> u32 {
        self.samples
    }

    /// Begins again.
    pub fn restart(&mut self) {
        *self = Self::ZEROED;
    }

    fn check(&self, layers: &[LayerRef<'_>]) -> Result<(), Error> {
        let units: usize = layers.iter().map(|layer| layer.shape.outputs).sum();
        error::at_least("words of units that fire", units.div_ceil(WORD), WORDS)
    }

    fn mark(&mut self, first: usize, row: &[f32]) {
        for (unit, _) in (first..).zip(row).filter(|(_, h)| **h > 0.0) {
            if let Some(word) = self.fired.get_mut(unit / WORD) {
                *word |= 1 << (unit % WORD);
            }
        }
    }

    fn has_fired(&self, unit: usize) -> bool {
        self.fired.get(unit / WORD).is_some_and(|word| word >> (unit % WORD) & 1 == 1)
    }
}

/// A sample in the first layer, under its label where there are label inputs.
fn labelled<'a>(plan: &Plan, first: &LayerRef<'a>, sample: &[f32], label: usize, pixels: &'a [f32]) -> Labelled<'a> {
    let (label_row, squares) = match plan.slots {
        0 => (&[][..], 0.0),
        _ => (pieces::row(first.weights, first.shape.outputs, label), SLOT * SLOT),
    };
    Labelled { label_row, pixels, inverse: label::inverse_norm(sample, plan.slots, squares) }
}

impl<const WORDS: usize> Saved for Fired<WORDS> {
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"fired");
        hash.words(&[WORDS as u32]);
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        match index {
            0 => Some(Block::Words(&self.fired)),
            1 => Some(Block::Words(slice::from_ref(&self.samples))),
            _ => None,
        }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        match index {
            0 => Some(BlockMut::Words(&mut self.fired)),
            1 => Some(BlockMut::Words(slice::from_mut(&mut self.samples))),
            _ => None,
        }
    }
}
