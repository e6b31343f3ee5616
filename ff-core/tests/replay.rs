//! What a replay memory keeps, by counting over many runs.

mod common;

use common::saving::exported;
use ff_core::error::Error;
use ff_core::random::Rng;
use ff_core::snapshot::{self, Meta};
use ff_core::stream::replay::{Balanced, Kept, Reservoir};

/// How often something with this probability may happen in `runs`, with five deviations to spare.
fn expected(runs: u32, probability: f64) -> std::ops::RangeInclusive<f64> {
    let (runs, p) = (f64::from(runs), probability);
    let spare = 5.0 * (runs * p * (1.0 - p)).sqrt();
    runs * p - spare..=runs * p + spare
}

#[test]
fn a_reservoir_keeps_every_sample_with_the_same_chance() {
    const RUNS: u32 = 4000;
    let mut kept = [0_u32; 40];
    for seed in 0..RUNS {
        let (mut reservoir, mut rng) = (Reservoir::<1, 8>::ZEROED, Rng::new(seed.into()));
        for sample in 0..40 {
            let place = reservoir.offer(&[sample], sample / 4, &mut rng).unwrap();
            assert!(sample >= 8 || place == Some(sample.into()), "there was room");
        }
        assert_eq!((reservoir.kept().len(), reservoir.seen()), (8, 40));
        for place in 0..8 {
            let (image, label) = reservoir.kept().get(place).unwrap();
            assert_eq!(image[0] / 4, label, "image and label of different samples");
            kept[usize::from(image[0])] += 1;
        }
        assert!(reservoir.kept().get(8).is_none());
    }
    let range = expected(RUNS, 8.0 / 40.0);
    assert!(kept.iter().all(|&count| range.contains(&count.into())), "{kept:?} not all within {range:?}");
}

/// 900 samples of class 0, then 90 of class 1, with 12 of class 2 in between: the number is the image.
fn lopsided(seed: u64) -> Balanced<2, 30, 3> {
    let (mut memory, mut rng) = (Balanced::<2, 30, 3>::ZEROED, Rng::new(seed));
    for sample in 0..1002_u16 {
        let label = if sample % 80 == 7 && sample < 960 { 2 } else { u8::from(sample >= 911) };
        memory.offer(&sample.to_le_bytes(), label, &mut rng).unwrap();
    }
    memory
}

#[test]
fn a_balanced_memory_holds_rare_classes_and_is_fair_within_each() {
    const RUNS: u32 = 2000;
    let (mut early, mut total) = (0, 0);
    for seed in 0..RUNS {
        let memory = lopsided(seed.into());
        let mut counts = [0; 3];
        memory.kept().count_classes(&mut counts);
        assert!(counts.iter().all(|count| (9..=11).contains(count)), "{counts:?}");
        assert_eq!(memory.seen().iter().sum::<u32>(), 1002);
        for place in 0..30 {
            let (image, label) = memory.kept().get(place).unwrap();
            if label == 0 {
                total += 1;
                early += u32::from(u16::from_le_bytes(*image) < 455);
            }
        }
    }
    // Half of class 0 came before sample 455, so half of what is kept of it did.
    let range = expected(total, 0.5);
    assert!(range.contains(&early.into()), "{early} of {total} kept samples are early ones");
}

#[test]
fn batches_are_drawn_from_what_is_kept() {
    let (mut reservoir, mut rng) = (Reservoir::<2, 4>::ZEROED, Rng::new(3));
    let (mut images, mut labels) = ([-1.0; 600], [99; 300]);
    assert_eq!(reservoir.kept().fill(&mut rng, &mut images, &mut labels, f32::from), Ok(false));
    assert!(images == [-1.0; 600] && labels == [99; 300] && reservoir.kept().is_empty());
    for sample in 0..3 {
        reservoir.offer(&[sample, 10 * sample], sample, &mut rng).unwrap();
    }
    assert_eq!(reservoir.kept().fill(&mut rng, &mut images, &mut labels, |byte| f32::from(byte) / 2.0), Ok(true));
    let mut counts = [0_u32; 3];
    for (image, label) in images.chunks(2).zip(labels) {
        let value = f32::from(label);
        assert_eq!(image, [value / 2.0, 5.0 * value]);
        counts[usize::from(label)] += 1;
    }
    assert!(counts.iter().all(|&count| expected(300, 1.0 / 3.0).contains(&count.into())), "{counts:?}");
    let refused = reservoir.kept().fill(&mut rng, &mut images[1..], &mut labels, f32::from);
    assert_eq!(refused, Err(Error::Length { what: "replayed samples", expected: 600, found: 599 }));
}

#[test]
fn bad_samples_change_nothing() {
    let mut rng = Rng::new(4);
    let (mut memory, mut reservoir) = (lopsided(1), Reservoir::<2, 4>::ZEROED);
    let before = exported(Meta::START, &[&memory, &reservoir], 64);
    let length = Error::Length { what: "replayed sample", expected: 2, found: 3 };
    assert_eq!(memory.offer(&[1, 2, 3], 0, &mut rng), Err(length));
    assert_eq!(reservoir.offer(&[1, 2, 3], 0, &mut rng), Err(length));
    assert_eq!(memory.offer(&[1, 2], 3, &mut rng), Err(Error::Label { index: 0, label: 3, classes: 3 }));
    assert_eq!(exported(Meta::START, &[&memory, &reservoir], 64), before);
}

#[test]
fn a_memory_survives_a_snapshot_and_a_foreign_one_cannot_break_it() {
    let saved = lopsided(2);
    let bytes = exported(Meta::START, &[&saved], 64);
    let mut loaded = Balanced::<2, 30, 3>::ZEROED;
    snapshot::import_bytes(&bytes, &mut [&mut loaded]).unwrap();
    let mut rngs = [Rng::new(5), Rng::new(5)];
    let mut saved = saved;
    for sample in 0..500_u16 {
        let offer = |memory: &mut Balanced<2, 30, 3>, rng: &mut Rng| {
            memory.offer(&sample.to_be_bytes(), (sample % 3) as u8, rng).unwrap()
        };
        let [first, second] = &mut rngs;
        assert_eq!(offer(&mut saved, first), offer(&mut loaded, second));
    }

    // Signed bytes may still claim anything: labels that are no class, more samples than fit.
    let (images, labels, counts) = (64, 64 + 60, 64 + 90);
    for (from, to, fill) in [(labels, counts, 200), (counts, counts + 4, 255), (images, bytes.len() - 4, 255)] {
        let mut foreign = bytes.clone();
        foreign[from..to].fill(fill);
        common::saving::sign(&mut foreign);
        let mut memory = Balanced::<2, 30, 3>::ZEROED;
        snapshot::import_bytes(&foreign, &mut [&mut memory]).unwrap();
        let mut rng = Rng::new(6);
        for sample in 0..200_u8 {
            memory.offer(&[sample, 0], sample % 3, &mut rng).unwrap();
        }
        assert_eq!(memory.kept().len(), 30);
        assert!(memory.kept().draw(&mut rng).is_some());
    }
}

#[test]
fn memory_is_what_the_documentation_says() {
    assert_eq!(size_of::<Kept<64, 100>>(), 100 * 65 + 4);
    assert_eq!(size_of::<Reservoir<64, 100>>(), 100 * 65 + 8);
    assert_eq!(size_of::<Balanced<64, 100, 4>>(), 100 * 65 + 4 + 5 * 4);
}
