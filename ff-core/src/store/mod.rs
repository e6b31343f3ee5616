//! Snapshots that outlive the power: two slots of flash, one always whole.
//!
//! A [`Store`] writes each snapshot into the slot that does not hold the newest good one, and makes
//! it count by one small record, written last. A power cut at any moment leaves the old snapshot or
//! the new one. The core never touches flash by itself: a store works on a [`Storage`], which a
//! board implements, and for every driver with `embedded-storage` traits there is an adapter,
//! `NorFlash` (feature `embedded-storage`).
//!
//! ```
//! use ff_core::layer::Layer;
//! use ff_core::network::Network;
//! use ff_core::snapshot::Meta;
//! use ff_core::store::{Error, Storage, Store};
//! # struct Board([u8; 4096]);
//! # impl Storage for Board {
//! #     type Error = core::convert::Infallible;
//! #     const WORD: usize = 4;
//! #     const PAGE: usize = 1024;
//! #     fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Self::Error> {
//! #         Ok(into.copy_from_slice(&self.0[at as usize..][..into.len()]))
//! #     }
//! #     fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Self::Error> {
//! #         Ok(self.0[at as usize..][..bytes.len()].copy_from_slice(bytes))
//! #     }
//! #     fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
//! #         Ok(self.0[from as usize..to as usize].fill(0xff))
//! #     }
//! # }
//! # let flash = Board([0xff; 4096]);
//! type Net = Network<(Layer<10, 20>,), 2>;
//! let mut net = Net::ZEROED;
//! let mut buffer = [0; 64];
//!
//! // At start: go on from the newest snapshot, or begin.
//! let mut store = Store::open(flash, [0..2048, 2048..4096], &mut buffer)?;
//! match store.load(&mut [&mut net], &mut buffer) {
//!     Ok(meta) => println!("going on after step {}", meta.steps),
//!     Err(Error::Empty) => net.randomise(&mut ff_core::random::Rng::new(1)),
//!     Err(error) => return Err(error),
//! }
//! // Now and then: keep what was learned.
//! store.save(Meta { steps: 100, ..Meta::START }, &[&net], &mut buffer)?;
//! # Ok::<(), Error<core::convert::Infallible>>(())
//! ```
//!
//! # What a power cut can do, and why nothing is lost
//!
//! A save goes: erase the idle slot page by page from its first, write the snapshot, read it back
//! and compare its checksum, write the record. The record names a sequence number, the length and
//! the checksum of number, snapshot and length, and has a checksum itself.
//!
//! | power is cut | the idle slot then holds | what counts |
//! |---|---|---|
//! | while erasing | a mixture, its record first to go | the other slot |
//! | while writing the snapshot | a part, no record | the other slot |
//! | while writing the record | a record that fails its checksum | the other slot |
//! | after the record | all of it | the new snapshot |
//!
//! It rests on what NOR flash promises: a cut leaves the word being written, or the page being
//! erased, with any content, and everything else as it was. No word is written twice between
//! erasures, so flash with error-correcting codes is fine.
//!
//! # Time and wear
//!
//! Slots alternate, so a page is erased once in two saves, and only pages that the snapshot needs.
//! Erasing stalls most microcontrollers (85 ms a page on an nRF52840, 1 to 2 s a sector on an
//! STM32F4): [`Store::prepare`] erases one page a call, between training steps, and the save that
//! follows only writes.
//!
//! Two slots need no RAM but the caller's buffer ([`Store::BUFFER`] bytes or more). Where a key-value store already
//! manages the flash, give it the chunks of an [`Export`](crate::snapshot::Export) and keep two sets of keys.

mod error;
#[cfg(feature = "embedded-storage")]
mod nor_flash;
mod record;
mod slots;
mod storage;
mod writer;

pub use error::Error;
#[cfg(feature = "embedded-storage")]
pub use nor_flash::NorFlash;
pub use slots::{Slot, Store};
pub use storage::Storage;
pub use writer::Writer;
