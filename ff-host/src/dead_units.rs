//! Which units of a network are silent, whatever it sees.

use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::stream::dead::{Fired, watch_floats};

use crate::augment::Variation;
use crate::data::Samples;
use crate::evaluate::Reader;

/// Images that are looked at, at most: a unit that a thousand did not wake is as good as dead.
const WATCHED: usize = 1000;

/// Words of bits: for as many units as 8 layers of 8,192.
const WORDS: usize = 2048;

/// Silent units, layer by layer, and for how many images they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadUnits {
    /// Silent units and all units of each layer.
    pub layers: Vec<(usize, usize)>,
    /// Images that were looked at, each under its own label where a label enters.
    pub images: usize,
    /// Whether a label row may lift a silent unit: what layers above see is what counts here.
    pub may_be_lifted: bool,
}

impl DeadUnits {
    /// Looks at the first images.
    ///
    /// # Errors
    /// Images of another size, labels out of range, more units than there are bits for.
    pub fn count(reader: &Reader<'_>, images: &Samples) -> Result<Self, Error> {
        let Reader { network, recipe, .. } = *reader;
        let features = network.features_of(images, recipe)?;
        let shapes = network.shapes();
        let (mut row, mut scratch) = (vec![0.0; features.len()], vec![0.0; watch_floats(&shapes)]);
        let mut fired = Box::new(Fired::<WORDS>::ZEROED);
        let some = images.len().min(WATCHED);
        for (pixels, label) in (0..some).filter_map(|i| images.get(i)) {
            features.write(pixels, &Variation::NONE, &mut row);
            fired.watch(network, &row, label, &mut scratch, &mut Portable)?;
        }
        let dead = fired.dead(network)?;
        Ok(Self {
            layers: dead.into_iter().zip(shapes).map(|(dead, shape)| (dead, shape.outputs)).collect(),
            images: some,
            may_be_lifted: recipe.rule.may_lift(),
        })
    }
}
