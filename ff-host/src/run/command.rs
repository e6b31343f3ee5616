//! Command lines as text that a shell takes.

use std::borrow::Cow;

/// This process's command line, with the program's name for the path by which it was started.
#[must_use]
pub fn command_line(program: &str) -> String {
    // Not `args`, which panics on a path that is no Unicode.
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    joined(std::iter::once(program.to_owned()).chain(words))
}

/// Words as one line: quoted where a shell would take them apart.
#[must_use]
pub fn joined(words: impl IntoIterator<Item = String>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| quoted(&word).into_owned()).collect();
    words.join(" ")
}

/// The words of a line.
#[must_use]
pub fn words(line: &str) -> Vec<String> {
    // A line with half a quotation was not made by `joined`.
    shlex::split(line).unwrap_or_else(|| line.split_whitespace().map(str::to_owned).collect())
}

/// A word as a shell takes it. Commas and equals signs, which options are full of, stay as they are.
fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    // No word of a command line holds a NUL, which alone cannot be quoted.
    shlex::try_quote(word).unwrap_or_else(|_| word.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_from_a_line() {
        let all = ["ff", "train", "--layers=5,5", "--out", "a b/it's", "", "x;y", "ü\"n"].map(str::to_owned);
        let line = joined(all.clone());
        assert!(line.starts_with("ff train --layers=5,5 --out "), "{line}");
        assert_eq!(words(&line), all);
    }

    #[test]
    fn a_line_that_is_no_shells_is_split_at_blanks() {
        assert_eq!(words("ff it's"), ["ff", "it's"]);
    }
}
