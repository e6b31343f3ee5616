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

/// What a trainer works on, with momentum and peer normalisation.
pub type Owned = ff_core::memory::Memory<Labelled, 1024, Labelled, { Labelled::UNITS }>;

/// Three of each: the network, and two moments.
pub struct Memory {
    pub labelled: [Labelled; 3],
    pub plain: [Plain; 3],
    pub bare: [Bare; 3],
    pub scratch: [f32; 4096],
    pub means: [f32; 15],
    pub owned: Owned,
}

impl Memory {
    pub const ZEROED: Self = Self {
        labelled: [Labelled::ZEROED, Labelled::ZEROED, Labelled::ZEROED],
        plain: [Plain::ZEROED, Plain::ZEROED, Plain::ZEROED],
        bare: [Bare::ZEROED, Bare::ZEROED, Bare::ZEROED],
        scratch: [0.0; _],
        means: [0.0; _],
        owned: Owned::ZEROED,
    };
}

/// Any network of two layers, behind a curtain.
pub struct Unknown<'a> {
    classes: usize,
    label_slots: usize,
    layers: [LayerMut<'a>; 2],
    readout: &'a mut [f32],
}

impl<'a> Unknown<'a> {
    pub fn of<P: Parameters<ViewsMut<'a> = [LayerMut<'a>; 2]>>(network: &'a mut P) -> Self {
        let (classes, label_slots) = (network.classes(), network.label_slots());
        let (layers, readout) = network.views_mut();
        Self { classes, label_slots, layers, readout }
    }
}

/// Two layers, but the compiler does not see how many.
pub struct Behind<T>([T; 2]);

impl<'a> AsRef<[LayerRef<'a>]> for Behind<LayerRef<'a>> {
    fn as_ref(&self) -> &[LayerRef<'a>] {
        black_box(&self.0[..])
    }
}

impl<'a> AsMut<[LayerMut<'a>]> for Behind<LayerMut<'a>> {
    fn as_mut(&mut self) -> &mut [LayerMut<'a>] {
        black_box(&mut self.0[..])
    }
}

impl Parameters for Unknown<'_> {
    type Views<'b>
        = Behind<LayerRef<'b>>
    where
        Self: 'b;
    type ViewsMut<'b>
        = Behind<LayerMut<'b>>
    where
        Self: 'b;

    fn classes(&self) -> usize {
        black_box(self.classes)
    }

    fn label_slots(&self) -> usize {
        black_box(self.label_slots)
    }

    fn views(&self) -> (Behind<LayerRef<'_>>, &[f32]) {
        (Behind(self.layers.each_ref().map(LayerMut::as_ref)), black_box(&*self.readout))
    }

    fn views_mut(&mut self) -> (Behind<LayerMut<'_>>, &mut [f32]) {
        let layers = self.layers.each_mut().map(|layer| {
            let LayerMut { shape, weights, biases } = layer;
            LayerMut { shape: *shape, weights, biases }
        });
        (Behind(layers), black_box(&mut *self.readout))
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
