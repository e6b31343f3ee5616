//! The small parts: samples, labels, hybrids, random numbers, checksums, and all of `stream`.

use core::hint::black_box;

use ff_core::{
    checksum::Crc32,
    hybrid, label,
    learner::Frozen,
    math,
    random::{self, Rng},
    sample::{self, Batch},
    stream::{
        anomaly::LowTail,
        drift::{Cusum, Drift},
        moments::Moments,
        order::Order,
        patience::{Patience, Stopping},
        replay::{Balanced, Kept, Reservoir},
    },
};

use crate::{
    Failure,
    unknown::{self, CLASSES, FEATURES, WIDTH},
};

pub fn run(rng: &mut Rng) -> Result<(), Failure> {
    samples(rng)?;
    numbers(rng);
    judges(rng)?;
    replay(rng)
}

fn samples(rng: &mut Rng) -> Result<(), Failure> {
    let (images, labels, count) = unknown::images(4);
    let (images, labels) = (black_box(&images[..]), black_box(&labels[..]));
    let batch = Batch { samples: images, labels };
    batch.check(black_box(FEATURES), black_box(CLASSES))?;
    black_box((batch.len(), batch.is_empty(), Frozen::below(count).with(count).layer(count)));
    let (mut floats, mut mask) = ([0.0; 4 * FEATURES], [0.0; 4 * FEATURES]);
    let (floats, mask) = black_box((&mut floats[..], &mut mask[..]));
    sample::from_bytes(black_box(&[7; 4 * FEATURES]), black_box(0.1), floats)?;
    for by in [(1, -1), (9, 9), (isize::MIN, 0)] {
        sample::shift(images, black_box(WIDTH), black_box(by), floats, |x| x)?;
    }
    for width in [WIDTH, 0, 100] {
        hybrid::draw_mask(black_box(width), black_box(2), rng, mask);
        hybrid::mix(mask, images, images, floats);
    }
    for classes in [CLASSES, 0, 1] {
        black_box(label::uniform_wrong(black_box(1), black_box(classes), rng.next_u32()));
        black_box(label::hard_wrong(
            black_box(1),
            black_box(images.get(..classes).unwrap_or_default()),
            rng.next_u32(),
        ));
        black_box(label::inverse_norm(images, black_box(classes), label::neutral_squares(black_box(classes))));
    }
    Ok(())
}

fn numbers(rng: &mut Rng) {
    let mut floats = [0.5; 37];
    let floats = black_box(&mut floats[..]);
    math::softmax(floats);
    black_box((math::sum(floats), math::square_sum(floats), math::inverse_sqrt(black_box(2.0))));
    for x in [0.5, f32::NAN, f32::INFINITY, -1e30] {
        black_box((math::exp(black_box(x)), math::sqrt(black_box(x)), math::sigmoid(black_box(x))));
    }
    black_box((rng.below(black_box(0)), rng.unit(), rng.normal(), random::hash(black_box(1), black_box(2))));
    *rng = Rng::from_state(black_box(rng.state()));
    let mut crc = Crc32::new();
    crc.bytes(black_box(b"bytes"));
    crc.floats(floats);
    crc.words(black_box(&[1, 2]));
    black_box((crc.value(), Rng::new(black_box(3))));
}

fn judges(rng: &mut Rng) -> Result<(), Failure> {
    let (mut moments, mut drift, mut tail) = black_box((Moments::ZEROED, Drift::ZEROED, LowTail::<4>::ZEROED));
    let cusum = black_box(Cusum { reference: 5, ..Cusum::STEADY });
    let mut patience = black_box(Patience::ZEROED);
    cusum.check()?;
    for _ in 0..black_box(20) {
        let value = black_box(rng.normal());
        moments.add(value)?;
        black_box(drift.observe(&cusum, value)?);
        tail.calibrate(value)?;
        black_box(patience.judge(&black_box(Stopping { patience: 3, least: 0.1 }), value)?);
    }
    black_box((moments.count(), moments.mean(), moments.deviation(), patience.best(), tail.count()));
    black_box((tail.threshold(), tail.false_alarms(), tail.is_anomaly(black_box(0.0))));
    black_box(LowTail::<4>::samples_for(black_box(0.0)));
    drift.restart();
    for count in [0, 1, 2, 1438, u16::MAX] {
        let order = black_box(Order::draw(rng, black_box(count)));
        black_box(order.at(black_box(u16::MAX)));
    }
    Ok(())
}

fn replay(rng: &mut Rng) -> Result<(), Failure> {
    let (mut fair, mut balanced) = black_box((Reservoir::<4, 3>::ZEROED, Balanced::<4, 3, CLASSES>::ZEROED));
    for turn in 0..black_box(12_u8) {
        let image = black_box([turn; 4]);
        black_box(fair.offer(&image, turn, rng)?);
        black_box(balanced.offer(&image, black_box(turn % 3), rng)?);
        look(fair.kept(), rng)?;
        look(balanced.kept(), rng)?;
    }
    black_box((fair.seen(), balanced.seen()));
    Ok(())
}

fn look(kept: &Kept<4, 3>, rng: &mut Rng) -> Result<(), Failure> {
    let (mut images, mut labels, mut counts) = ([0.0; 8], [0; 2], [0; CLASSES]);
    let (images, labels) = black_box((&mut images[..], &mut labels[..]));
    kept.fill(rng, images, labels, f32::from)?;
    kept.count_classes(black_box(&mut counts[..]));
    black_box((kept.len(), kept.is_empty(), kept.get(black_box(5)), kept.draw(rng)));
    Ok(())
}
