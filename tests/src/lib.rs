//! What the cross-crate tests share.

pub mod fuzz;

/// The book's programs, which are run as documentation.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/first-device.md")]
pub struct FirstDevice;
