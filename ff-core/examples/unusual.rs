//! Tells samples that are unlike all it has learned: `cargo run -p ff-core --example unusual`.

use ff_core::prelude::*;
use ff_core::stream::anomaly::LowTail;

mod digits;

type Net = Network<Dense2<74, 32, 32>, 10>;
const RULE: Classic = Classic::online(Logistic::CLASSIC);
type Mem = Memory<Net, { RULE.floats::<Net>(1) }>;

/// The goodness of the label that fits best: low where none does.
fn normality(trainer: &mut Trainer<'_, Classic, Mem>, sample: &[f32]) -> Result<f32, Error> {
    trainer.scores(sample).map(|scores| scores.iter().copied().fold(f32::MIN, f32::max))
}

pub(crate) fn main() -> Result<(), Error> {
    let mut memory = Mem::ZEROED;
    let mut trainer = Trainer::new(RULE, &mut memory, 1);
    for (turn, (image, label)) in (0..20).flat_map(|_| digits::learned()).enumerate() {
        trainer.rule.lr_scale = 1.0 - turn as f32 / (20.0 * 1438.0);
        trainer.step(&image, &[label])?;
    }
    // Half of the held-out digits set the threshold, so that one in twenty normal ones is flagged.
    let mut tail = LowTail::<9>::ZEROED;
    for (image, _) in digits::held_out().step_by(2) {
        tail.calibrate(normality(&mut trainer, &image)?)?;
    }
    let (mut false_alarms, mut found) = (0, 0);
    for (image, _) in digits::held_out().skip(1).step_by(2) {
        let inverted = image.map(|x| 1.0 - x);
        false_alarms += usize::from(tail.is_anomaly(normality(&mut trainer, &image)?));
        found += usize::from(tail.is_anomaly(normality(&mut trainer, &inverted)?));
    }
    println!("flagged: {false_alarms} of 179 digits, {found} of the same 179 inverted");
    assert!(false_alarms < 20 && found > 130);
    Ok(())
}
