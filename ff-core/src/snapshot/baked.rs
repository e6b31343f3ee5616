//! A snapshot that becomes a static of the firmware, checked by the compiler.
//!
//! The network lies in flash, aligned, ready for inference without RAM and without a check at
//! start; what is wrong with the file does not compile. `include_bytes!` gives the bytes at any
//! alignment, which does not matter here.
//!
//! ```
//! use ff_core::network::{Dense2, Network};
//! use ff_core::snapshot::baked::{Baked, Blob};
//!
//! type Net = Network<Dense2<4, 3, 2>, 2>;
//!
//! struct Trained;
//! impl Blob for Trained {
//!     const BYTES: &'static [u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tiny.ffsn"));
//! }
//! static NET: Net = <Net as Baked<Trained>>::NETWORK;
//! assert_eq!(NET.layers.0.biases, [0.25, -0.5, 1.0]);
//! ```
//!
//! To go on learning, copy it into RAM: `snapshot::copy(&NET, &mut net)`.
//!
//! Cost: none at run time. The compiler's interpreter takes some four seconds for 100 KB, each time
//! the crate with the static is compiled: give a large network a crate of its own.

use core::marker::PhantomData;

use super::TRAILER_BYTES;
use super::header::{HEADER_BYTES, MAGIC, VERSION};
use super::saved::NETWORK;
use crate::checksum::Crc32;
use crate::layer::{Layer, Shape};
use crate::network::{Entry, Layers, Network, NoReadout, Readout, ReadoutWeights};

/// A snapshot of one network, known when the firmware is built.
pub trait Blob {
    /// All of its bytes.
    const BYTES: &'static [u8];
}

/// A network that can be baked.
pub trait Baked<B: Blob> {
    /// The network. Using it does not compile if the blob is damaged or of other shapes:
    ///
    /// ```compile_fail
    /// # use ff_core::{network::{Dense2, Network}, snapshot::baked::{Baked, Blob}};
    /// struct Damaged;
    /// impl Blob for Damaged {
    ///     const BYTES: &'static [u8] = b"FFSN and no more";
    /// }
    /// type Net = Network<Dense2<4, 3, 2>, 2>;
    /// static NET: Net = <Net as Baked<Damaged>>::NETWORK;
    /// ```
    const NETWORK: Self;
}

/// A chain of layers that can be baked.
pub trait BakedLayers<B: Blob>: Layers {
    /// The layers, unchecked; [`Baked::NETWORK`] checks.
    const LAYERS: Self;
}

/// A readout, or none, that can be baked.
pub trait BakedReadout<B: Blob, const CLASSES: usize>: ReadoutWeights<CLASSES> {
    /// How many weights it has.
    const WEIGHTS: usize;
    /// The readout, unchecked; [`Baked::NETWORK`] checks.
    const READOUT: Self;
}

impl<B, L, const CLASSES: usize, R, E> Baked<B> for Network<L, CLASSES, R, E>
where
    B: Blob,
    L: BakedLayers<B>,
    R: BakedReadout<B, CLASSES>,
    E: Entry,
{
    const NETWORK: Self = {
        check(B::BYTES, [CLASSES, Self::SLOTS], L::SHAPES, R::WEIGHTS);
        Self { layers: L::LAYERS, readout: R::READOUT, entry: PhantomData }
    };
}

macro_rules! chain {
    ($($index:literal $in:ident $out:ident),+; $($width:ident),+) => {
        impl<Bytes: Blob, $(const $width: usize),+> BakedLayers<Bytes> for ($(Layer<$in, $out>,)+) {
            const LAYERS: Self = ($(layer::<$in, $out>(Bytes::BYTES, start(Self::SHAPES, $index)),)+);
        }
    };
}

chain!(0 A B; A, B);
chain!(0 A B, 1 B C; A, B, C);
chain!(0 A B, 1 B C, 2 C D; A, B, C, D);
chain!(0 A B, 1 B C, 2 C D, 3 D E; A, B, C, D, E);

impl<B: Blob, const UNITS: usize, const CLASSES: usize> BakedReadout<B, CLASSES> for Readout<UNITS, CLASSES> {
    const WEIGHTS: usize = UNITS * CLASSES;
    const READOUT: Self =
        Self { weights: matrix(B::BYTES, B::BYTES.len().saturating_sub(TRAILER_BYTES + 4 * UNITS * CLASSES)) };
}

impl<B: Blob, const CLASSES: usize> BakedReadout<B, CLASSES> for NoReadout {
    const WEIGHTS: usize = 0;
    const READOUT: Self = Self;
}

/// All that an import checks, as assertions of the compiler.
const fn check(bytes: &[u8], classes_and_slots: [usize; 2], shapes: &[Shape], readout: usize) {
    let readout_start = start(shapes, shapes.len());
    let end = readout_start + 4 * readout;
    assert!(bytes.len() >= HEADER_BYTES, "the blob is no snapshot: it is shorter than the header");
    assert!(word(bytes, 0) == u32::from_le_bytes(MAGIC), "the blob is no snapshot: it does not begin with FFSN");
    let version = VERSION as u32 | (HEADER_BYTES as u32) << 16;
    assert!(word(bytes, 4) == version, "the blob is a snapshot of another version");
    assert!(
        word(bytes, 12) == shape_hash(classes_and_slots, shapes, readout),
        "the blob is a snapshot of other shapes"
    );
    assert!(bytes.len() == end + TRAILER_BYTES, "the blob is longer or shorter than a snapshot of this network");
    let mut crc = Crc32::new();
    crc.bytes(bytes.split_at(end).0);
    assert!(crc.value() == word(bytes, end), "the blob is damaged: its checksum does not match");
}

/// As [`Saved::shape`](super::Saved::shape) of a network.
const fn shape_hash([classes, slots]: [usize; 2], shapes: &[Shape], readout: usize) -> u32 {
    let mut hash = Crc32::new();
    let words = [NETWORK, classes as u32, slots as u32, shapes.len() as u32, readout as u32];
    let mut index = 0;
    while index < words.len() {
        hash.bytes(&words[index].to_le_bytes());
        index += 1;
    }
    index = 0;
    while index < shapes.len() {
        hash.bytes(&(shapes[index].inputs as u32).to_le_bytes());
        hash.bytes(&(shapes[index].outputs as u32).to_le_bytes());
        index += 1;
    }
    hash.value()
}

/// Where a layer begins; past the last, where the readout does.
const fn start(shapes: &[Shape], layer: usize) -> usize {
    let (mut at, mut index) = (HEADER_BYTES, 0);
    while index < layer {
        at += 4 * (shapes[index].weights() + shapes[index].outputs);
        index += 1;
    }
    at
}

const fn layer<const IN: usize, const OUT: usize>(bytes: &[u8], at: usize) -> Layer<IN, OUT> {
    let [biases] = matrix(bytes, at + 4 * IN * OUT);
    Layer { weights: matrix(bytes, at), biases }
}

const fn matrix<const ROWS: usize, const COLUMNS: usize>(bytes: &[u8], at: usize) -> [[f32; COLUMNS]; ROWS] {
    let mut matrix = [[0.0; COLUMNS]; ROWS];
    let mut row = 0;
    while row < ROWS {
        let mut column = 0;
        while column < COLUMNS {
            let value = f32::from_bits(word(bytes, at + 4 * (row * COLUMNS + column)));
            assert!(value.is_finite(), "the blob holds NaN or infinity");
            matrix[row][column] = value;
            column += 1;
        }
        row += 1;
    }
    matrix
}

/// Only the compiler runs this, and only on what `check` found long enough.
const fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
