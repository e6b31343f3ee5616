//! Why a snapshot was refused.

use core::fmt;

/// What is wrong with a snapshot, or with the state to be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// It does not begin like a snapshot.
    Magic,
    /// It has another version of the format.
    Version {
        /// Which.
        found: u16,
    },
    /// It was made for other shapes: other widths, other classes, other states or another order.
    Shape {
        /// The hash of the shapes that it is to be loaded into.
        expected: u32,
        /// The hash that it carries.
        found: u32,
    },
    /// It is too short, too long, or says that it is.
    Length {
        /// How many bytes it must have.
        expected: usize,
        /// How many it has, or claims.
        found: usize,
    },
    /// Its bytes are not those that were written.
    Checksum,
    /// A float is NaN or infinite: the network diverged before it was saved.
    NotFinite {
        /// Which of the states, from 0.
        state: usize,
        /// Which of its blocks, from 0.
        block: usize,
    },
    /// The states are larger than the format's 4 GiB.
    TooLarge,
    /// A state is only to be looked at ([`InPlace`](super::in_place::InPlace)) and cannot be loaded.
    ReadOnly {
        /// Which of the states, from 0.
        state: usize,
    },
    /// The buffer lent for copying is too small.
    Buffer {
        /// How many bytes it must have at least.
        expected: usize,
    },
    /// The second reading gave other bytes than the first. What was to be loaded into holds a
    /// mixture: load again, or start afresh.
    Changed,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Magic => f.write_str("this is not a snapshot: it does not begin with `FFSN`"),
            Error::Version { found } => {
                write!(f, "snapshot version {found} is not known here, only {}", super::VERSION)
            }
            Error::Shape { expected, found } => write!(
                f,
                "the snapshot is of other shapes (hash {found:08x}, expected {expected:08x}): \
                 load it into the same states, in the same order, as were saved"
            ),
            Error::Length { expected, found } => {
                write!(f, "the snapshot has {found} bytes where {expected} are needed")
            }
            Error::Checksum => f.write_str("the snapshot is damaged: its checksum does not match"),
            Error::NotFinite { state, block } => {
                write!(f, "block {block} of state {state} holds NaN or infinity; a diverged network is not kept")
            }
            Error::TooLarge => f.write_str("the states are too large for a snapshot (4 GiB)"),
            Error::ReadOnly { state } => write!(f, "state {state} is used in place and cannot be loaded into"),
            Error::Buffer { expected } => write!(f, "the buffer needs at least {expected} bytes"),
            Error::Changed => {
                f.write_str("the snapshot changed between its two readings; what was loaded is a mixture, load again")
            }
        }
    }
}

impl core::error::Error for Error {}

/// An import failed: the source could not be read, or what it gave was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Failure<E> {
    /// The source's own error. In the second reading (see [`Load`](super::Load)) it leaves a
    /// mixture, as [`Error::Changed`] does.
    Source(E),
    /// The snapshot was refused.
    Refused(Error),
}

impl<E> From<Error> for Failure<E> {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl<E: fmt::Debug> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => write!(f, "the snapshot cannot be read: {error:?}"),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Failure<E> {}
