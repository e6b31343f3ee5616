//! A network that stays where it lies: in flash, for inference without RAM.
//!
//! Three ways from a stored network to one that classifies, and when to use which:
//!
//! * [`baked`](super::baked): the snapshot is known when the firmware is built. The compiler checks
//!   it and lays it down as an aligned static. No RAM, no check at start, the bytes may lie at any
//!   alignment in their file.
//! * [`InPlace`], here: the snapshot comes later, say into a memory-mapped slot of a
//!   [`store`](crate::store). No RAM, but the payload must lie at a multiple of four and the
//!   machine be little-endian, since a `&[f32]` at any other address does not exist in Rust.
//! * [`import`](super::import): a copy in RAM, from any alignment. The only way to go on learning.

use crate::error::{self, Error};
use crate::layer::{LayerMut, LayerRef, Shape};
use crate::network::{MAX_LAYERS, Parameters};

/// A network over floats that somebody else owns, only to be looked at.
///
/// It classifies and explains like any other. A training step on it is refused with
/// [`Error::Shape`], since it has no layer to change.
#[derive(Clone, Debug)]
pub struct InPlace<'a> {
    classes: usize,
    label_slots: usize,
    layers: heapless::Vec<LayerRef<'a>, MAX_LAYERS>,
    readout: &'a [f32],
}

impl<'a> InPlace<'a> {
    /// Lays a network of these shapes over `floats`: layer by layer weights (input-major) and
    /// biases, then the readout, which is all that is left. It tells so many classes apart, and so
    /// many of its inputs are the label's: one a class, or none.
    ///
    /// ```
    /// # use ff_core::{layer::Layer, network::Network, snapshot::in_place::InPlace};
    /// type Net = Network<(Layer<4, 8>, Layer<8, 3>), 2>;
    /// static FLASH: [f32; 4 * 8 + 8 + 8 * 3 + 3] = [0.1; 67];
    /// let net = InPlace::new(Net::SHAPES, [2, 2], &FLASH)?;
    /// # Ok::<(), ff_core::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Length`] with too few floats, [`Error::Shape`] with too many layers,
    /// [`Error::NotFinite`].
    pub fn new(shapes: &[Shape], [classes, label_slots]: [usize; 2], floats: &'a [f32]) -> Result<Self, Error> {
        let mut network = Self { classes, label_slots, layers: heapless::Vec::new(), readout: &[] };
        network.lay(shapes, floats)?;
        error::finite("floats in place", floats)?;
        Ok(network)
    }

    /// Cuts the floats to the layers' shapes.
    fn lay(&mut self, shapes: &[Shape], floats: &'a [f32]) -> Result<(), Error> {
        let mut rest = floats;
        for &shape in shapes {
            let needed = shape.inputs.saturating_mul(shape.outputs).saturating_add(shape.outputs);
            let too_few = Error::Length { what: "floats in place", expected: needed, found: rest.len() };
            let (layer, after) = rest.split_at_checked(needed).ok_or(too_few)?;
            let (weights, biases) = layer.split_at_checked(shape.weights()).ok_or(too_few)?;
            let too_many = Error::Shape { what: "a network has at most 8 layers" };
            self.layers.push(LayerRef { shape, weights, biases }).map_err(|_| too_many)?;
            rest = after;
        }
        self.readout = rest;
        Ok(())
    }
}

impl Parameters for InPlace<'_> {
    type Views<'b>
        = heapless::Vec<LayerRef<'b>, MAX_LAYERS>
    where
        Self: 'b;
    type ViewsMut<'b>
        = [LayerMut<'b>; 0]
    where
        Self: 'b;

    fn classes(&self) -> usize {
        self.classes
    }

    fn label_slots(&self) -> usize {
        self.label_slots
    }

    fn views(&self) -> (Self::Views<'_>, &[f32]) {
        (self.layers.clone(), self.readout)
    }

    fn views_mut(&mut self) -> (Self::ViewsMut<'_>, &mut [f32]) {
        ([], &mut [])
    }
}

#[cfg(feature = "bytemuck")]
pub use cast::{Misplaced, from_snapshot};

#[cfg(feature = "bytemuck")]
mod cast {
    use super::InPlace;
    use crate::layer::Shape;
    use crate::snapshot::{self, HEADER_BYTES, Import, Meta, TRAILER_BYTES};

    /// Why a snapshot cannot be used where it lies.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[cfg_attr(feature = "defmt", derive(defmt::Format))]
    pub enum Misplaced {
        /// Its address is no multiple of four, or the machine is big-endian: import it instead.
        Alignment,
        /// The floats do not make a network of these shapes.
        Floats(crate::error::Error),
        /// It is damaged or of other shapes.
        Refused(snapshot::Error),
    }

    impl From<snapshot::Error> for Misplaced {
        fn from(error: snapshot::Error) -> Self {
            Self::Refused(error)
        }
    }

    impl core::fmt::Display for Misplaced {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            match self {
                Self::Alignment => f.write_str(
                    "a snapshot is used in place only at an address divisible by four, on a little-endian machine; \
                     import it instead",
                ),
                Self::Floats(error) => error.fmt(f),
                Self::Refused(error) => error.fmt(f),
            }
        }
    }

    impl core::error::Error for Misplaced {}

    /// Uses a snapshot of one network where it lies, after checking all of it once; for the numbers
    /// see [`InPlace::new`].
    ///
    /// # Errors
    /// See [`Misplaced`].
    pub fn from_snapshot<'a>(
        shapes: &[Shape],
        [classes, label_slots]: [usize; 2],
        snapshot: &'a [u8],
    ) -> Result<(InPlace<'a>, Meta), Misplaced> {
        let around = HEADER_BYTES + TRAILER_BYTES;
        let payload = snapshot.get(HEADER_BYTES..snapshot.len().saturating_sub(TRAILER_BYTES));
        let found = snapshot.len();
        let payload = payload.ok_or(snapshot::Error::Length { expected: around, found })?;
        let whole = payload.get(..payload.len() / 4 * 4).unwrap_or(&[]);
        let floats = bytemuck::try_cast_slice(whole).map_err(|_| Misplaced::Alignment)?;
        if cfg!(target_endian = "big") {
            return Err(Misplaced::Alignment);
        }
        let mut network = InPlace { classes, label_slots, layers: heapless::Vec::new(), readout: &[] };
        // What the snapshot says of its shapes is checked below; until then its floats are any bits.
        network.lay(shapes, floats).map_err(Misplaced::Floats)?;
        let meta = check(&mut network, snapshot)?;
        Ok((network, meta))
    }

    fn check(network: &mut InPlace<'_>, snapshot: &[u8]) -> Result<Meta, snapshot::Error> {
        let state: &mut [&mut dyn snapshot::Saved] = &mut [network];
        let mut import = Import::new(state)?;
        import.verify(snapshot)?;
        import.meta()
    }
}
