//! What a cell of a table says.

/// A number, or what there is instead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    Number(f32),
    /// Nothing, or a word for it.
    Missing,
    /// Another word, or a number that is not finite.
    Word,
}

/// Reads a cell; `comma` where numbers are written 1,5.
pub(super) fn read(field: &[u8], comma: bool) -> Cell {
    let field = field.trim_ascii();
    let number = if comma && field.contains(&b',') {
        let points: Vec<u8> = field.iter().map(|&byte| if byte == b',' { b'.' } else { byte }).collect();
        fast_float2::parse::<f32, _>(points)
    } else {
        fast_float2::parse::<f32, _>(field)
    };
    match number {
        Ok(number) if number.is_finite() => Cell::Number(number),
        _ if is_missing(field) => Cell::Missing,
        _ => Cell::Word,
    }
}

/// Whether a cell, without blanks around it, stands for no value.
pub(super) fn is_missing(field: &[u8]) -> bool {
    const WORDS: [&str; 8] = ["", "?", "na", "n/a", "nan", "null", "none", "-"];
    WORDS.iter().any(|word| field.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_words_or_nothing() {
        for (text, comma, cell) in [
            ("1.5", false, Cell::Number(1.5)),
            (" -2e3\t", false, Cell::Number(-2000.0)),
            ("1,5", true, Cell::Number(1.5)),
            ("1.5", true, Cell::Number(1.5)),
            ("1,5", false, Cell::Word),
            ("", false, Cell::Missing),
            ("NA", false, Cell::Missing),
            ("nan", false, Cell::Missing),
            ("inf", false, Cell::Word),
            ("1e99", false, Cell::Word),
            ("abc", false, Cell::Word),
        ] {
            assert_eq!(read(text.as_bytes(), comma), cell, "{text:?}");
        }
    }
}
