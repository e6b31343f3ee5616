//! The order in which people sort names: numbers by their value, words by the alphabet.

use std::cmp::Ordering;

/// Compares two names. Numbers come before words.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => parts(a).cmp(&parts(b)).then_with(|| a.cmp(b)),
    }
}

fn number(name: &str) -> Option<f64> {
    name.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A name as words and whole numbers in turn, so that `x10` comes behind `x9`.
fn parts(name: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0_u64)];
    let mut in_number = false;
    for character in name.chars() {
        if in_number && !character.is_ascii_digit() {
            parts.push((String::new(), 0));
        }
        in_number = character.is_ascii_digit();
        if let Some((word, number)) = parts.last_mut() {
            match character.to_digit(10) {
                Some(digit) => *number = number.saturating_mul(10).saturating_add(digit.into()),
                None => word.push(character),
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn names_are_sorted_as_people_do() {
        let mut names = ["walk", "10", "x10", "-1", "x9", "9", "2.5", "Run"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["-1", "2.5", "9", "10", "Run", "walk", "x9", "x10"]);
    }
}
