//! A network whose shapes are values, over floats that somebody else owns: for widths that are known only
//! when the program runs.
//!
//! [`Network`](crate::network::Network) has its shapes in its type, so that what does not connect does not
//! compile. A language without such types, or a program that reads its widths from a file, lays a [`Laid`]
//! over memory of its own instead. Both hold the same floats in the same order, learn the same, and load each
//! other's snapshots.

use crate::error::{self, Error};
use crate::layer::{LayerMut, LayerRef, Shape};
use crate::network::{MAX_LAYERS, Parameters, Plan};
use crate::optimiser::State;

/// A network of so many classes and label inputs, laid over `F`: layer by layer weights (input-major) and
/// biases, then the readout or the label rows, which is all that is left.
///
/// ```
/// use ff_core::laid::Laid;
/// use ff_core::layer::Shape;
/// use ff_core::memory::Owner;
/// use ff_core::prelude::*;
///
/// let shapes = [Shape { inputs: 4, outputs: 16 }, Shape { inputs: 16, outputs: 8 }];
/// let mut floats = vec![0.0; Laid::<()>::floats(&shapes)];
/// let network = Laid::new(&shapes, [2, 2], &mut floats[..])?;
///
/// let scratch = vec![0.0; Classic::SMALL.scratch_floats(&shapes, 2, 1)];
/// let mut memory = Owner::new(network, Stateless, scratch, [0.0; 0]);
/// let mut trainer = Trainer::new(Classic::SMALL, &mut memory, 1);
/// trainer.step(&[0.0, 1.0], &[1])?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Laid<F> {
    classes: usize,
    label_slots: usize,
    shapes: heapless::Vec<Shape, MAX_LAYERS>,
    floats: F,
}

impl<F> Laid<F> {
    /// Floats of layers of these shapes; a readout of `n` units takes `n` times the classes more.
    /// The largest number there is where that overflows.
    #[must_use]
    pub const fn floats(shapes: &[Shape]) -> usize {
        let (mut sum, mut l) = (0_usize, 0);
        while l < shapes.len() {
            sum = sum.saturating_add(needed(shapes[l]));
            l += 1;
        }
        sum
    }
}

impl<F: AsRef<[f32]> + AsMut<[f32]> + Send + Sync> Laid<F> {
    /// Lays a network of these shapes over `floats`, as they are.
    ///
    /// # Errors
    /// [`Error::Length`] with too few floats; [`Error::Shape`] with layers that do not connect, too many of
    /// them, or floats that are left and are no readout of the last layers.
    pub fn new(shapes: &[Shape], [classes, label_slots]: [usize; 2], floats: F) -> Result<Self, Error> {
        let too_many = Error::Shape { what: "a network has at most 8 layers" };
        let shapes = heapless::Vec::from_slice(shapes).map_err(|_| too_many)?;
        error::at_least("floats of the network", Self::floats(&shapes), floats.as_ref().len())?;
        let network = Self { classes, label_slots, shapes, floats };
        let (layers, readout) = network.views();
        Plan::of(&network, &layers, readout)?;
        drop(layers);
        Ok(network)
    }
}

impl<F: AsRef<[f32]> + AsMut<[f32]> + Send + Sync> Parameters for Laid<F> {
    type Views<'a>
        = heapless::Vec<LayerRef<'a>, MAX_LAYERS>
    where
        Self: 'a;
    type ViewsMut<'a>
        = heapless::Vec<LayerMut<'a>, MAX_LAYERS>
    where
        Self: 'a;

    fn classes(&self) -> usize {
        self.classes
    }

    fn label_slots(&self) -> usize {
        self.label_slots
    }

    fn views(&self) -> (Self::Views<'_>, &[f32]) {
        let (mut layers, mut rest) = (heapless::Vec::new(), self.floats.as_ref());
        for &shape in &self.shapes {
            let Some((own, after)) = rest.split_at_checked(needed(shape)) else { break };
            let Some((weights, biases)) = own.split_at_checked(shape.weights()) else { break };
            let _ = layers.push(LayerRef { shape, weights, biases });
            rest = after;
        }
        (layers, rest)
    }

    fn views_mut(&mut self) -> (Self::ViewsMut<'_>, &mut [f32]) {
        let (mut layers, mut rest) = (heapless::Vec::new(), self.floats.as_mut());
        for &shape in &self.shapes {
            let all = rest;
            if all.len() < needed(shape) {
                return (layers, all);
            }
            let (own, after) = all.split_at_mut_checked(needed(shape)).unwrap_or_default();
            let (weights, biases) = own.split_at_mut_checked(shape.weights()).unwrap_or_default();
            let _ = layers.push(LayerMut { shape, weights, biases });
            rest = after;
        }
        (layers, rest)
    }
}

/// Floats of one layer.
const fn needed(shape: Shape) -> usize {
    shape.inputs.saturating_mul(shape.outputs).saturating_add(shape.outputs)
}

/// An optimiser's memory that is chosen when the program runs: no moment, one, or two, each as large as the
/// network. Its snapshot is that of [`Stateless`](crate::optimiser::Stateless), of a second network, or of
/// [`Moments`](crate::optimiser::Moments).
#[derive(Clone, Debug)]
pub struct SomeMoments<N> {
    /// The first moment.
    pub first: Option<N>,
    /// The second one, where there is a first.
    pub second: Option<N>,
}

impl<N> SomeMoments<N> {
    /// No moment: for [`Sgd`](crate::optimiser::Sgd).
    pub const NONE: Self = Self { first: None, second: None };
}

impl<N: Parameters> State for SomeMoments<N> {
    type ViewsMut<'a>
        = N::ViewsMut<'a>
    where
        Self: 'a;

    fn moments(&mut self) -> [Option<(Self::ViewsMut<'_>, &mut [f32])>; 2] {
        [self.first.as_mut().map(N::views_mut), self.second.as_mut().map(N::views_mut)]
    }
}
