//! Who owns the parameters, and how their shapes are erased.
//!
//! A network is a tuple of one to four [`Layer`]s and, where wanted, a [`Readout`]. Widths that do
//! not connect do not compile:
//!
//! ```compile_fail
//! use ff_core::{layer::Layer, network::Network};
//! type Wrong = Network<(Layer<74, 32>, Layer<64, 32>), 10>; // 32 units into 64 inputs
//! static NET: Wrong = Wrong::ZEROED;
//! ```

#![cfg_attr(
    feature = "alloc",
    allow(clippy::multiple_bound_locations, reason = "the derive repeats the bounds of a type in a clause of its own")
)]

use core::marker::PhantomData;

use crate::error::{self, Error};
use crate::layer::{Layer, LayerMut, LayerRef, Shape};
use crate::math;
use crate::random::Rng;

/// The deepest network that a step takes, and so the longest report.
pub const MAX_LAYERS: usize = 8;

/// A chain of layers: a tuple of one to four [`Layer`]s whose widths connect.
#[diagnostic::on_unimplemented(
    message = "these layers do not connect",
    label = "not a chain of one to four layers",
    note = "each layer takes as many inputs as the one before it gives outputs: `(Layer<A, B>, Layer<B, C>)`"
)]
pub trait Layers: Sized + Send + Sync {
    /// All weights and biases zero, as a constant: a static of it lands in `.bss`.
    const ZEROED: Self;
    /// The shapes from the first layer to the last.
    const SHAPES: &'static [Shape];
    /// The layers to look at, erased.
    type Views<'a>: AsRef<[LayerRef<'a>]>
    where
        Self: 'a;
    /// The layers to change, erased.
    type ViewsMut<'a>: AsMut<[LayerMut<'a>]>
    where
        Self: 'a;
    /// The layers to look at.
    fn views(&self) -> Self::Views<'_>;
    /// The layers to change.
    fn views_mut(&mut self) -> Self::ViewsMut<'_>;
}

macro_rules! chain {
    ($count:literal: $($name:ident $in:ident $out:ident),+; $($width:ident),+) => {
        impl<$(const $width: usize),+> Layers for ($(Layer<$in, $out>,)+) {
            const ZEROED: Self = ($(Layer::<$in, $out>::ZEROED,)+);
            const SHAPES: &'static [Shape] = &[$(Layer::<$in, $out>::SHAPE),+];
            type Views<'a> = [LayerRef<'a>; $count];
            type ViewsMut<'a> = [LayerMut<'a>; $count];

            fn views(&self) -> Self::Views<'_> {
                let ($($name,)+) = self;
                [$($name.view()),+]
            }

            fn views_mut(&mut self) -> Self::ViewsMut<'_> {
                let ($($name,)+) = self;
                [$($name.view_mut()),+]
            }
        }
    };
}

chain!(1: a A B; A, B);
chain!(2: a A B, b B C; A, B, C);
chain!(3: a A B, b B C, c C D; A, B, C, D);
chain!(4: a A B, b B C, c C D, d D E; A, B, C, D, E);

/// Two layers: `A` inputs (labels and features), then `B` and `C` units.
pub type Dense2<const A: usize, const B: usize, const C: usize> = (Layer<A, B>, Layer<B, C>);

/// Three layers: `A` inputs (labels and features), then `B`, `C` and `D` units.
pub type Dense3<const A: usize, const B: usize, const C: usize, const D: usize> =
    (Layer<A, B>, Layer<B, C>, Layer<C, D>);

/// A linear map from the normalised activities of the last layers to one logit a class.
///
/// `UNITS` is the sum of the widths of the layers that it reads, counted from the last: with
/// layers of 32 and 32 units, 32 reads the last and 64 reads both. It learns by the delta rule
/// from what the layers give; nothing flows back into them.
#[derive(Debug)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
#[repr(C)]
pub struct Readout<const UNITS: usize, const CLASSES: usize> {
    /// `UNITS` rows of `CLASSES`.
    pub weights: [[f32; CLASSES]; UNITS],
}

/// No readout: classification is by goodness alone, and negatives are uniform.
#[derive(Debug)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
pub struct NoReadout;

/// A readout or none, for `CLASSES` classes.
#[diagnostic::on_unimplemented(
    message = "this readout does not fit a network of {CLASSES} classes",
    note = "use `NoReadout`, or `Readout<UNITS, CLASSES>` with the network's own number of classes"
)]
pub trait ReadoutWeights<const CLASSES: usize>: Send + Sync {
    /// All zeros, which is where learning begins.
    const ZEROED: Self;
    /// How many units it reads.
    const UNITS: usize;
    /// The weights to look at: units x classes, or nothing.
    fn weights(&self) -> &[f32];
    /// The weights to change.
    fn weights_mut(&mut self) -> &mut [f32];
}

impl<const UNITS: usize, const CLASSES: usize> ReadoutWeights<CLASSES> for Readout<UNITS, CLASSES> {
    const ZEROED: Self = Self { weights: [[0.0; CLASSES]; UNITS] };
    const UNITS: usize = UNITS;

    fn weights(&self) -> &[f32] {
        self.weights.as_flattened()
    }

    fn weights_mut(&mut self) -> &mut [f32] {
        self.weights.as_flattened_mut()
    }
}

impl<const CLASSES: usize> ReadoutWeights<CLASSES> for NoReadout {
    const ZEROED: Self = Self;
    const UNITS: usize = 0;

    fn weights(&self) -> &[f32] {
        &[]
    }

    fn weights_mut(&mut self) -> &mut [f32] {
        &mut []
    }
}

/// The label enters by inputs of its own, before the features: what the [classic
/// recipe](crate::classic) takes.
#[derive(Debug)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
pub struct LabelInputs;

/// The network sees features alone: what [one-pass rules](crate::onepass) take.
#[derive(Debug)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
pub struct FeaturesOnly;

/// Where the label enters a network: [`LabelInputs`] or [`FeaturesOnly`].
pub trait Entry: Send + Sync {
    /// Whether the first inputs of the first layer, one a class, are the label's.
    const LABEL_SLOTS: bool;
}

impl Entry for LabelInputs {
    const LABEL_SLOTS: bool = true;
}

impl Entry for FeaturesOnly {
    const LABEL_SLOTS: bool = false;
}

/// Everything that is learned: the layers and the readout.
///
/// ```
/// use ff_core::prelude::*;
///
/// type Classified = Network<Dense2<74, 32, 32>, 10>; // 10 label slots and 64 features
/// type ByHeads = Network<Dense2<64, 32, 32>, 10, Readout<64, 10>, FeaturesOnly>; // for one-pass rules
/// assert_eq!((Classified::FEATURES, ByHeads::FEATURES, Classified::RAM_BYTES), (64, 64, 13_824));
/// ```
///
/// With [`LabelInputs`] the first `CLASSES` inputs of the first layer are the label's, the others
/// the features'. A velocity for momentum is a second value of the same type.
#[derive(Debug)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
#[repr(C)]
pub struct Network<L: Layers, const CLASSES: usize, R: ReadoutWeights<CLASSES> = NoReadout, E: Entry = LabelInputs> {
    /// The chain of layers.
    pub layers: L,
    /// The readout, or [`NoReadout`].
    pub readout: R,
    pub(crate) entry: PhantomData<E>,
}

impl<L: Layers, const CLASSES: usize, R: ReadoutWeights<CLASSES>, E: Entry> Network<L, CLASSES, R, E> {
    /// The network before it is randomised: all zeros.
    pub const ZEROED: Self = {
        Self::checked();
        Self { layers: L::ZEROED, readout: R::ZEROED, entry: PhantomData }
    };

    /// The shapes of its layers.
    pub const SHAPES: &'static [Shape] = L::SHAPES;

    /// How many of the first layer's inputs are the label's.
    pub(crate) const SLOTS: usize = if E::LABEL_SLOTS { CLASSES } else { 0 };

    /// How many features a sample has.
    pub const FEATURES: usize = L::SHAPES[0].inputs - Self::SLOTS;

    /// How many classes it tells apart.
    pub const CLASSES: usize = CLASSES;

    /// The units of all its layers.
    pub const UNITS: usize = units(L::SHAPES);

    /// How much memory it takes, in bytes.
    pub const RAM_BYTES: usize = size_of::<Self>();

    /// Refuses, when the program is built, what types alone cannot say.
    const fn checked() {
        assert!(CLASSES >= 2 && CLASSES <= 256, "a network tells 2 to 256 classes apart");
        assert!(L::SHAPES[0].inputs > Self::SLOTS, "the first layer takes the label slots and at least one feature");
        assert!(is_read_whole(L::SHAPES, R::UNITS), "the readout's units are the sum of the widths of the last layers");
    }

    /// Draws the layers' weights from N(0, 1) / sqrt(inputs); biases and readout become zero.
    pub fn randomise(&mut self, rng: &mut Rng) {
        randomise(self, rng);
    }
}

/// A value whose beginning is all zeros, as a constant.
pub trait Zeroed {
    /// All zeros.
    const ZEROED: Self;
}

/// A network whose shapes are constants: a [`Network`].
pub trait Shaped: Parameters + Zeroed {
    /// The shapes of its layers.
    const SHAPES: &'static [Shape];
    /// How many classes it tells apart.
    const CLASSES: usize;
    /// How many features a sample has.
    const FEATURES: usize;
}

impl<L: Layers, const CLASSES: usize, R: ReadoutWeights<CLASSES>, E: Entry> Zeroed for Network<L, CLASSES, R, E> {
    const ZEROED: Self = Self::ZEROED;
}

impl<L: Layers, const CLASSES: usize, R: ReadoutWeights<CLASSES>, E: Entry> Shaped for Network<L, CLASSES, R, E> {
    const SHAPES: &'static [Shape] = L::SHAPES;
    const CLASSES: usize = CLASSES;
    const FEATURES: usize = Self::FEATURES;
}

#[cfg(feature = "alloc")]
impl<L: Layers, const CLASSES: usize, R: ReadoutWeights<CLASSES>, E: Entry> Network<L, CLASSES, R, E>
where
    Self: bytemuck::Zeroable,
{
    /// [`Network::ZEROED`] on the heap, which it reaches without passing the stack; none where there is no
    /// room left. `Box::new(Net::ZEROED)` makes it on the stack first, which a few megabytes overflow.
    #[must_use]
    pub fn boxed() -> Option<alloc::boxed::Box<Self>> {
        // The checks of the constant, which is not made.
        const { Self::checked() };
        bytemuck::try_zeroed_box().ok()
    }
}

/// Parameters whose shapes are values: what the algorithm works on, whoever owns the memory.
///
/// Implemented by [`Network`], and by [`Laid`](crate::laid::Laid) for widths that are known only when the program
/// runs.
pub trait Parameters: Send + Sync {
    /// The layers to look at.
    type Views<'a>: AsRef<[LayerRef<'a>]>
    where
        Self: 'a;
    /// The layers to change.
    type ViewsMut<'a>: AsMut<[LayerMut<'a>]>
    where
        Self: 'a;
    /// How many classes the network tells apart.
    fn classes(&self) -> usize;
    /// How many of the first layer's inputs are the label's: one a class, or none.
    fn label_slots(&self) -> usize {
        self.classes()
    }
    /// The layers and the readout's weights (empty without one) to look at.
    fn views(&self) -> (Self::Views<'_>, &[f32]);
    /// The layers and the readout's weights to change.
    fn views_mut(&mut self) -> (Self::ViewsMut<'_>, &mut [f32]);
}

impl<L: Layers, const CLASSES: usize, R: ReadoutWeights<CLASSES>, E: Entry> Parameters for Network<L, CLASSES, R, E> {
    type Views<'a>
        = L::Views<'a>
    where
        Self: 'a;
    type ViewsMut<'a>
        = L::ViewsMut<'a>
    where
        Self: 'a;

    fn classes(&self) -> usize {
        CLASSES
    }

    fn label_slots(&self) -> usize {
        Self::SLOTS
    }

    fn views(&self) -> (Self::Views<'_>, &[f32]) {
        (self.layers.views(), self.readout.weights())
    }

    fn views_mut(&mut self) -> (Self::ViewsMut<'_>, &mut [f32]) {
        (self.layers.views_mut(), self.readout.weights_mut())
    }
}

/// Draws every layer's weights from N(0, 1) / sqrt(inputs), in place, layer by layer and row by
/// row; biases and readout become zero.
pub fn randomise<P: Parameters>(network: &mut P, rng: &mut Rng) {
    let (mut layers, readout) = network.views_mut();
    for layer in layers.as_mut() {
        let scale = 1.0 / math::sqrt(layer.shape.inputs as f32);
        layer.weights.iter_mut().for_each(|w| *w = rng.normal() * scale);
        layer.biases.fill(0.0);
    }
    readout.fill(0.0);
}

/// What a call needs to know of a network's shapes, once they are checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Classes.
    pub classes: usize,
    /// Inputs of the first layer that are the label's.
    pub slots: usize,
    /// Inputs of the first layer after the label slots.
    pub features: usize,
    /// The widest layer's units.
    pub widest: usize,
    /// The first layer that the readout reads; as many as there are layers without a readout.
    pub readout_from: usize,
}

impl Plan {
    /// The plan of a whole network.
    pub fn of<P: Parameters>(network: &P, layers: &[LayerRef<'_>], readout: &[f32]) -> Result<Self, Error> {
        Self::new(network.classes(), network.label_slots(), layers.iter().copied(), readout.len())
    }

    /// Refuses a network in which the label does not enter as the rule says.
    pub fn expect_label_slots(&self, wanted: usize, what: &'static str) -> Result<(), Error> {
        if self.slots == wanted { Ok(()) } else { Err(Error::Shape { what }) }
    }

    /// Checks that the layers connect, that slices are as long as shapes say, and that the readout
    /// ends where a layer begins.
    ///
    /// Inlined, because firmware's shapes are constants: most of the checks, and the plan's memory,
    /// then fall away.
    #[inline(always)]
    pub fn new<'a, I>(classes: usize, slots: usize, layers: I, readout: usize) -> Result<Self, Error>
    where
        I: DoubleEndedIterator<Item = LayerRef<'a>> + ExactSizeIterator + Clone,
    {
        let depth = layers.len();
        let inputs = layers.clone().next().map_or(0, |first| first.shape.inputs);
        if depth > MAX_LAYERS || !(2..=256).contains(&classes) || inputs <= slots || !(slots == 0 || slots == classes) {
            return Err(Error::Shape {
                what: "1 to 8 layers, 2 to 256 classes, a feature, and label inputs for all classes or none are needed",
            });
        }
        let (mut before, mut widest) = (inputs, 0);
        for layer in layers.clone() {
            check_layer(&layer, before)?;
            before = layer.shape.outputs;
            widest = widest.max(before);
        }
        let readout_from = readout_from(classes, layers, readout)?;
        Ok(Self { classes, slots, features: inputs - slots, widest, readout_from })
    }
}

/// The units of these layers together.
const fn units(shapes: &[Shape]) -> usize {
    let (mut units, mut l) = (0, 0);
    while l < shapes.len() {
        units += shapes[l].outputs;
        l += 1;
    }
    units
}

/// Whether so many units are those of some of the last layers, all of each.
const fn is_read_whole(shapes: &[Shape], units: usize) -> bool {
    let (mut left, mut l) = (units, shapes.len());
    while left > 0 && l > 0 {
        l -= 1;
        if shapes[l].outputs > left {
            return false;
        }
        left -= shapes[l].outputs;
    }
    left == 0
}

/// The units of the widest of these layers.
pub(crate) const fn widest(shapes: &[Shape]) -> usize {
    let mut widest = 0;
    let mut l = 0;
    while l < shapes.len() {
        if shapes[l].outputs > widest {
            widest = shapes[l].outputs;
        }
        l += 1;
    }
    widest
}

/// Values of the largest matrix of these layers, or of a readout or label rows of theirs.
pub(crate) const fn largest(shapes: &[Shape], classes: usize) -> usize {
    let mut largest = 0;
    let mut l = 0;
    while l < shapes.len() {
        let own = largest_block(shapes[l], classes);
        if own > largest {
            largest = own;
        }
        l += 1;
    }
    largest
}

/// The same for one layer.
pub(crate) const fn largest_block(shape: Shape, classes: usize) -> usize {
    let rows = if shape.inputs > classes { shape.inputs } else { classes };
    rows * shape.outputs
}

/// Refuses a layer that does not take `inputs`, has no unit, or whose slices have other lengths.
fn check_layer(layer: &LayerRef<'_>, inputs: usize) -> Result<(), Error> {
    if layer.shape.inputs != inputs || layer.shape.outputs == 0 {
        return Err(Error::Shape { what: "each layer takes as many inputs as the one before gives outputs" });
    }
    error::exactly("weights", layer.shape.weights(), layer.weights.len())?;
    error::exactly("biases", layer.shape.outputs, layer.biases.len())
}

/// Which layer a readout of this many weights begins with, counted from the last layer backwards.
fn readout_from<'a, I>(classes: usize, layers: I, weights: usize) -> Result<usize, Error>
where
    I: DoubleEndedIterator<Item = LayerRef<'a>> + ExactSizeIterator,
{
    let (mut from, mut left) = (layers.len(), weights);
    for layer in layers.rev() {
        if left == 0 {
            break;
        }
        let reads = classes * layer.shape.outputs;
        left = left.checked_sub(reads).ok_or(READOUT)?;
        from -= 1;
    }
    if left == 0 { Ok(from) } else { Err(READOUT) }
}

const READOUT: Error = Error::Shape { what: "the readout's units are the sum of the widths of the last layers" };
