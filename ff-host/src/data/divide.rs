//! Dividing samples: a part held out, or folds; of every class alike, and never through a group.

use std::collections::BTreeMap;

use ff_core::random::Rng;

use super::Samples;

/// Every index below `count` once, in random order (Fisher and Yates).
#[must_use]
pub fn shuffled(count: usize, rng: &mut Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, rng.below(last as u32 + 1) as usize);
    }
    order
}

impl Samples {
    /// The samples without a part of every class, and that part; where there are groups, whole groups are held
    /// out, and the classes come as near to their parts as that allows. The same seed holds out the same.
    ///
    /// Every class of two samples and more keeps some here; so does the whole, whatever part is asked for.
    #[must_use]
    pub fn hold_out(&self, part: f64, seed: u64) -> (Self, Self) {
        let mut rng = Rng::new(seed);
        let is_held =
            if self.groups.is_empty() { self.held_samples(part, &mut rng) } else { self.held_groups(part, &mut rng) };
        (self.filter(|index, _| !is_held[index]), self.filter(|index, _| is_held[index]))
    }

    /// As many samples' numbers as there are, in random order, of every class equally many (or one more): those of
    /// a small class come several times, some of a large one not at all.
    #[must_use]
    pub fn balanced(&self, rng: &mut Rng) -> Vec<usize> {
        let classes: Vec<Vec<usize>> = self.by_class(rng).into_iter().filter(|class| !class.is_empty()).collect();
        let turns = (0..self.len()).map(|turn| {
            let class = &classes[turn % classes.len()];
            class[turn / classes.len() % class.len()]
        });
        let drawn: Vec<usize> = turns.collect();
        shuffled(drawn.len(), rng).into_iter().map(|place| drawn[place]).collect()
    }

    /// For every sample the number of its fold, `0..folds`.
    #[must_use]
    pub fn folds(&self, folds: usize, seed: u64) -> Vec<usize> {
        let mut rng = Rng::new(seed);
        if self.groups.is_empty() {
            self.folds_of_samples(folds, &mut rng)
        } else {
            self.folds_of_groups(folds, &mut rng)
        }
    }

    /// The samples of each class in random order.
    fn by_class(&self, rng: &mut Rng) -> Vec<Vec<usize>> {
        let mut classes = vec![Vec::new(); 256];
        for index in shuffled(self.len(), rng) {
            classes[usize::from(self.labels[index])].push(index);
        }
        classes
    }

    fn held_samples(&self, part: f64, rng: &mut Rng) -> Vec<bool> {
        let classes = self.by_class(rng);
        let wanted: Vec<f64> = classes.iter().map(|class| part * class.len() as f64).collect();
        let mut counts: Vec<usize> = wanted.iter().map(|wanted| wanted.floor() as usize).collect();
        // What is missing of the whole comes from the classes that lost most by rounding down.
        let missing = (part * self.len() as f64).round() as usize - counts.iter().sum::<usize>();
        let mut order: Vec<usize> = (0..classes.len()).collect();
        order.sort_by(|&a, &b| (wanted[b] - wanted[b].floor()).total_cmp(&(wanted[a] - wanted[a].floor())));
        order.into_iter().take(missing).for_each(|class| counts[class] += 1);
        let mut is_held = vec![false; self.len()];
        for (class, count) in classes.iter().zip(counts) {
            let least = usize::from(part > 0.0 && class.len() > 1);
            let most = class.len().saturating_sub(1);
            class.iter().take(count.clamp(least.min(most), most)).for_each(|&index| is_held[index] = true);
        }
        is_held
    }

    /// The samples of each group, by class.
    fn by_group(&self) -> Vec<Group> {
        let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
        for (index, (&group, &label)) in self.groups.iter().zip(&self.labels).enumerate() {
            let group = groups.entry(group).or_insert_with(|| Group { samples: Vec::new(), classes: vec![0; 256] });
            group.samples.push(index);
            group.classes[usize::from(label)] += 1;
        }
        groups.into_values().collect()
    }

    fn held_groups(&self, part: f64, rng: &mut Rng) -> Vec<bool> {
        let groups = self.by_group();
        let totals = sum(&groups);
        let wanted: Vec<f64> = totals.iter().map(|&total| part * f64::from(total)).collect();
        let mut held = vec![0_u32; totals.len()];
        let mut is_held = vec![false; self.len()];
        let mut left = groups.len();
        for group in shuffled(groups.len(), rng).into_iter().map(|group| &groups[group]) {
            let closer = distance(&plus(&held, &group.classes), &wanted, &totals) < distance(&held, &wanted, &totals);
            // A class's last group is learned from, or nothing would be known of it.
            let leaves_all = group.classes.iter().zip(&held).zip(&totals).all(|((&n, &h), &t)| n == 0 || h + n < t);
            if closer && leaves_all && left > 1 {
                held = plus(&held, &group.classes);
                group.samples.iter().for_each(|&index| is_held[index] = true);
                left -= 1;
            }
        }
        is_held
    }

    fn folds_of_samples(&self, folds: usize, rng: &mut Rng) -> Vec<usize> {
        let mut fold_of = vec![0; self.len()];
        // Each class goes on at the fold where the one before ended, so that folds are of one size.
        for (place, index) in self.by_class(rng).into_iter().flatten().enumerate() {
            fold_of[index] = place % folds;
        }
        fold_of
    }

    fn folds_of_groups(&self, folds: usize, rng: &mut Rng) -> Vec<usize> {
        let groups = self.by_group();
        let totals = sum(&groups);
        let wanted: Vec<f64> = totals.iter().map(|&total| f64::from(total) / folds as f64).collect();
        let mut held = vec![vec![0_u32; totals.len()]; folds];
        let mut fold_of = vec![0; self.len()];
        let mut order = shuffled(groups.len(), rng);
        order.sort_by_key(|&group| std::cmp::Reverse(groups[group].samples.len()));
        for group in order.into_iter().map(|group| &groups[group]) {
            let gain = |fold: usize| {
                let after = distance(&plus(&held[fold], &group.classes), &wanted, &totals);
                after - distance(&held[fold], &wanted, &totals)
            };
            let best = (0..folds).min_by(|&a, &b| gain(a).total_cmp(&gain(b))).unwrap_or(0);
            held[best] = plus(&held[best], &group.classes);
            group.samples.iter().for_each(|&index| fold_of[index] = best);
        }
        fold_of
    }
}

/// Samples that stay together.
struct Group {
    samples: Vec<usize>,
    /// How many of each class.
    classes: Vec<u32>,
}

fn sum(groups: &[Group]) -> Vec<u32> {
    groups.iter().fold(vec![0; 256], |sum, group| plus(&sum, &group.classes))
}

fn plus(a: &[u32], b: &[u32]) -> Vec<u32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// How far the classes are from their wanted numbers, relative to their totals.
fn distance(held: &[u32], wanted: &[f64], totals: &[u32]) -> f64 {
    let each = held.iter().zip(wanted).zip(totals).filter(|(_, total)| **total > 0);
    each.map(|((&held, wanted), &total)| ((f64::from(held) - wanted) / f64::from(total)).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::{Shape, Values};
    use super::*;

    fn samples(labels: Vec<u8>) -> Samples {
        let values = (0..labels.len()).map(|index| index as f32).collect();
        Samples::new(Shape::features(1), Values::Floats(values), labels)
    }

    fn count(samples: &Samples, class: u8) -> usize {
        samples.labels.iter().filter(|&&label| label == class).count()
    }

    #[test]
    fn every_class_gives_its_part() {
        let all = samples([vec![0; 50], vec![1; 30], vec![2; 3], vec![3; 1]].concat());
        let (rest, held) = all.hold_out(0.2, 1);
        assert_eq!((0..4).map(|class| count(&held, class)).collect::<Vec<_>>(), [10, 6, 1, 0]);
        assert_eq!(rest.len() + held.len(), all.len());
        assert_eq!(all.hold_out(0.2, 1), (rest.clone(), held));
        assert_ne!(all.hold_out(0.2, 2).0, rest);
        assert!(all.hold_out(0.0, 1).1.is_empty());
        // Never all of a class.
        let most = all.hold_out(0.99, 1).0;
        assert!((0..4).all(|class| count(&most, class) >= 1));
    }

    #[test]
    fn groups_stay_whole() {
        let labels: Vec<u8> = (0..120).map(|index| (index / 6 % 2) as u8).collect();
        let groups: Vec<u32> = (0..120).map(|index| index / 6).collect();
        let all = samples(labels).with_groups(groups);
        let (rest, held) = all.hold_out(0.2, 3);
        assert!(held.groups.iter().all(|group| !rest.groups.contains(group)));
        assert_eq!([count(&held, 0), count(&held, 1)], [12, 12]);
        let folds = all.folds(5, 1);
        for group in 0..20 {
            assert!(folds[group * 6..][..6].iter().all(|&fold| fold == folds[group * 6]));
        }
        for fold in 0..5 {
            assert_eq!(folds.iter().filter(|&&of| of == fold).count(), 24);
        }
    }

    #[test]
    fn balanced_order_has_every_class_equally_often() {
        let all = samples([vec![0; 90], vec![1; 9], vec![3; 1]].concat());
        let order = all.balanced(&mut Rng::new(1));
        let drawn = all.select(order);
        assert_eq!([0, 1, 3].map(|class| count(&drawn, class)), [34, 33, 33]);
    }

    #[test]
    fn folds_are_stratified_and_even() {
        let all = samples([vec![0; 51], vec![1; 29]].concat());
        let folds = all.folds(5, 1);
        for fold in 0..5 {
            let held = all.filter(|index, _| folds[index] == fold);
            assert_eq!(held.len(), 16);
            assert!((10..=11).contains(&count(&held, 0)));
        }
    }
}
