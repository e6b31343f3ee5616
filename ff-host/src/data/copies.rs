//! Samples that are in both parts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Sample, Samples};

/// How many of the test samples have the very values of a training sample.
#[must_use]
pub fn copies(train: &Samples, test: &Samples) -> usize {
    let mut known: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, (sample, _)) in train.iter().enumerate() {
        known.entry(hash(sample)).or_default().push(index);
    }
    let is_known = |sample: Sample<'_>| {
        let alike = known.get(&hash(sample));
        alike.is_some_and(|alike| alike.iter().filter_map(|&index| train.get(index)).any(|(other, _)| other == sample))
    };
    test.iter().filter(|(sample, _)| is_known(*sample)).count()
}

fn hash(sample: Sample<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match sample {
        Sample::Bytes(values) => values.hash(&mut hasher),
        Sample::Floats(values) => values.iter().for_each(|value| value.to_bits().hash(&mut hasher)),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_counted_by_their_values() {
        let train = Samples::grey(2, 1, 255, vec![1, 2, 3, 4], vec![0, 1]);
        let test = Samples::grey(2, 1, 255, vec![3, 4, 1, 3, 3, 4], vec![1, 1, 0]);
        assert_eq!(copies(&train, &test), 2);
    }
}
