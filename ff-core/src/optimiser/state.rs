//! What an optimiser remembers between steps, beside the network and of the network's own type.

use crate::layer::{LayerMut, LayerRef};
use crate::network::{Parameters, Zeroed};

/// An optimiser's memory: up to two moments a weight.
///
/// A second network that began as zeros is a state of one moment (a velocity); [`Moments`] holds
/// two, [`Stateless`] none.
pub trait State {
    /// One moment's layers, erased.
    type ViewsMut<'a>: AsMut<[LayerMut<'a>]>
    where
        Self: 'a;

    /// The first and the second moment, each as layers and readout.
    fn moments(&mut self) -> [Option<(Self::ViewsMut<'_>, &mut [f32])>; 2];
}

impl<N: Parameters> State for N {
    type ViewsMut<'a>
        = N::ViewsMut<'a>
    where
        Self: 'a;

    fn moments(&mut self) -> [Option<(Self::ViewsMut<'_>, &mut [f32])>; 2] {
        [Some(self.views_mut()), None]
    }
}

/// No optimiser state: the memory of [`Sgd`](super::Sgd). It takes none.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
pub struct Stateless;

impl Zeroed for Stateless {
    const ZEROED: Self = Self;
}

impl State for Stateless {
    type ViewsMut<'a> = [LayerMut<'a>; 0];

    fn moments(&mut self) -> [Option<(Self::ViewsMut<'_>, &mut [f32])>; 2] {
        [None, None]
    }
}

/// Two moments a weight: the memory of [`Adam`](super::Adam). Both begin as zeros.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "alloc", derive(bytemuck::Zeroable))]
pub struct Moments<N> {
    /// The running mean of the gradient.
    pub first: N,
    /// The running mean of its square.
    pub second: N,
}

impl<N: Zeroed> Zeroed for Moments<N> {
    const ZEROED: Self = Self { first: N::ZEROED, second: N::ZEROED };
}

impl<N: Parameters> State for Moments<N> {
    type ViewsMut<'a>
        = N::ViewsMut<'a>
    where
        Self: 'a;

    fn moments(&mut self) -> [Option<(Self::ViewsMut<'_>, &mut [f32])>; 2] {
        [Some(self.first.views_mut()), Some(self.second.views_mut())]
    }
}

/// `averaged <- averaged + share * (network - averaged)`, parameter by parameter.
///
/// Weight averaging: with a share of 1/n at the n-th call the second network is the plain mean of
/// the first one's values at all calls; with a constant share it is a running mean. Classifying
/// with the mean over the end of training smooths what single steps leave behind (Polyak and
/// Juditsky, 1992).
///
/// Use when there is memory for a second network and training ends soon. Avoid when the network
/// still moves far: the mean then lags behind. Shapes that differ are averaged as far as both go.
pub fn average<N: Parameters, A: Parameters>(network: &N, averaged: &mut A, share: f32) {
    let (layers, readout) = network.views();
    let (mut means, readout_mean) = averaged.views_mut();
    for (mean, layer) in means.as_mut().iter_mut().zip(layers.as_ref()) {
        let LayerRef { weights, biases, .. } = *layer;
        approach(mean.weights, weights, share);
        approach(mean.biases, biases, share);
    }
    approach(readout_mean, readout, share);
}

fn approach(mean: &mut [f32], values: &[f32], share: f32) {
    mean.iter_mut().zip(values).for_each(|(m, v)| *m += share * (v - *m));
}
