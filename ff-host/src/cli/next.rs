//! What to do next: one line after a command that is done.

use std::path::Path;

use crate::output;
use crate::run;

/// Proposes a command, such as `["ff", "explain", "runs/first"]`, unless the program is to be quiet.
pub fn propose<'a>(words: impl IntoIterator<Item = &'a str>, why: &str) {
    let line = run::joined(words.into_iter().map(str::to_owned));
    output::remark(format_args!("next: {line}   # {why}"));
}

/// The same of a folder's path.
pub fn propose_on(command: &str, path: &Path, why: &str) {
    propose(["ff", command, &*path.to_string_lossy()], why);
}
