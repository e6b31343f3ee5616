//! What can be wrong with an input, named so that the caller can mend it.

use core::fmt;

/// Why a call was refused.
///
/// Every check runs before the first weight changes, so a refused call leaves the network as it
/// was. [`Error::Diverged`] is the exception that cannot be foreseen: it is reported before the
/// layer it names is updated, with the layers below, and a readout, already updated by this step. A
/// readout that diverged is reported before anything is updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// `labels[index]` is not below the number of classes.
    Label {
        /// Which label of the batch.
        index: usize,
        /// Its value.
        label: u8,
        /// How many classes the network has.
        classes: usize,
    },
    /// A slice has the wrong length.
    Length {
        /// Which slice.
        what: &'static str,
        /// How long it must be (at least, for scratch).
        expected: usize,
        /// How long it is.
        found: usize,
    },
    /// A value is NaN or infinite, or a feature is too large to be squared: 2^50 (about 10^15) or more.
    NotFinite {
        /// Which slice.
        what: &'static str,
        /// Where in it.
        index: usize,
    },
    /// A setting lies outside the range that its documentation gives.
    Setting {
        /// Which setting.
        name: &'static str,
    },
    /// The network's shapes do not fit together or do not fit the call.
    Shape {
        /// What does not fit.
        what: &'static str,
    },
    /// A layer's goodness, or what the readout says, became NaN or infinite: the rate is too high for
    /// these data.
    Diverged {
        /// Which layer, from 0; the number of layers stands for the readout.
        layer: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::Label { index, label, classes } => {
                write!(f, "label {label} at index {index} is out of range: the network has {classes} classes")
            }
            Error::Length { what, expected, found } => {
                write!(f, "{what} holds {found} values where {expected} are needed")
            }
            Error::NotFinite { what, index } => write!(f, "{what}[{index}] is NaN, infinite or too large"),
            Error::Setting { name } => write!(f, "setting `{name}` is out of range"),
            Error::Shape { what } => write!(f, "shapes do not fit: {what}"),
            Error::Diverged { layer } => {
                write!(
                    f,
                    "layer {layer} diverged (they count from 0, and a readout comes after the last): it is no longer finite; \
                     lower its rate"
                )
            }
        }
    }
}

impl core::error::Error for Error {}

/// Refuses a slice whose length is not exactly `expected`.
pub(crate) fn exactly(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

/// Refuses a slice shorter than `expected`.
pub(crate) fn at_least(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if found >= expected { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

/// Refuses NaN and infinities and names the first.
#[inline(always)]
pub(crate) fn finite(what: &'static str, values: &[f32]) -> Result<(), Error> {
    bounded(what, values, 1 << 23)
}

/// The same for features, which are squared and summed: values of 2^50 (10^15) and more are refused
/// too, so that the sum of so many as memory holds is finite.
#[inline(always)]
pub(crate) fn squarable(what: &'static str, values: &[f32]) -> Result<(), Error> {
    bounded(what, values, (255 - 127 - 50 + 1) << 23)
}

/// Refuses values with a large exponent: those that `headroom`, added to all bits but the sign, takes
/// into the sign's place.
///
/// The common case looks at every value without branching, which vectorises; only a failed look
/// searches for the place.
#[cfg_attr(target_os = "none", inline(never))]
fn bounded(what: &'static str, values: &[f32], headroom: u32) -> Result<(), Error> {
    let overflow = |all: u32, v: &f32| all | ((v.to_bits() & !SIGN) + headroom);
    let (blocks, tail) = values.as_chunks::<4>();
    let all = blocks.iter().fold(0, |all, block| block.iter().fold(all, overflow));
    if tail.iter().fold(all, overflow) & SIGN == 0 {
        return Ok(());
    }
    let index = values.iter().position(|v| overflow(0, v) & SIGN != 0).unwrap_or(0);
    Err(Error::NotFinite { what, index })
}

/// The sign bit of an f32.
const SIGN: u32 = 1 << 31;

/// Refuses a setting that is not finite or lies outside `low..=high`.
pub(crate) fn within(name: &'static str, value: f32, low: f32, high: f32) -> Result<(), Error> {
    // A NaN fails both comparisons.
    if value >= low && value <= high { Ok(()) } else { Err(Error::Setting { name }) }
}
