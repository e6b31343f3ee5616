//! Everything learned, as bytes: for a power cut, a new firmware, a move from host to device.
//!
//! A snapshot is the exact bits of any number of [`Saved`]s (a network, a velocity, running means,
//! a replay reservoir) and the [`Meta`] that a run needs to go on as if it had never stopped.
//! Export and import stream in chunks of any size, so no buffer of the snapshot's size is needed.
//!
//! ```
//! use ff_core::layer::Layer;
//! use ff_core::network::Network;
//! use ff_core::random::Rng;
//! use ff_core::snapshot::{self, Export, Meta, Saved};
//!
//! type Net = Network<(Layer<4, 8>,), 2>;
//! let (mut net, mut means) = (Net::ZEROED, [0.5; 8]);
//! net.randomise(&mut Rng::new(7));
//!
//! // Out, sixteen bytes at a time: to a serial line, a file, a flash page.
//! let state: [&dyn Saved; 2] = [&net, &means];
//! let mut export = Export::new(Meta { steps: 3, ..Meta::START }, &state)?;
//! let (mut chunk, mut stored) = ([0; 16], Vec::new());
//! loop {
//!     let count = export.read(&mut chunk);
//!     if count == 0 {
//!         break;
//!     }
//!     stored.extend_from_slice(&chunk[..count]);
//! }
//!
//! // And in again. One flipped bit anywhere, and nothing is changed.
//! let (mut later, mut later_means) = (Net::ZEROED, [0.0; 8]);
//! let meta = snapshot::import_bytes(&stored, &mut [&mut later, &mut later_means])?;
//! assert_eq!((meta.steps, later_means), (3, means));
//! stored[70] ^= 1;
//! assert_eq!(snapshot::import_bytes(&stored, &mut [&mut later, &mut later_means]), Err(snapshot::Error::Checksum));
//! # Ok::<(), snapshot::Error>(())
//! ```
//!
//! # Whole or not at all
//!
//! Import reads its source twice. [`Import`] looks at every byte and changes nothing; only a
//! snapshot that passed becomes a [`Load`], which reads it again and writes. So what is bad is
//! refused with the live network as it was, and still no second network is needed. It takes a
//! source that can be read twice: bytes, memory-mapped flash, a [`Store`](crate::store::Store),
//! anything with a [`Source`]. Bytes that arrive only once, say over a serial line, go into a
//! store's idle slot first ([`Store::begin`](crate::store::Store::begin)), or into a spare network.
//!
//! # Format, version 1
//!
//! All numbers are little-endian.
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 4 | magic `FFSN` |
//! | 4 | 2 | version, 1 |
//! | 6 | 2 | length of this header, 64 |
//! | 8 | 4 | length of the payload in bytes |
//! | 12 | 4 | shape hash: CRC-32 of what every [`Saved::shape`] adds |
//! | 16 | 8 | samples seen |
//! | 24 | 8 | steps taken |
//! | 32 | 16 | state of the generator |
//! | 48 | 16 | the application's own |
//! | 64 | | payload: every state's blocks in turn, without padding |
//! | last | 4 | CRC-32 of all the bytes before |
//!
//! A network's blocks are, layer by layer, its weights (input-major) and biases, then its readout.
//! The header keeps the payload at a multiple of 64, so a network in an aligned blob can be used
//! where it lies: see [`in_place`] and [`baked`].

pub mod baked;
mod error;
mod export;
mod header;
mod import;
pub mod in_place;
mod place;
mod saved;
mod source;

pub(crate) use header::field;
pub(crate) use saved::{count_blocks, floats_shape, network_blocks};
pub(crate) use source::each_chunk;

pub use error::{Error, Failure};
pub use export::Export;
pub use header::{HEADER_BYTES, Meta, VERSION};
pub use import::{Import, Load};
pub use saved::{Block, BlockMut, Saved, copy};
pub use source::{Source, import, import_bytes, verify};

/// How many bytes come after the payload: the checksum.
pub const TRAILER_BYTES: usize = 4;

/// How long a snapshot of these states is, in bytes.
///
/// # Errors
/// [`Error::TooLarge`] at 4 GiB and above.
pub fn bytes(state: &[&dyn Saved]) -> Result<usize, Error> {
    Ok(HEADER_BYTES + saved::bytes(&state)? + TRAILER_BYTES)
}
