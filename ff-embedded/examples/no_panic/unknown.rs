//! Networks of which the compiler knows nothing: no shape, no depth, no length of any slice.

use core::hint::black_box;

use ff_core::{
    layer::{LayerMut, LayerRef, Shape},
    network::{Dense2, FeaturesOnly, Network, Parameters, Readout},
};

pub const CLASSES: usize = 3;
pub const FEATURES: usize = 12;
pub const WIDTH: usize = 4;
pub const UNITS: [usize; 2] = [9, 6];

/// As firmware names them.
pub type Labelled = Network<Dense2<{ CLASSES + FEATURES }, { UNITS[0] }, { UNITS[1] }>, CLASSES, Readout<6, CLASSES>>;
/// For rules that score every class at once.
pub type Plain = Network<Dense2<FEATURES, { UNITS[0] }, { UNITS[1] }>, CLASSES, Readout<15, CLASSES>, FeaturesOnly>;
/// For label groups, and for images as negatives.
pub type Bare =
    Network<Dense2<FEATURES, { UNITS[0] }, { UNITS[1] }>, CLASSES, ff_core::network::NoReadout, FeaturesOnly>;

/// Three of each: the network, and two moments.
pub struct Memory {
    pub labelled: [Labelled; 3],
    pub plain: [Plain; 3],
    pub bare: [Bare; 3],
    pub scratch: [f32; 4096],
    pub means: [f32; 15],
}

impl Memory {
    pub const ZEROED: Self = Self {
        labelled: [Labelled::ZEROED, Labelled::ZEROED, Labelled::ZEROED],
        plain: [Plain::ZEROED, Plain::ZEROED, Plain::ZEROED],
        bare: [Bare::ZEROED, Bare::ZEROED, Bare::ZEROED],
        scratch: [0.0; _],
        means: [0.0; _],
    };
}

/// Any network behind a curtain.
pub struct Unknown<'a, P>(pub &'a mut P);

/// At least two, but the compiler does not see it.
pub struct Behind<T>(T);

impl<'a, T: AsRef<[LayerRef<'a>]>> AsRef<[LayerRef<'a>]> for Behind<T> {
    fn as_ref(&self) -> &[LayerRef<'a>] {
        black_box(self.0.as_ref())
    }
}

impl<'a, T: AsMut<[LayerMut<'a>]>> AsMut<[LayerMut<'a>]> for Behind<T> {
    fn as_mut(&mut self) -> &mut [LayerMut<'a>] {
        black_box(self.0.as_mut())
    }
}

impl<P: Parameters> Parameters for Unknown<'_, P> {
    type Views<'b>
        = Behind<P::Views<'b>>
    where
        Self: 'b;
    type ViewsMut<'b>
        = Behind<P::ViewsMut<'b>>
    where
        Self: 'b;

    fn classes(&self) -> usize {
        black_box(self.0.classes())
    }

    fn label_slots(&self) -> usize {
        black_box(self.0.label_slots())
    }

    fn views(&self) -> (Self::Views<'_>, &[f32]) {
        let (layers, readout) = self.0.views();
        (Behind(layers), black_box(readout))
    }

    fn views_mut(&mut self) -> (Self::ViewsMut<'_>, &mut [f32]) {
        let (layers, readout) = self.0.views_mut();
        (Behind(layers), black_box(readout))
    }
}

/// Images and labels, the same ones each time.
pub fn images(count: usize) -> ([f32; 4 * FEATURES], [u8; 4], usize) {
    let images = core::array::from_fn(|i| (i * i % 7) as f32 / 6.0);
    black_box((images, [0, 1, 2, 1], count.min(4)))
}

/// The first two layers' shapes.
pub fn shapes<P: Parameters>(network: &P) -> [Shape; 2] {
    let (layers, _) = network.views();
    let mut shapes = [Shape { inputs: 1, outputs: 1 }; 2];
    shapes.iter_mut().zip(layers.as_ref()).for_each(|(shape, layer)| *shape = layer.shape);
    shapes
}
