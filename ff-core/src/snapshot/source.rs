//! Where a snapshot is read from, twice.

use core::convert::Infallible;

use super::import::Import;
use super::{Error, Failure, Meta, Saved};

/// Bytes that can be read more than once.
pub trait Source {
    /// What can go wrong with reading.
    type Error;
    /// How many bytes there are.
    fn bytes(&self) -> usize;
    /// The smallest unit that can be read; offsets and lengths are multiples of it, except that
    /// the last piece is rounded up.
    const GRAIN: usize;
    /// Fills `into` with the bytes from `offset` on; what lies past the end may be anything.
    ///
    /// # Errors
    /// The medium's own.
    fn read(&mut self, offset: usize, into: &mut [u8]) -> Result<(), Self::Error>;
}

/// Bytes in memory: a snapshot that was received whole, or that lies in memory-mapped flash.
impl Source for &[u8] {
    type Error = Infallible;
    const GRAIN: usize = 1;

    fn bytes(&self) -> usize {
        self.len()
    }

    fn read(&mut self, offset: usize, into: &mut [u8]) -> Result<(), Infallible> {
        let from = self.get(offset..).unwrap_or(&[]);
        into.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

/// Loads a snapshot from memory.
///
/// # Errors
/// Why it is refused; the states are as they were.
pub fn import_bytes(bytes: &[u8], state: &mut [&mut dyn Saved]) -> Result<Meta, Error> {
    let mut import = Import::new(state)?;
    import.verify(bytes)?;
    let mut load = import.verified()?;
    load.load(bytes)?;
    load.finish()
}

/// Loads a snapshot from a source, through a buffer of any size from one grain up.
///
/// # Errors
/// [`Failure::Refused`] leaves the states as they were, except [`Error::Changed`].
/// [`Failure::Source`] does too in the first reading; in the second it leaves a mixture, so load
/// from elsewhere or start afresh.
pub fn import<S: Source>(
    source: &mut S,
    state: &mut [&mut dyn Saved],
    buffer: &mut [u8],
) -> Result<Meta, Failure<S::Error>> {
    let mut load = check(source, state, buffer)?.verified()?;
    each_chunk(source, buffer, |chunk| load.load(chunk))?;
    Ok(load.finish()?)
}

/// Checks a snapshot and changes nothing: what [`import`] does first.
///
/// # Errors
/// As [`import`].
pub fn verify<S: Source>(
    source: &mut S,
    state: &mut [&mut dyn Saved],
    buffer: &mut [u8],
) -> Result<Meta, Failure<S::Error>> {
    Ok(check(source, state, buffer)?.meta()?)
}

fn check<'a, 's, S: Source>(
    source: &mut S,
    state: &'a mut [&'s mut dyn Saved],
    buffer: &mut [u8],
) -> Result<Import<'a, 's>, Failure<S::Error>> {
    let mut import = Import::new(state)?;
    each_chunk(source, buffer, |chunk| import.verify(chunk))?;
    Ok(import)
}

/// Reads a source from its beginning to its end, in pieces of whole grains.
pub(crate) fn each_chunk<S: Source>(
    source: &mut S,
    buffer: &mut [u8],
    mut take: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(), Failure<S::Error>> {
    const { assert!(S::GRAIN > 0, "a grain is at least one byte") };
    let (total, mut at) = (source.bytes(), 0);
    let whole = buffer.len() / S::GRAIN * S::GRAIN;
    while at < total {
        let wanted = (total - at).min(whole);
        let room = buffer.get_mut(..wanted.next_multiple_of(S::GRAIN)).filter(|room| !room.is_empty());
        let room = room.ok_or(Error::Buffer { expected: S::GRAIN })?;
        source.read(at, room).map_err(Failure::Source)?;
        take(room.get(..wanted).unwrap_or(&[]))?;
        at += wanted;
    }
    Ok(())
}
