//! A snapshot of the board's network, kept apart so that its size and stack can be told from the rest.

use ff_core::snapshot::{Error, Export, Meta, Saved};
use ff_embedded::{board, nets::Net};

/// Bytes of flash that a snapshot gets here.
pub const BYTES: usize = size_of::<<board::Net as Net>::Network>() + 256;

/// Writes it in chunks of 64 bytes, and gives what was written.
#[inline(never)]
pub fn write<'a>(network: &dyn Saved, flash: &'a mut [u8]) -> Result<&'a [u8], Error> {
    let state = [network];
    let mut export = Export::new(Meta::START, &state)?;
    let mut length = 0;
    for chunk in flash.chunks_mut(64) {
        length += export.read(chunk);
    }
    Ok(flash.get(..length).unwrap_or_default())
}
