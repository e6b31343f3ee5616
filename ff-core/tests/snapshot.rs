//! Snapshots: exact in any chunks, and the same format for ever.

mod common;

use common::saving::{Everything, META, exported, sign};
use ff_core::classify::{self, ScoredLayers};
use ff_core::kernel::Portable;
use ff_core::layer::Shape;
use ff_core::network::{Dense2, FeaturesOnly, Network, NoReadout, Parameters, Readout};
use ff_core::random::Rng;
use ff_core::snapshot::baked::{Baked, Blob};
use ff_core::snapshot::in_place::InPlace;
use ff_core::snapshot::{self, Error, Export, Failure, Import, Meta, Saved, Source};

#[test]
fn what_comes_back_has_the_same_bits_whatever_the_chunks() {
    let saved = Everything::random(1);
    let whole = exported(META, &saved.states(), 4096);
    assert_eq!(whole.len(), snapshot::bytes(&saved.states()).unwrap());
    for out in 1..=whole.len() + 1 {
        assert_eq!(exported(META, &saved.states(), out), whole, "chunks of {out} going out");
    }
    let mut rng = Rng::new(2);
    for chunk in (1..=whole.len()).chain([0; 50]) {
        let mut loaded = Everything::random(3);
        let mut states = loaded.states_mut();
        let mut import = Import::new(&mut states).unwrap();
        pieces(&whole, chunk, &mut rng).for_each(|piece| import.verify(piece).unwrap());
        let mut load = import.verified().unwrap();
        assert_eq!(load.meta(), META);
        pieces(&whole, chunk, &mut rng).for_each(|piece| load.load(piece).unwrap());
        assert_eq!(load.finish(), Ok(META));
        assert_eq!(loaded.bits(), saved.bits(), "chunks of {chunk} coming in");
    }
}

/// Pieces of one size, or of random sizes for 0.
fn pieces<'a>(bytes: &'a [u8], size: usize, rng: &mut Rng) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = if size > 0 { size } else { rng.below(40) as usize };
        let piece = rest.split_off(..length.min(rest.len()))?;
        (!piece.is_empty() || !rest.is_empty()).then_some(piece)
    })
}

type Tiny = Network<Dense2<4, 3, 2>, 2>;

/// The network of the kept file, every weight different.
fn tiny() -> Box<Tiny> {
    let mut net = Box::new(Tiny::ZEROED);
    let mut next = 0.0;
    for weight in net.layers.0.weights.as_flattened_mut().iter_mut().chain(net.layers.1.weights.as_flattened_mut()) {
        next += 0.125;
        *weight = next;
    }
    net.layers.0.biases = [0.25, -0.5, 1.0];
    net.layers.1.biases = [-2.0, 4.0];
    net
}

const TINY: &[u8] = include_bytes!("data/tiny.ffsn");

#[test]
fn the_format_stays_what_it_was() {
    assert_eq!(exported(META, &[&*tiny()], 64), TINY, "version 1 of the format has changed");
    // By the documentation's table alone.
    let word = |at: usize| u32::from_le_bytes(TINY[at..at + 4].try_into().unwrap());
    assert_eq!(&TINY[..8], b"FFSN\x01\x00\x40\x00");
    assert_eq!(word(8), 4 * (4 * 3 + 3 + 3 * 2 + 2));
    assert_eq!(u64::from_le_bytes(TINY[16..24].try_into().unwrap()), META.samples);
    assert_eq!(u64::from_le_bytes(TINY[24..32].try_into().unwrap()), META.steps);
    assert_eq!([32, 36, 40, 44].map(word), META.rng);
    assert_eq!(TINY[48..64], META.user);
    assert_eq!(f32::from_bits(word(64 + 4 * 12)), 0.25);
    assert_eq!(TINY.len(), 64 + word(8) as usize + 4);
}

#[test]
fn other_shapes_orders_and_versions_are_refused() {
    let refused = |bytes: &[u8], state: &mut dyn Saved| snapshot::import_bytes(bytes, &mut [state]).unwrap_err();
    let (mut net, mut two, mut three_classes) = (Tiny::ZEROED, [0.0_f32; 2], Network::<Dense2<4, 3, 2>, 3>::ZEROED);
    // As many floats, but other shapes.
    assert!(matches!(refused(TINY, &mut three_classes), Error::Shape { .. }));
    let mut features_only = Network::<Dense2<4, 3, 2>, 2, NoReadout, FeaturesOnly>::ZEROED;
    assert!(matches!(refused(TINY, &mut features_only), Error::Shape { .. }));
    assert!(matches!(refused(TINY, &mut [0.0_f32; 23]), Error::Shape { .. }));
    let mut with_readout = Network::<Dense2<4, 3, 2>, 2, Readout<2, 2>>::ZEROED;
    assert!(matches!(refused(TINY, &mut with_readout), Error::Shape { .. }));
    let both = exported(META, &[&*tiny(), &[1.0_f32; 2]], 64);
    assert!(matches!(snapshot::import_bytes(&both, &mut [&mut two, &mut net]), Err(Error::Shape { .. })));
    assert!(matches!(refused(&both, &mut net), Error::Shape { .. }));
    assert_eq!(two, [0.0; 2]);

    for version in [0, 2, 255, 256, 65_535_u16] {
        let mut bytes = TINY.to_vec();
        bytes[4..6].copy_from_slice(&version.to_le_bytes());
        sign(&mut bytes);
        assert_eq!(refused(&bytes, &mut net), Error::Version { found: version });
    }
    let mut bytes = TINY.to_vec();
    bytes[8] += 4;
    sign(&mut bytes);
    assert_eq!(refused(&bytes, &mut net), Error::Length { expected: TINY.len(), found: TINY.len() + 4 });
    assert_eq!(
        refused(b"not a snapshot, but long enough to have a header of sixty-four bytes", &mut net),
        Error::Magic
    );
    assert_eq!(refused(b"", &mut net), Error::Length { expected: TINY.len(), found: 0 });
}

#[test]
fn a_diverged_network_is_neither_saved_nor_loaded() {
    let everything = Everything::random(5);
    for (bad, at) in [(f32::NAN, 0), (f32::INFINITY, 4), (f32::NEG_INFINITY, 2)] {
        let mut diverged = everything.clone();
        diverged.network.layers[1].biases[at.min(3)] = bad;
        let refused = Export::new(META, &diverged.states()).err();
        assert_eq!(refused, Some(Error::NotFinite { state: 1, block: 3 }));
    }
    let mut bytes = TINY.to_vec();
    bytes[64 + 4 * 13..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    sign(&mut bytes);
    let mut net = tiny();
    assert_eq!(snapshot::import_bytes(&bytes, &mut [&mut *net]), Err(Error::NotFinite { state: 0, block: 1 }));
    assert_eq!(exported(META, &[&*net], 64), TINY, "the live network changed");
}

/// Bytes that turn bad after so many of them have been read.
struct Fading<'a> {
    bytes: &'a [u8],
    read: usize,
    good: usize,
}

impl Source for Fading<'_> {
    type Error = &'static str;
    const GRAIN: usize = 4;

    fn bytes(&self) -> usize {
        self.bytes.len()
    }

    fn read(&mut self, offset: usize, into: &mut [u8]) -> Result<(), Self::Error> {
        assert_eq!((offset % 4, into.len() % 4), (0, 0), "not a whole grain");
        let from = &self.bytes[offset..];
        into.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        self.read += into.len();
        if self.read > self.good {
            return Err("the medium failed");
        }
        Ok(())
    }
}

#[test]
fn a_source_that_fails_or_changes_is_reported() {
    let mut buffer = [0; 23];
    let mut net = Tiny::ZEROED;
    let mut source = Fading { bytes: TINY, read: 0, good: usize::MAX };
    assert_eq!(snapshot::verify(&mut source, &mut [&mut net], &mut buffer), Ok(META));
    assert_eq!(net.layers.0.biases, [0.0; 3], "checking changed the network");
    assert_eq!(snapshot::import(&mut source, &mut [&mut net], &mut buffer), Ok(META));
    assert_eq!(exported(META, &[&net], 64), TINY);
    let small = snapshot::import(&mut source, &mut [&mut net], &mut [0; 3]);
    assert_eq!(small, Err(Failure::Refused(Error::Buffer { expected: 4 })));

    for good in 0..TINY.len() {
        let (mut source, mut net) = (Fading { bytes: TINY, read: 0, good }, Tiny::ZEROED);
        let failed = snapshot::import(&mut source, &mut [&mut net], &mut buffer);
        assert_eq!(failed, Err(Failure::Source("the medium failed")));
        assert!(net.layers.0.biases == [0.0; 3] && net.layers.1.biases == [0.0; 2]);
    }

    for at in 0..TINY.len() {
        let (mut first, mut second) = (Tiny::ZEROED, TINY.to_vec());
        second[at] ^= 4;
        let mut states: [&mut dyn Saved; 1] = [&mut first];
        let mut import = Import::new(&mut states).unwrap();
        import.verify(TINY).unwrap();
        let mut load = import.verified().unwrap();
        let _ = load.load(&second);
        assert_eq!(load.finish(), Err(Error::Changed), "byte {at} changed in between");
    }
    let mut states: [&mut dyn Saved; 1] = [&mut net];
    let mut import = Import::new(&mut states).unwrap();
    import.verify(TINY).unwrap();
    let mut load = import.verified().unwrap();
    load.load(&TINY[..100]).unwrap();
    assert_eq!(load.finish(), Err(Error::Changed), "the second reading ended early");
}

#[test]
fn what_was_refused_stays_refused() {
    let mut net = Tiny::ZEROED;
    let mut states: [&mut dyn Saved; 1] = [&mut net];
    let mut import = Import::new(&mut states).unwrap();
    assert_eq!(import.verify(&[b'X'; 64]), Err(Error::Magic));
    assert_eq!(import.verify(TINY), Err(Error::Magic));
    assert_eq!(import.verified().err(), Some(Error::Magic));
}

#[test]
fn copying_wants_the_same_shape() {
    let (from, mut to) = (Everything::random(6), Everything::random(7));
    snapshot::copy(&from.network, &mut to.network).unwrap();
    snapshot::copy(&from.mixed, &mut to.mixed).unwrap();
    snapshot::copy(&from.means, &mut to.means).unwrap();
    assert_eq!(to.bits(), from.bits());
    let mut other = Tiny::ZEROED;
    assert!(matches!(snapshot::copy(&from.network, &mut other), Err(Error::Shape { .. })));
    assert_eq!(other.layers.0.biases, [0.0; 3]);
}

struct Kept;
impl Blob for Kept {
    const BYTES: &'static [u8] = TINY;
}
static BAKED: Tiny = <Tiny as Baked<Kept>>::NETWORK;

#[test]
fn a_baked_network_is_the_one_saved() {
    assert_eq!(exported(META, &[&BAKED], 64), TINY);
}

#[test]
fn a_network_in_place_classifies_as_its_copy_does_and_cannot_be_changed() {
    let floats: Vec<f32> =
        TINY[64..TINY.len() - 4].chunks(4).map(|c| f32::from_le_bytes(c.try_into().unwrap())).collect();
    let mut in_place = InPlace::new(Tiny::SHAPES, [2, 2], &floats).unwrap();
    let (mut expected, mut found) = ([0.0; 2], [0.0; 2]);
    score(&*tiny(), &mut expected);
    score(&in_place, &mut found);
    assert_eq!(found, expected);
    assert!(found[0] != found[1]);

    let refused = snapshot::import_bytes(TINY, &mut [&mut in_place]);
    assert_eq!(refused, Err(Error::ReadOnly { state: 0 }));
    assert_eq!(snapshot::copy(&BAKED, &mut in_place), Err(Error::ReadOnly { state: 0 }));
    assert!(InPlace::new(Tiny::SHAPES, [2, 2], &floats[1..]).is_err());
    // Of two classes one has a label input: no network is so.
    let half = InPlace::new(&[Shape { inputs: 4, outputs: 3 }], [2, 1], &[0.3; 21]).unwrap();
    let read = ff_core::classify::by_readout(&half, &[0.1; 3], &mut [0.0; 64], &mut Portable, &mut [0.0; 2]);
    assert!(matches!(read, Err(ff_core::error::Error::Shape { .. })));
    let mut diverged = floats.clone();
    diverged[3] = f32::NAN;
    assert!(InPlace::new(Tiny::SHAPES, [2, 2], &diverged).is_err());
}

fn score<P: Parameters>(network: &P, scores: &mut [f32; 2]) {
    let mut scratch = [0.0; 64];
    let layers = ScoredLayers::ALL;
    classify::by_goodness(network, &[0.3, 0.9], layers, &mut scratch, &mut Portable, scores).unwrap();
}

#[cfg(feature = "bytemuck")]
#[test]
fn a_snapshot_is_used_in_place_only_where_it_is_aligned_and_right() {
    use ff_core::snapshot::in_place::{Misplaced, from_snapshot};
    let mut words = vec![0_u32; TINY.len() / 4 + 1];
    let memory: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
    memory[..TINY.len()].copy_from_slice(TINY);
    {
        let (network, meta) = from_snapshot(Tiny::SHAPES, [2, 2], &memory[..TINY.len()]).unwrap();
        assert_eq!((meta, exported(META, &[&network], 64)), (META, TINY.to_vec()));
    }
    for at in 0..TINY.len() {
        memory[at] ^= 32;
        assert!(from_snapshot(Tiny::SHAPES, [2, 2], &memory[..TINY.len()]).is_err(), "byte {at} was flipped");
        memory[at] ^= 32;
        assert!(from_snapshot(Tiny::SHAPES, [2, 2], &memory[..at]).is_err(), "truncated to {at} bytes");
    }
    memory.copy_within(..TINY.len(), 1);
    let misplaced = from_snapshot(Tiny::SHAPES, [2, 2], &memory[1..=TINY.len()]).unwrap_err();
    assert_eq!(misplaced, Misplaced::Alignment);
}

#[test]
fn stateless_and_empty_states_take_no_room() {
    let nothing = exported(Meta::START, &[&ff_core::optimiser::Stateless], 16);
    assert_eq!(nothing.len(), snapshot::HEADER_BYTES + snapshot::TRAILER_BYTES);
    let meta = snapshot::import_bytes(&nothing, &mut [&mut ff_core::optimiser::Stateless]);
    assert_eq!(meta, Ok(Meta::START));
    assert_eq!(exported(Meta::START, &[], 16).len(), nothing.len());
}

/// A snapshot under way may wait in a task that moves between threads.
#[test]
fn exports_and_imports_are_sent() {
    fn is_send<T: Send>() {}
    is_send::<ff_core::snapshot::Export<'_>>();
    is_send::<ff_core::snapshot::Import<'_, '_>>();
    is_send::<ff_core::snapshot::Load<'_, '_>>();
}
