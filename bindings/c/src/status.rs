//! What every function returns: one number, and a text for it.

use core::ffi::CStr;

use ff_core::error::Error;
use ff_core::snapshot;

/// What became of a call. Whatever is below 0 changed nothing, but for `FF_DIVERGED` and `FF_CHANGED`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It did its work.
    Ok = 0,
    /// A step in slices goes on at the next poll.
    Pending = 1,
    /// A pointer is null, or not aligned for what it points to.
    Pointer = -1,
    /// The network was not begun by `ff_start`, or the step not by `ff_begin`.
    Unset = -2,
    /// A step in slices is under way: poll it to its end, or abandon it.
    Busy = -3,
    /// A label is not below the number of classes.
    Label = -4,
    /// A slice has the wrong length, or the memory too few floats.
    Length = -5,
    /// A value is NaN, infinite or too large to be squared.
    NotFinite = -6,
    /// A setting is out of range.
    Setting = -7,
    /// Widths, classes or batch do not suit the rule, or are too large.
    Shape = -8,
    /// A layer is no longer finite: lower its rate.
    Diverged = -9,
    /// These bytes are no snapshot, or one of another version.
    NoSnapshot = -10,
    /// The snapshot is of other shapes, or of another optimiser.
    OtherShapes = -11,
    /// The snapshot is damaged.
    Checksum = -12,
    /// The buffer is too small: `ff_snapshot_bytes` says how large it must be.
    Buffer = -13,
    /// The bytes changed while they were read; the network holds a mixture.
    Changed = -14,
}

impl Status {
    /// All of them.
    const ALL: [Self; 16] = [
        Self::Ok,
        Self::Pending,
        Self::Pointer,
        Self::Unset,
        Self::Busy,
        Self::Label,
        Self::Length,
        Self::NotFinite,
        Self::Setting,
        Self::Shape,
        Self::Diverged,
        Self::NoSnapshot,
        Self::OtherShapes,
        Self::Checksum,
        Self::Buffer,
        Self::Changed,
    ];

    /// The text of a number, whatever it is.
    pub fn text(number: i32) -> &'static CStr {
        Self::ALL.into_iter().find(|&status| status as i32 == number).map_or(c"no such status", Self::own_text)
    }

    fn own_text(self) -> &'static CStr {
        match self {
            Self::Ok => c"ok",
            Self::Pending => c"the step goes on at the next poll",
            Self::Pointer => c"a pointer is null, or not aligned for what it points to",
            Self::Unset => c"the network was not begun by ff_start, or the step not by ff_begin",
            Self::Busy => c"a step in slices is under way: poll it to its end, or abandon it",
            Self::Label => c"a label is not below the number of classes",
            Self::Length => c"a slice has the wrong length, or the memory too few floats: ask ff_floats",
            Self::NotFinite => c"a value is NaN, infinite or too large to be squared",
            Self::Setting => c"a setting is out of range",
            Self::Shape => c"widths, classes or batch do not suit the rule, or are too large",
            Self::Diverged => c"a layer is no longer finite: lower its learning rate",
            Self::NoSnapshot => c"these bytes are no snapshot, or one of another version",
            Self::OtherShapes => c"the snapshot is of other shapes, or of another optimiser",
            Self::Checksum => c"the snapshot is damaged",
            Self::Buffer => c"the buffer is too small: ask ff_snapshot_bytes",
            Self::Changed => c"the bytes changed while they were read; the network holds a mixture",
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Label { .. } => Self::Label,
            Error::Length { .. } => Self::Length,
            Error::NotFinite { .. } => Self::NotFinite,
            Error::Setting { .. } => Self::Setting,
            Error::Shape { .. } => Self::Shape,
            Error::Diverged { .. } => Self::Diverged,
        }
    }
}

impl From<snapshot::Error> for Status {
    fn from(error: snapshot::Error) -> Self {
        match error {
            snapshot::Error::Magic | snapshot::Error::Version { .. } => Self::NoSnapshot,
            snapshot::Error::Shape { .. } | snapshot::Error::ReadOnly { .. } => Self::OtherShapes,
            snapshot::Error::Length { .. } | snapshot::Error::TooLarge => Self::Length,
            snapshot::Error::Checksum => Self::Checksum,
            snapshot::Error::NotFinite { .. } => Self::NotFinite,
            snapshot::Error::Buffer { .. } => Self::Buffer,
            snapshot::Error::Changed => Self::Changed,
        }
    }
}
