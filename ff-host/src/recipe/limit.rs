//! Which values a field may have.

use std::fmt::Display;
use std::ops::RangeInclusive;

use ff_core::network::MAX_LAYERS;

use super::value::Widths;

/// Numbers in a range. NaN lies in none.
pub(super) fn within<T: PartialOrd + Display>(range: RangeInclusive<T>) -> impl Fn(&T) -> Result<(), String> {
    move |value| match range.contains(value) {
        true => Ok(()),
        false => Err(format!("is out of range: it must be from {} to {}", range.start(), range.end())),
    }
}

/// Every value of the type.
pub(super) const fn any<T>(_: &T) -> Result<(), String> {
    Ok(())
}

/// As many layers as ff-core takes, of widths that memory can hold.
pub(super) fn widths(layers: &Widths) -> Result<(), String> {
    const WIDTHS: RangeInclusive<usize> = 1..=16_384;
    if (1..=MAX_LAYERS).contains(&layers.len()) && layers.iter().all(|width| WIDTHS.contains(width)) {
        return Ok(());
    }
    let (least, most) = (WIDTHS.start(), WIDTHS.end());
    Err(format!("is out of range: it must be 1 to {MAX_LAYERS} widths from {least} to {most}"))
}

/// A name becomes part of a folder's name.
pub(super) fn name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if (1..=64).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(format!("name = {name:?} is out of range: it must be 1 to 64 letters, digits, `-`, `_` or `.`"))
}
