//! Networks that stay where they lie: of any floats and shapes, or baked by the compiler.

use arbitrary::{Result, Unstructured};
use ff_core::classify::{self, ScoredLayers};
use ff_core::kernel::Portable;
use ff_core::layer::Shape;
use ff_core::network::Parameters;
use ff_core::snapshot::Meta;
use ff_core::snapshot::baked::{Baked, Blob};
use ff_core::snapshot::in_place::{InPlace, from_snapshot};

use super::snapshot::{self, Net};

struct Tiny;

impl Blob for Tiny {
    const BYTES: &'static [u8] = include_bytes!("../../../ff-core/tests/data/tiny.ffsn");
}

static BAKED: Net = <Net as Baked<Tiny>>::NETWORK;

/// The first bytes say which shapes; what is left is the floats, and once more a whole snapshot.
pub fn run(bytes: &[u8]) {
    // Bytes that end too early say nothing.
    let _ = any_shapes(&mut Unstructured::new(bytes));
    in_place(Net::SHAPES, [2, 2], bytes);
}

/// A snapshot of the shapes that are tried on every input.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    vec![snapshot::exported(Meta::START, &snapshot::random(2)), Tiny::BYTES.to_vec()]
}

fn any_shapes(input: &mut Unstructured<'_>) -> Result<()> {
    let shapes = (0..input.int_in_range(0..=9)?).map(|_| shape(input)).collect::<Result<Vec<_>>>()?;
    let classes = input.int_in_range(0..=300)?;
    let slots = if input.arbitrary()? { classes } else { input.int_in_range(0..=3)? };
    let rest = input.bytes(input.len())?;
    in_place(&shapes, [classes, slots], rest);
    Ok(())
}

/// Small, or of any size whatever.
fn shape(input: &mut Unstructured<'_>) -> Result<Shape> {
    if input.ratio(1, 8)? {
        return Ok(Shape { inputs: input.arbitrary()?, outputs: input.arbitrary()? });
    }
    Ok(Shape { inputs: input.int_in_range(0..=6)?, outputs: input.int_in_range(0..=6)? })
}

fn in_place(shapes: &[Shape], classes_and_slots: [usize; 2], bytes: &[u8]) {
    // Floats lie aligned, as they do in flash that is mapped into memory.
    let floats: Vec<_> = bytes.chunks_exact(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect();
    if let Ok(network) = InPlace::new(shapes, classes_and_slots, &floats) {
        classify(&network, &floats);
    }
    let aligned: &[u8] = bytemuck::cast_slice(&floats);
    if let Ok((network, _)) = from_snapshot(shapes, classes_and_slots, aligned) {
        classify(&network, &floats);
    }
    classify(&BAKED, &floats);
}

/// Asks for the scores of one sample of these floats, in every way.
fn classify<P: Parameters>(network: &P, floats: &[f32]) {
    let mut scratch = vec![0.0; 2048];
    let mut scores = vec![0.0; network.classes().min(300)];
    for features in [2, 4, floats.len().min(300)] {
        let sample = floats.get(..features).unwrap_or(floats);
        let scratch = &mut scratch;
        // Most do not fit this network, and are refused.
        let _ = classify::by_goodness(network, sample, ScoredLayers::ALL, scratch, &mut Portable, &mut scores);
        let _ = classify::by_readout(network, sample, scratch, &mut Portable, &mut scores);
    }
}
