//! What can go wrong with a store.

use core::fmt;

use crate::snapshot;

/// Why a store could not do what was asked. Whatever it is, the newest good snapshot is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error<E> {
    /// The medium's own error.
    Storage(E),
    /// The snapshot was refused: of other shapes, say, after a change of firmware.
    Snapshot(snapshot::Error),
    /// No slot holds a whole snapshot, or nothing was written of one.
    Empty,
    /// The snapshot does not fit a slot.
    Full {
        /// How many bytes it has, as far as is known.
        expected: usize,
        /// How many the slot takes.
        capacity: usize,
    },
    /// The two slots are not whole pages, overlap, or are too small for anything.
    Layout,
    /// The buffer lent for copying is too small.
    Buffer {
        /// How many bytes it must have at least.
        expected: usize,
    },
    /// The medium does not give back what was written: a worn page, perhaps.
    NotKept,
    /// An earlier write of the same snapshot failed: it has to be begun again.
    Failed,
}

impl<E> From<snapshot::Error> for Error<E> {
    fn from(error: snapshot::Error) -> Self {
        Self::Snapshot(error)
    }
}

impl<E> From<snapshot::Failure<E>> for Error<E> {
    fn from(failure: snapshot::Failure<E>) -> Self {
        match failure {
            snapshot::Failure::Source(error) => Self::Storage(error),
            snapshot::Failure::Refused(error) => Self::Snapshot(error),
        }
    }
}

impl<E: fmt::Debug> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => write!(f, "the storage failed: {error:?}"),
            Self::Snapshot(error) => error.fmt(f),
            Self::Empty => f.write_str("there is no snapshot: nothing has been stored yet"),
            Self::Full { expected, capacity } => {
                write!(
                    f,
                    "the snapshot of {expected} bytes does not fit a slot of {capacity}; give the slots more pages"
                )
            }
            Self::Layout => f.write_str("the two slots must be whole pages that do not overlap"),
            Self::Buffer { expected } => write!(f, "the buffer needs at least {expected} bytes"),
            Self::NotKept => f.write_str("the storage does not keep what is written: is the page worn out?"),
            Self::Failed => f.write_str("an earlier write of this snapshot failed; begin it again"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for Error<E> {}
