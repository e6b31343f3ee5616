//! Images on their way into a network: varied, pooled, centred, looked at both ways.

use std::ops::ControlFlow;

use ff_core::random::Rng;
use ff_host::augment::{Augment, Variation};
use ff_host::data::{self, DataError, Dataset, DatasetName, Request, Samples, Silent, Split};
use ff_host::evaluate::Reader;
use ff_host::features::{Features, Standard};
use ff_host::recipe::Recipe;
use ff_host::rule::Reading;
use ff_host::train::Trainer;

const SIDE: usize = 12;
const STILL: Augment =
    Augment { jitter: 0, flip: false, rotate: 0.0, stretch: 0.0, shear: 0.0, elastic: 0.0, flat: false };

/// One image with a lopsided patch well inside it.
fn images() -> Samples {
    let mut pixels = vec![0; SIDE * SIDE];
    for (y, x, value) in [(4, 4, 255), (4, 5, 200), (5, 4, 150), (6, 4, 100), (7, 6, 50)] {
        pixels[y * SIDE + x] = value;
    }
    Samples::grey(SIDE, SIDE, u8::MAX, pixels, vec![0])
}

/// Own data may lack a class that the data set has by its name.
#[test]
fn classes_without_an_image_are_refused() {
    let data = |train: Samples, test: Samples| Dataset {
        name: DatasetName::Mnist.to_string(),
        split: Split::Default.to_string(),
        source: "mine".to_owned(),
        classes: 10,
        class_names: DatasetName::Mnist.class_names(),
        train,
        test,
        own: None,
    };
    let other = || {
        let mut images = images();
        images.labels = vec![1];
        images
    };
    let only = |train, test, classes: &str| data(train, test).only(&classes.parse().unwrap());
    assert_eq!(only(images(), images(), "0,1").unwrap().train.len(), 1);
    for refused in [only(images(), images(), "5"), only(other(), images(), "0"), only(images(), other(), "0")] {
        let error = refused.unwrap_err();
        assert!(matches!(&error, DataError::NoImages { from, .. } if from == "mine"), "{error}");
    }
    assert_ne!(data(images(), other()).checksum(), data(other(), images()).checksum());
}

fn recipe() -> Recipe {
    Recipe::find("classic").unwrap()
}

fn features(recipe: &Recipe, variation: &Variation) -> Vec<f32> {
    let images = images();
    let features = Features::new(&images, recipe, 2).unwrap();
    let mut row = vec![f32::NAN; features.len()];
    features.write(images.get(0).expect("one image").0, variation, &mut row);
    row
}

fn plain() -> Vec<f32> {
    features(&recipe(), &Variation::NONE)
}

fn varied(augment: Augment, seed: u64) -> Vec<f32> {
    features(&recipe(), &augment.draw(&mut Rng::new(seed)))
}

#[test]
fn an_image_that_is_not_varied_stays_as_it_is() {
    let expected: Vec<f32> = images().get(0).unwrap().0.numbers().map(|p| p * (1.0 / 255.0)).collect();
    assert_eq!(plain(), expected);
    assert_eq!(varied(STILL, 3), expected);
}

#[test]
fn jitter_moves_by_whole_pixels_as_far_as_said() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let moved = varied(Augment { jitter: 2, ..STILL }, seed);
        let at = |row: &[f32]| row.iter().position(|&v| v == 1.0).unwrap();
        let (from, to) = (at(&plain()), at(&moved));
        let by = ((to % SIDE) as isize - (from % SIDE) as isize, (to / SIDE) as isize - (from / SIDE) as isize);
        assert!(by.0.abs() <= 2 && by.1.abs() <= 2, "{by:?}");
        seen.insert(by);
    }
    assert_eq!(seen.len(), 25, "every shift should occur");
}

#[test]
fn flipping_mirrors_half_of_the_images() {
    let mirrored: Vec<f32> = plain().chunks(SIDE).flat_map(|row| row.iter().rev().copied()).collect();
    let flipped = (0..200).filter(|&seed| {
        let row = varied(Augment { flip: true, ..STILL }, seed);
        assert!(row == mirrored || row == plain());
        row == mirrored
    });
    assert!((70..130).contains(&flipped.count()));
}

#[test]
fn warps_keep_most_of_the_ink_near_its_place() {
    let warps = [
        Augment { rotate: 15.0, ..STILL },
        Augment { stretch: 0.15, ..STILL },
        Augment { shear: 0.15, ..STILL },
        Augment { elastic: 0.5, ..STILL },
        Augment { jitter: 1, flip: true, rotate: 10.0, stretch: 0.1, shear: 0.1, elastic: 0.5, flat: false },
    ];
    let ink: f32 = plain().iter().sum();
    for warp in warps {
        for seed in 0..50 {
            let row = varied(warp, seed);
            assert!(row.iter().all(|v| (0.0..=1.0).contains(v)), "{warp:?}");
            let sum: f32 = row.iter().sum();
            assert!(sum > 0.4 * ink && sum < 1.8 * ink, "{warp:?}: ink {sum} of {ink}");
            assert_eq!(row, varied(warp, seed), "the same seed should vary alike");
        }
        assert_ne!(varied(warp, 1), varied(warp, 2), "{warp:?}");
    }
}

#[test]
fn a_warp_of_next_to_nothing_leaves_every_pixel_in_its_place() {
    const LITTLE: f32 = 1e-5;
    let warps = [
        Augment { rotate: LITTLE, ..STILL },
        Augment { stretch: LITTLE, ..STILL },
        Augment { shear: LITTLE, ..STILL },
        Augment { elastic: LITTLE, ..STILL },
    ];
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3);
    let mirrored: Vec<f32> = plain().chunks(SIDE).flat_map(|row| row.iter().rev().copied()).collect();
    for warp in warps {
        assert!(near(&varied(warp, 1), &plain()), "{warp:?}");
        let flipped = |seed| near(&varied(Augment { flip: true, ..warp }, seed), &mirrored);
        assert!((0..20).any(flipped), "{warp:?}");
    }
    // A warp on top of a shift moves by as much as the shift alone.
    let jitter = Augment { jitter: 2, ..STILL };
    for seed in 0..20 {
        let (moved, warped) = (varied(jitter, seed), varied(Augment { shear: LITTLE, ..jitter }, seed));
        assert!(near(&moved, &warped), "seed {seed}");
    }
}

#[test]
fn pooling_takes_the_mean_of_cells() {
    let pooled = features(&Recipe { pool: 2, ..recipe() }, &Variation::NONE);
    assert_eq!(pooled.len(), 36);
    let cell = (255.0 + 200.0 + 150.0) / 4.0 / 255.0;
    assert!((pooled[2 * 6 + 2] - cell).abs() < 1e-6);
    // Pixels beyond the last whole cell are left out.
    assert_eq!(features(&Recipe { pool: 5, ..recipe() }, &Variation::NONE).len(), 4);
}

#[test]
fn a_power_brightens_what_is_dim_and_leaves_black_and_white() {
    let bright = features(&Recipe { gamma: 0.5, ..recipe() }, &Variation::NONE);
    for (bright, plain) in bright.iter().zip(plain()) {
        assert!((bright * bright - plain).abs() < 1e-6, "{bright} from {plain}");
    }
    // Pixels are raised before they are moved or mixed.
    let flip = Augment { flip: true, ..STILL };
    let moved = (0..20).map(|seed| flip.draw(&mut Rng::new(seed))).find(|moved| *moved != Variation::NONE).unwrap();
    let mut mirrored = features(&Recipe { gamma: 0.5, ..recipe() }, &moved);
    mirrored.chunks_mut(SIDE).for_each(|row| row.reverse());
    assert_eq!(mirrored, bright);
}

#[test]
fn centring_takes_the_mean_away() {
    let centred = features(&Recipe { centre: true, ..recipe() }, &Variation::NONE);
    assert!(centred.iter().sum::<f32>().abs() < 1e-4);
    let (a, b) = (plain(), centred);
    assert!(((a[4 * SIDE + 4] - a[0]) - (b[4 * SIDE + 4] - b[0])).abs() < 1e-6, "differences stay");
}

#[test]
fn a_pool_larger_than_the_image_is_refused() {
    assert!(Features::new(&images(), &Recipe { pool: 13, ..recipe() }, 2).is_err());
}

#[test]
fn what_is_scored_both_ways_does_not_care_which_way_it_faces() {
    let data = data::load(&Request::new(DatasetName::Digits8x8), &mut Silent).unwrap();
    let (width, height) = (data.test.shape().columns(), data.test.shape().rows());
    let mut pixels: Vec<u8> = data.test.iter().flat_map(|(sample, _)| sample.bytes()).copied().collect();
    pixels.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    let mirrored = Samples::grey(width, height, data.test.maximum(), pixels, data.test.labels.clone());
    for (recipe, reading) in
        [("digits8x8", Reading::Goodness), ("digits8x8", Reading::Readout), ("fast", Reading::Readout)]
    {
        let recipe = Recipe { layers: vec![20, 20], epochs: 2, ..Recipe::find(recipe).unwrap() };
        let mut trainer = Trainer::new(&recipe, &data.train, data.classes, 1, 1).unwrap();
        for _ in 0..recipe.epochs {
            trainer.epoch(&data.train, &mut |_, _| ControlFlow::Continue(())).unwrap();
        }
        let outcome = |flip_tta: bool, images: &Samples| {
            let recipe = Recipe { flip_tta, ..recipe.clone() };
            Reader { network: trainer.network(), recipe: &recipe, threads: 1 }
                .classify(images, reading)
                .unwrap()
                .unwrap()
        };
        assert_eq!(outcome(true, &data.test), outcome(true, &mirrored));
        assert_ne!(outcome(false, &data.test), outcome(false, &mirrored));
        assert_ne!(outcome(true, &data.test), outcome(false, &data.test));
    }
}

#[test]
fn standardised_features_have_one_mean_and_about_one_spread() {
    let data = data::load(&Request::new(DatasetName::Digits8x8), &mut Silent).unwrap();
    let recipe = Recipe { standardise: true, ..recipe() };
    let plain = Features::new(&data.train, &recipe, data.classes).unwrap();
    let features = plain.clone().standardised(&Standard::fit(&recipe, &plain, &data.train));
    let rows: Vec<Vec<f32>> = (0..data.train.len())
        .map(|index| {
            let mut row = vec![0.0; features.len()];
            features.write(data.train.get(index).unwrap().0, &Variation::NONE, &mut row);
            row
        })
        .collect();
    let (mut spreads, count) = (Vec::new(), rows.len() as f32);
    for feature in 0..features.len() {
        let mean = rows.iter().map(|row| row[feature]).sum::<f32>() / count;
        assert!(mean.abs() < 1e-4, "feature {feature}: {mean}");
        spreads.push((rows.iter().map(|row| row[feature] * row[feature]).sum::<f32>() / count).sqrt());
    }
    // A pixel that is never lit stays as it is; none is blown up beyond the spread of all others.
    assert!(spreads.iter().all(|&spread| (0.0..1.0).contains(&spread)), "{spreads:?}");
    assert!(spreads.iter().filter(|&&spread| spread > 0.3).count() > features.len() / 2, "{spreads:?}");
}
