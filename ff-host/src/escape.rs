//! Texts that come from files, as they are shown: nothing in them is an order to what shows them.

use std::borrow::Cow;
use std::fmt::Write;

/// A text for a terminal: control characters (but line ends and tabs) and those that turn the direction of
/// writing appear as their numbers, `\u001b`, as JSON has them too.
#[must_use]
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_order) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_order(c) {
            // Writing into a string cannot fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// A text as a cell of a Markdown table: in one line, without markup.
#[must_use]
pub fn cell(text: &str) -> String {
    let line = in_a_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    pipes(&line.replace('`', "\\`"))
}

/// A text as a span of code in a cell of a Markdown table: between marks that are longer than any in it.
#[must_use]
pub fn code(text: &str) -> String {
    let line = pipes(&in_a_line(text));
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let marks = "`".repeat(longest + 1);
    // A mark of the text's own must not stand beside the span's.
    let room = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{marks}{room}{line}{room}{marks}")
}

/// White space and control characters as single blanks.
fn in_a_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || is_order(c)).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Every pipe with one backslash before it, which alone keeps it from ending a cell.
fn pipes(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        if c == '|' {
            shown.truncate(shown.trim_end_matches('\\').len());
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

/// Whether a terminal does something at it other than showing it.
fn is_order(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{cell, code, terminal};

    #[test]
    fn a_terminal_is_told_nothing() {
        assert_eq!(terminal("a\n\tb é ±"), "a\n\tb é ±");
        assert_eq!(terminal("\u{1b}[2J\u{9b}2J\r\u{202e}"), "\\u001b[2J\\u009b2J\\u000d\\u202e");
    }

    #[test]
    fn a_cell_stays_one() {
        assert_eq!(cell("a | b\n<!-- c -->"), "a \\| b &lt;!-- c --&gt;");
        assert_eq!(cell("a \\\\| `b`"), "a \\| \\`b\\`");
        assert_eq!(code("ff train"), "`ff train`");
        assert_eq!(code("a `b` | c\n"), "``a `b` \\| c``");
        assert_eq!(code("``"), "``` `` ```");
    }
}
