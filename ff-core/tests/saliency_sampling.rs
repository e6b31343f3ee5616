//! The methods that draw at random: against all orders and all masks, and their seeds.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::saliency::{Asked, values};
use common::{assert_close, bits, wide};
use ff_core::kernel::Portable;
use ff_core::random::Rng;
use ff_core::saliency::{CellShapley, Cells, GoodnessDelta, Occlusion, Rise, Saliency, Smooth};

const SINGLE: Cells = Cells { width: 3, side: 1 };

/// A random question about few features, without zeros.
fn few_features(features: usize, seed: u64) -> Asked {
    let mut rng = Rng::new(seed);
    loop {
        let mut asked = Asked::random(&mut rng);
        if asked.network.features() == features {
            asked.image = (0..features).map(|_| 0.2 + rng.unit()).collect();
            return asked;
        }
    }
}

/// The margin with the features of a set, and the baseline's elsewhere, for every set.
fn all_sets(asked: &Asked) -> Vec<f64> {
    let base = asked.whole_baseline();
    let features = asked.image.len();
    let mixed = |set: usize| -> Vec<f32> {
        (0..features).map(|i| if set >> i & 1 == 1 { asked.image[i] } else { base[i] }).collect()
    };
    (0..1 << features).map(|set| asked.margin(&mixed(set)).value).collect()
}

fn factorial(n: usize) -> f64 {
    (1..=n).product::<usize>() as f64
}

/// What a feature adds, over all sets of the others, each weighted by its size.
fn exact(sets: &[f64], features: usize, weight: impl Fn(usize) -> f64) -> Vec<f64> {
    let of = |i: usize| -> f64 {
        let without = (0..sets.len()).filter(|set| set >> i & 1 == 0);
        without.map(|set| weight(set.count_ones() as usize) * (sets[set | 1 << i] - sets[set])).sum()
    };
    (0..features).map(of).collect()
}

#[test]
fn many_walks_come_close_to_the_shapley_values() {
    for seed in 0..6 {
        let asked = few_features(5, seed);
        let weight = |size: usize| factorial(size) * factorial(4 - size) / factorial(5);
        let expected = exact(&all_sets(&asked), 5, weight);
        let found = asked.answer(&CellShapley { cells: SINGLE, walks: 4000, seed: 7 }, 20);
        assert_close("shapley", &wide(&found.map), &expected, 0.05);
    }
}

/// A walk out of a huge baseline is summed anew where hardly anything but rounding is left.
#[test]
fn walks_survive_what_cancels() {
    for seed in 0..6 {
        let mut asked = few_features(5, seed);
        asked.baseline = vec![3e3, 0.0, 0.0, 0.0, 0.0];
        let weight = |size: usize| factorial(size) * factorial(4 - size) / factorial(5);
        let expected = exact(&all_sets(&asked), 5, weight);
        let found = asked.answer(&CellShapley { cells: SINGLE, walks: 4000, seed: 7 }, 20);
        assert_close("shapley", &wide(&found.map), &expected, 0.05);
    }
}

#[test]
fn many_masks_come_close_to_the_mean_over_all_masks() {
    for seed in 0..6 {
        let asked = few_features(5, seed);
        let expected = exact(&all_sets(&asked), 5, |_| 1.0 / 16.0);
        let found = asked.answer(&Rise { masks: 40_000, cells: SINGLE, keep: 0.5, seed: 7 }, 20);
        assert_close("rise", &wide(&found.map), &expected, 0.06);
    }
}

#[test]
fn a_cell_shares_its_value_evenly_and_only_among_what_differs() {
    let mut asked = few_features(12, 3);
    asked.baseline = values(12, &mut Rng::new(1));
    asked.baseline[1] = asked.image[1];
    // Two rows of six: cells of two by two, three of them.
    let map = asked.answer(&CellShapley { cells: Cells { width: 6, side: 2 }, walks: 3, seed: 1 }, 4).map;
    assert_eq!(map[1], 0.0);
    assert!(map[0] == map[6] && map[0] == map[7] && map[0] != 0.0);
    assert!(map[2] == map[3] && map[2] == map[8] && map[2] == map[9] && map[2] != map[0]);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
    let mut rng = Rng::new(8);
    let asked = loop {
        let asked = Asked::random(&mut rng);
        // Something must be at stake for seeds to matter.
        let margin = asked.answer(&Occlusion::ERASE, 1).map;
        if asked.network.features() > 9 && margin.iter().filter(|&&v| v != 0.0).count() > 4 {
            break asked;
        }
    };
    let cells = Cells { width: 4, side: 2 };
    let shapley = |seed| bits(&asked.answer(&CellShapley { cells, walks: 3, seed }, 2).map);
    let rise = |seed| bits(&asked.answer(&Rise { masks: 30, cells, keep: 0.6, seed }, 2).map);
    let smooth = |seed| bits(&asked.answer(&Smooth { method: GoodnessDelta, draws: 3, sigma: 0.1, seed }, 2).map);
    for map in [&shapley as &dyn Fn(u64) -> Vec<u32>, &rise, &smooth] {
        assert_eq!(map(5), map(5));
        assert_ne!(map(5), map(6));
    }
}

#[test]
fn smoothing_gives_mean_and_variance_over_the_draws() {
    let asked = few_features(7, 11);
    let smooth = |draws| Smooth { method: GoodnessDelta, draws, sigma: 0.2, seed: 3 };
    // The mean of k draws times k, less the same for k - 1, is the k-th draw.
    let sums: Vec<Vec<f64>> = (1..=5_u32)
        .map(|draws| wide(&asked.answer(&smooth(draws), 3).map).iter().map(|v| v * f64::from(draws)).collect())
        .collect();
    let draw = |k: usize, i: usize| sums[k][i] - if k == 0 { 0.0 } else { sums[k - 1][i] };
    let mut scratch = vec![0.0; smooth(5).floats(&asked.network.shapes(), asked.network.classes, 3)];
    let (mut map, mut variance) = ([0.0; 7], [0.0; 7]);
    smooth(5).map_with_variance(&asked.question(), &mut scratch, &mut Portable, &mut map, &mut variance).unwrap();
    let expected: Vec<f64> = (0..7)
        .map(|i| {
            let mean = sums[4][i] / 5.0;
            (0..5).map(|k| (draw(k, i) - mean).powi(2)).sum::<f64>() / 4.0
        })
        .collect();
    assert!(expected.iter().any(|&v| v > 1e-6));
    assert_close("variance", &wide(&variance), &expected, 1e-3);
}

#[test]
fn without_noise_smoothing_changes_nothing_and_is_certain() {
    let asked = few_features(7, 12);
    let smooth = Smooth { method: GoodnessDelta, draws: 4, sigma: 0.0, seed: 3 };
    let mut scratch = vec![0.0; smooth.floats(&asked.network.shapes(), asked.network.classes, 2)];
    let (mut map, mut variance) = ([0.0; 7], [f32::NAN; 7]);
    let explained =
        smooth.map_with_variance(&asked.question(), &mut scratch, &mut Portable, &mut map, &mut variance).unwrap();
    let plain = asked.answer(&GoodnessDelta, 2);
    assert_eq!(bits(&map), bits(&plain.map));
    assert_eq!(explained, plain.explained);
    assert_eq!(variance, [0.0; 7]);
}
