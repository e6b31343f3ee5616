//! The N-way rule's network: two hidden layers of 32 units, and label rows for both.

use ff_core::network::{Dense2, FeaturesOnly, Network, Readout};
use ff_core::onepass::{NWay, OnePass};

use crate::digits::{CLASSES, PIXELS};
use crate::onepass::{self, Memory, Net};

/// All wrong labels at once: every label's goodness from one pass.
pub enum ByGoodness {}

type Shape = Network<Dense2<PIXELS, 32, 32>, CLASSES, Readout<64, CLASSES>, FeaturesOnly>;

impl Net for ByGoodness {
    type Head = NWay;
    type Network = Shape;
    type Scratch = [f32; onepass::scratch_floats(&Self::SETTINGS, Shape::SHAPES)];
    const MEMORY: Memory<Self> = Memory { network: Shape::ZEROED, scratch: [0.0; _], image: [0.0; _] };
    /// Wrong labels count as settled at a fiftieth: a step takes 15 thousand instructions instead of 26, and
    /// with half of that, or half as much again, as many held-out digits are recognised as without.
    const SETTINGS: OnePass<NWay> = OnePass { skip_error_below: 0.2, ..onepass::settings(NWay::STANDARD, 0.01) };
    const PASSES: usize = 20;
}
