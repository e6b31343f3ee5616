//! What a snapshot can hold: values made of blocks of floats, words or bytes.

use super::{Error, HEADER_BYTES, TRAILER_BYTES};
use crate::checksum::Crc32;
use crate::laid::SomeMoments;
use crate::layer::LayerMut;
use crate::network::Parameters;
use crate::optimiser::{Moments, Stateless};

/// A value that can be saved: a fixed number of blocks, each of a fixed length.
///
/// Every [`Parameters`] is one (a network, a velocity), so are the other optimisers' states, arrays of
/// floats and the states of [`stream`](crate::stream). A type of your own lists
/// its blocks; while a snapshot is being made or read, their number and lengths may not change.
///
/// `Send` and `Sync`, so that a snapshot under way may wait in a task of any executor.
pub trait Saved: Send + Sync {
    /// Adds all numbers that must agree between saving and loading: kind, widths, capacity.
    fn shape(&self, hash: &mut Crc32);
    /// Block `index`, counted from 0; none past the last.
    fn block(&self, index: usize) -> Option<Block<'_>>;
    /// The same block, to load into.
    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>>;
}

/// One block to look at.
#[derive(Clone, Copy, Debug)]
pub enum Block<'a> {
    /// Four bytes each. A snapshot with NaN or infinity in one is refused.
    Floats(&'a [f32]),
    /// Four bytes each, any bits.
    Words(&'a [u32]),
    /// One byte each.
    Bytes(&'a [u8]),
}

/// One block to load into.
#[derive(Debug)]
pub enum BlockMut<'a> {
    /// Four bytes each, finite.
    Floats(&'a mut [f32]),
    /// Four bytes each, any bits.
    Words(&'a mut [u32]),
    /// One byte each.
    Bytes(&'a mut [u8]),
}

/// The first word of a network's shape.
pub(super) const NETWORK: u32 = u32::from_le_bytes(*b"netw");

impl<P: Parameters> Saved for P {
    fn shape(&self, hash: &mut Crc32) {
        let (layers, readout) = self.views();
        let layers = layers.as_ref();
        let [classes, slots] = [self.classes(), self.label_slots()];
        hash.words(&[NETWORK, classes as u32, slots as u32, layers.len() as u32, readout.len() as u32]);
        layers.iter().for_each(|layer| hash.words(&[layer.shape.inputs as u32, layer.shape.outputs as u32]));
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        let (layers, readout) = self.views();
        let layers = layers.as_ref();
        let layer = layers.get(index / 2);
        let floats = match (layer, index % 2) {
            (Some(layer), 0) => layer.weights,
            (Some(layer), _) => layer.biases,
            (None, _) if index == 2 * layers.len() => readout,
            (None, _) => return None,
        };
        Some(Block::Floats(floats))
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        let (mut layers, readout) = self.views_mut();
        let layers = layers.as_mut();
        let depth = layers.len();
        let layer = layers.get_mut(index / 2);
        let floats = match (layer, index % 2) {
            (Some(LayerMut { weights, .. }), 0) => core::mem::take(weights),
            (Some(LayerMut { biases, .. }), _) => core::mem::take(biases),
            (None, _) if index == 2 * depth => readout,
            (None, _) => return None,
        };
        Some(BlockMut::Floats(floats))
    }
}

/// Nothing to save, so that generic code need not ask.
impl Saved for Stateless {
    fn shape(&self, _: &mut Crc32) {}

    fn block(&self, _: usize) -> Option<Block<'_>> {
        None
    }

    fn block_mut(&mut self, _: usize) -> Option<BlockMut<'_>> {
        None
    }
}

/// The first moment's blocks, then the second's.
impl<N: Parameters> Saved for Moments<N> {
    fn shape(&self, hash: &mut Crc32) {
        self.first.shape(hash);
        self.second.shape(hash);
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        let first = blocks(&self.first).count();
        if index < first { self.first.block(index) } else { self.second.block(index - first) }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        let first = blocks(&self.first).count();
        if index < first { self.first.block_mut(index) } else { self.second.block_mut(index - first) }
    }
}

/// The blocks of the moments that there are.
impl<N: Parameters> Saved for SomeMoments<N> {
    fn shape(&self, hash: &mut Crc32) {
        [&self.first, &self.second].into_iter().flatten().for_each(|moment| moment.shape(hash));
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        let first = self.first.as_ref()?;
        let blocks = network_blocks(first);
        if index < blocks { first.block(index) } else { self.second.as_ref()?.block(index - blocks) }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        let first = self.first.as_mut()?;
        let blocks = network_blocks(first);
        if index < blocks { first.block_mut(index) } else { self.second.as_mut()?.block_mut(index - blocks) }
    }
}

/// Running means and the like.
impl<const N: usize> Saved for [f32; N] {
    fn shape(&self, hash: &mut Crc32) {
        floats_shape(self, hash);
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        (index == 0).then_some(Block::Floats(self))
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        (index == 0).then_some(BlockMut::Floats(self))
    }
}

/// Floats whose number is a value; the same shape as an array's of that length.
impl Saved for &mut [f32] {
    fn shape(&self, hash: &mut Crc32) {
        floats_shape(self, hash);
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        (index == 0).then_some(Block::Floats(self))
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        (index == 0).then_some(BlockMut::Floats(self))
    }
}

pub(crate) fn floats_shape(floats: &[f32], hash: &mut Crc32) {
    hash.words(&[u32::from_le_bytes(*b"flts"), floats.len() as u32]);
}

/// Copies one state into another of the same shape: a spare network for
/// [rollback](crate::stream::rollback), say.
///
/// # Errors
/// [`Error::Shape`] or [`Error::ReadOnly`], with nothing changed.
pub fn copy(from: &dyn Saved, to: &mut dyn Saved) -> Result<(), Error> {
    let (expected, found) = (shape_hash(&&[&*to][..]), shape_hash(&&[from][..]));
    if !is_writable(to) {
        return Err(Error::ReadOnly { state: 0 });
    }
    if expected != found {
        return Err(Error::Shape { expected, found });
    }
    let mut index = 0;
    while let (Some(from), Some(to)) = (from.block(index), to.block_mut(index)) {
        match (from, to) {
            (Block::Floats(from), BlockMut::Floats(to)) => copy_values(from, to),
            (Block::Words(from), BlockMut::Words(to)) => copy_values(from, to),
            (Block::Bytes(from), BlockMut::Bytes(to)) => copy_values(from, to),
            _ => return Err(Error::Shape { expected, found }),
        }
        index += 1;
    }
    Ok(())
}

fn copy_values<T: Copy>(from: &[T], to: &mut [T]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// Some states to look at, whether or not they are to be changed.
pub(super) trait States {
    fn part(&self, index: usize) -> Option<&dyn Saved>;
}

impl States for &[&dyn Saved] {
    fn part(&self, index: usize) -> Option<&dyn Saved> {
        self.get(index).copied()
    }
}

impl States for &[&mut dyn Saved] {
    fn part(&self, index: usize) -> Option<&dyn Saved> {
        self.get(index).map(|part| &**part)
    }
}

/// Every state.
pub(super) fn parts(states: &dyn States) -> impl Iterator<Item = &dyn Saved> {
    (0..).map_while(|index| states.part(index))
}

/// The hash of all shapes, in order.
pub(super) fn shape_hash(states: &dyn States) -> u32 {
    let mut hash = Crc32::new();
    parts(states).for_each(|part| part.shape(&mut hash));
    hash.value()
}

/// How many bytes all blocks have together; the whole snapshot must count in 32 bits.
pub(super) fn bytes(states: &dyn States) -> Result<usize, Error> {
    let around = (HEADER_BYTES + TRAILER_BYTES) as u32;
    let mut sum = around;
    for part in parts(states) {
        for block in blocks(part) {
            let bytes = u32::try_from(block.bytes()).map_err(|_| Error::TooLarge)?;
            sum = sum.checked_add(bytes).ok_or(Error::TooLarge)?;
        }
    }
    usize::try_from(sum - around).map_err(|_| Error::TooLarge)
}

/// Whether every block can be loaded into.
pub(super) fn is_writable(state: &mut dyn Saved) -> bool {
    let mut index = 0;
    while let Some(length) = state.block(index).map(|block| block.bytes()) {
        if state.block_mut(index).is_none_or(|block| block.as_ref().bytes() != length) {
            return false;
        }
        index += 1;
    }
    true
}

/// How many blocks a network has: two a layer, and the readout.
#[inline]
pub(crate) fn network_blocks<P: Parameters>(network: &P) -> usize {
    2 * network.views().0.as_ref().len() + 1
}

/// How many blocks a state has.
pub(crate) fn count_blocks(state: &dyn Saved) -> usize {
    blocks(state).count()
}

/// Every block of a state.
pub(super) fn blocks<'a, S: Saved + ?Sized>(state: &'a S) -> impl Iterator<Item = Block<'a>> {
    (0..).map_while(|index| state.block(index))
}

impl Block<'_> {
    /// Bytes of one value.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Floats(_) | Self::Words(_) => 4,
            Self::Bytes(_) => 1,
        }
    }

    /// Its length in bytes.
    pub(super) fn bytes(&self) -> usize {
        let values = match self {
            Self::Floats(floats) => floats.len(),
            Self::Words(words) => words.len(),
            Self::Bytes(bytes) => bytes.len(),
        };
        self.width() * values
    }

    /// Whether no float is NaN or infinite.
    pub(super) fn is_finite(&self) -> bool {
        match self {
            Self::Floats(floats) => floats.iter().all(|value| value.is_finite()),
            Self::Words(_) | Self::Bytes(_) => true,
        }
    }

    /// Copies its bytes from `offset` on, as many as fit; returns how many.
    pub(super) fn read(&self, offset: usize, into: &mut [u8]) -> usize {
        let count = into.len().min(self.bytes().saturating_sub(offset));
        into.iter_mut().take(count).zip(offset..).for_each(|(byte, place)| *byte = self.byte(place));
        count
    }

    /// One of its bytes; 0 past the end. On bare metal one function serves the loops over all kinds.
    #[cfg_attr(target_os = "none", inline(never))]
    fn byte(&self, place: usize) -> u8 {
        let of_word = |bits: u32| (bits >> (8 * (place % 4))) as u8;
        match self {
            Self::Floats(floats) => floats.get(place / 4).map(|value| of_word(value.to_bits())),
            Self::Words(words) => words.get(place / 4).map(|&word| of_word(word)),
            Self::Bytes(bytes) => bytes.get(place).copied(),
        }
        .unwrap_or(0)
    }
}

impl BlockMut<'_> {
    /// The same to look at.
    fn as_ref(&self) -> Block<'_> {
        match self {
            Self::Floats(floats) => Block::Floats(floats),
            Self::Words(words) => Block::Words(words),
            Self::Bytes(bytes) => Block::Bytes(bytes),
        }
    }
}

/// Copies what fits; returns how many bytes that was.
pub(super) fn copy_bytes(from: &[u8], to: &mut [u8]) -> usize {
    copy_values(from, to);
    from.len().min(to.len())
}
