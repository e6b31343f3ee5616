//! Snapshots in memory, and ways to damage them.

use super::bits;
use super::network::HeapNetwork;
use ff_core::checksum::Crc32;
use ff_core::random::Rng;
use ff_core::snapshot::{Block, BlockMut, Export, Meta, Saved};

/// A whole snapshot, read out in chunks of the given size.
pub fn exported(meta: Meta, state: &[&dyn Saved], chunk: usize) -> Vec<u8> {
    let mut export = Export::new(meta, state).unwrap();
    let (expected, mut bytes, mut chunk) = (export.len(), Vec::new(), vec![0; chunk]);
    loop {
        let count = export.read(&mut chunk);
        bytes.extend_from_slice(&chunk[..count]);
        if count < chunk.len() {
            break;
        }
    }
    assert_eq!(bytes.len(), expected);
    bytes
}

/// Makes the checksum right again, so that what was changed is judged by itself.
pub fn sign(snapshot: &mut [u8]) {
    let end = snapshot.len() - 4;
    let mut crc = Crc32::new();
    crc.bytes(&snapshot[..end]);
    snapshot[end..].copy_from_slice(&crc.value().to_le_bytes());
}

/// Meta data in which no byte is zero.
pub const META: Meta = Meta {
    samples: 0x0102_0304_0506_0708,
    steps: 0x1112_1314_1516_1718,
    rng: [0x2122_2324, 0x2526_2728, 0x3132_3334, 0x3536_3738],
    user: *b"sixteen bytes ok",
};

/// A state with every kind of block, empty ones among them, and odd lengths.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixed {
    pub bytes: [u8; 7],
    pub floats: [f32; 3],
    pub words: [u32; 2],
}

impl Mixed {
    pub fn random(rng: &mut Rng) -> Self {
        Self {
            bytes: core::array::from_fn(|_| rng.next_u32() as u8),
            floats: core::array::from_fn(|_| rng.normal()),
            words: core::array::from_fn(|_| rng.next_u32()),
        }
    }
}

impl Saved for Mixed {
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"mixed");
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        match index {
            0 => Some(Block::Bytes(&self.bytes)),
            1 => Some(Block::Bytes(&[])),
            2 => Some(Block::Floats(&self.floats)),
            3 => Some(Block::Words(&self.words)),
            _ => None,
        }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        match index {
            0 => Some(BlockMut::Bytes(&mut self.bytes)),
            1 => Some(BlockMut::Bytes(&mut [])),
            2 => Some(BlockMut::Floats(&mut self.floats)),
            3 => Some(BlockMut::Words(&mut self.words)),
            _ => None,
        }
    }
}

/// Every kind of state at once.
#[derive(Clone)]
pub struct Everything {
    pub mixed: Mixed,
    pub network: HeapNetwork,
    pub means: [f32; 9],
}

impl Everything {
    pub fn random(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        Self {
            mixed: Mixed::random(&mut rng),
            network: HeapNetwork::zeroed(3, 4, &[5, 4], 1).random(&mut rng),
            means: core::array::from_fn(|_| rng.normal()),
        }
    }

    pub fn states(&self) -> [&dyn Saved; 3] {
        [&self.mixed, &self.network, &self.means]
    }

    pub fn states_mut(&mut self) -> [&mut dyn Saved; 3] {
        [&mut self.mixed, &mut self.network, &mut self.means]
    }

    pub fn bits(&self) -> Vec<u32> {
        let Mixed { bytes, floats, words } = &self.mixed;
        let bytes = bytes.iter().map(|&byte| u32::from(byte)).collect();
        [bytes, bits(floats), words.to_vec(), self.network.bits(), bits(&self.means)].concat()
    }
}

/// Damages a snapshot in one of many ways; `other` is a valid snapshot of the same shapes.
pub fn damage(snapshot: &[u8], other: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = snapshot.to_vec();
    let place = |rng: &mut Rng, length: usize| rng.below(length as u32) as usize;
    match rng.below(8) {
        // A few flipped bits.
        0 => (0..=rng.below(8)).for_each(|_| bytes[place(rng, snapshot.len())] ^= 1 << rng.below(8)),
        // A few other bytes.
        1 => (0..=rng.below(8)).for_each(|_| bytes[place(rng, snapshot.len())] = rng.next_u32() as u8),
        // A truncation.
        2 => bytes.truncate(place(rng, snapshot.len())),
        // An erased or blank rest, as after a power cut.
        3 => {
            let (from, fill) = (place(rng, snapshot.len()), if rng.below(2) == 0 { 0xff } else { 0 });
            bytes[from..].fill(fill);
        }
        // The beginning of this one and the end of another.
        4 => {
            let cut = place(rng, snapshot.len());
            bytes[cut..].copy_from_slice(&other[cut..]);
        }
        // A piece that moved.
        5 => {
            let (from, to) = (place(rng, snapshot.len()), place(rng, snapshot.len()));
            let length = place(rng, snapshot.len() - from.max(to)) + 1;
            bytes.copy_within(from..from + length, to);
        }
        // A piece lost, so that the rest moves up, or a piece twice.
        6 => {
            let from = place(rng, snapshot.len());
            let to = from + place(rng, snapshot.len() - from) + 1;
            if rng.below(2) == 0 {
                bytes.drain(from..to);
            } else {
                bytes.splice(to..to, snapshot[from..to].iter().copied());
            }
        }
        // Bytes that never were a snapshot, as long as one.
        _ => bytes.iter_mut().for_each(|byte| *byte = rng.next_u32() as u8),
    }
    bytes
}
