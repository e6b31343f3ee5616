//! Names that come from files or options, before they become paths.

use std::io::{Error, ErrorKind};
use std::path::{Component, Path};

/// Whether a text may be part of a file's name on every system: letters, digits, `-`, `_` and `.`, at most
/// 64 of them, and neither `.` nor `..`.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=64).contains(&text.len()) && text.chars().all(plain) && text != "." && text != ".."
}

/// Refuses a name that would lead out of its folder.
pub(super) fn check(name: &Path) -> Result<(), Error> {
    let mut parts = name.components();
    let is_one =
        matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name.as_os_str());
    if is_one { Ok(()) } else { Err(Error::new(ErrorKind::InvalidInput, "it is no name of a file in a folder")) }
}

#[cfg(test)]
mod tests {
    use super::{check, is_plain};

    #[test]
    fn a_name_that_leads_elsewhere_is_none() {
        for name in ["", ".", "..", "/", "/x", "a/b", "../x", "a/..", "x/", "./x"] {
            assert!(check(name.as_ref()).is_err(), "{name:?}");
            assert!(!is_plain(name), "{name:?}");
        }
        for name in ["a", ".lock", "a..b", "..."] {
            assert!(check(name.as_ref()).is_ok() && is_plain(name), "{name:?}");
        }
        assert!(!is_plain("a\u{1b}[2J") && !is_plain(&"a".repeat(65)));
    }
}
