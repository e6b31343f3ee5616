//! The name that was meant.

/// The most alike of some names; none where none is much alike.
pub(super) fn nearest<'n>(given: &str, names: &[&'n str]) -> Option<&'n str> {
    const ALIKE: f64 = 0.75;
    let likeness = |name: &str| strsim::jaro_winkler(given, name);
    let alike = names.iter().map(|&name| (likeness(name), name)).filter(|(likeness, _)| *likeness >= ALIKE);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_none() {
        let names = ["learning_rate", "weight_decay", "epochs"];
        assert_eq!(nearest("learnin_rate", &names), Some("learning_rate"));
        assert_eq!(nearest("epoch", &names), Some("epochs"));
        assert_eq!(nearest("colour", &names), None);
    }
}
