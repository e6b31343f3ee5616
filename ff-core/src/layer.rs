//! One layer's parameters: a typed owner, and views whose shape is a value.
//!
//! Firmware names sizes in types, so that a mismatch does not compile and memory is known when it
//! is linked. The algorithm itself works on the erased views, so it is compiled once for every
//! shape, and a host can build the same views over buffers whose widths come from a command line.

/// How many inputs and outputs a layer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shape {
    /// Rows of the weight matrix.
    pub inputs: usize,
    /// Columns of the weight matrix: the layer's units.
    pub outputs: usize,
}

impl Shape {
    /// How many weights the matrix has.
    #[must_use]
    pub const fn weights(self) -> usize {
        self.inputs * self.outputs
    }
}

/// The weights and biases of a fully connected layer with `IN` inputs and `OUT` units.
///
/// Weights are input-major: row `i` holds what input `i` sends to every unit. Label rows and
/// feature rows of the first layer are then two contiguous pieces, a zero input skips one
/// contiguous row, and no function needs a transposed copy.
///
/// Neither `Copy` nor `Clone`: a network is too large to be moved about unseen.
#[derive(Debug)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
#[repr(C)]
pub struct Layer<const IN: usize, const OUT: usize> {
    /// The weight matrix, `IN` rows of `OUT`.
    pub weights: [[f32; OUT]; IN],
    /// One bias a unit.
    pub biases: [f32; OUT],
}

impl<const IN: usize, const OUT: usize> Layer<IN, OUT> {
    /// The layer before it is randomised. All bytes are zero, so a static of it lands in `.bss`.
    pub const ZEROED: Self = {
        assert!(IN > 0 && OUT > 0, "a layer needs at least one input and one unit");
        Self { weights: [[0.0; OUT]; IN], biases: [0.0; OUT] }
    };

    /// Its shape as a value.
    pub const SHAPE: Shape = Shape { inputs: IN, outputs: OUT };

    /// The layer to look at.
    #[must_use]
    pub const fn view(&self) -> LayerRef<'_> {
        LayerRef { shape: Self::SHAPE, weights: self.weights.as_flattened(), biases: &self.biases }
    }

    /// The layer to change.
    #[must_use]
    pub const fn view_mut(&mut self) -> LayerMut<'_> {
        LayerMut { shape: Self::SHAPE, weights: self.weights.as_flattened_mut(), biases: &mut self.biases }
    }
}

/// A layer to look at, its shape a value.
#[derive(Clone, Copy, Debug)]
pub struct LayerRef<'a> {
    /// The matrix's shape.
    pub shape: Shape,
    /// `inputs` rows of `outputs`.
    pub weights: &'a [f32],
    /// `outputs` values.
    pub biases: &'a [f32],
}

/// A layer to change, its shape a value.
#[derive(Debug)]
pub struct LayerMut<'a> {
    /// The matrix's shape.
    pub shape: Shape,
    /// `inputs` rows of `outputs`.
    pub weights: &'a mut [f32],
    /// `outputs` values.
    pub biases: &'a mut [f32],
}

impl LayerRef<'_> {
    /// No layer at all.
    const NONE: LayerRef<'static> = LayerRef { shape: Shape { inputs: 0, outputs: 0 }, weights: &[], biases: &[] };
}

impl<'a> LayerRef<'a> {
    /// Layer `l` of these; where there is none, one of no units, which saves a panic.
    #[inline(always)]
    pub(crate) fn of(layers: &[Self], l: usize) -> Self {
        layers.get(l).copied().unwrap_or(LayerRef::NONE)
    }
}

impl LayerMut<'_> {
    /// Layer `l` of these to look at, as [`LayerRef::of`].
    #[inline(always)]
    pub(crate) fn of<'a>(layers: &'a [LayerMut<'_>], l: usize) -> LayerRef<'a> {
        layers.get(l).map_or(LayerRef::NONE, LayerMut::as_ref)
    }

    /// The same layer to look at.
    #[must_use]
    pub const fn as_ref(&self) -> LayerRef<'_> {
        LayerRef { shape: self.shape, weights: self.weights, biases: self.biases }
    }
}
