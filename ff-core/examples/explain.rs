//! Shows which pixels of a digit spoke for its label: `cargo run -p ff-core --example explain`.

use ff_core::prelude::*;

mod digits;

type Net = Network<Dense2<64, 32, 32>, 10, Readout<64, 10>, FeaturesOnly>;
const RULE: OnePass = OnePass::online(NWay::STANDARD);
type Mem = Memory<Net, { RULE.floats_with_maps::<Net>(1) }>;

pub(crate) fn main() -> Result<(), Error> {
    let mut memory = Mem::ZEROED;
    let mut trainer = Trainer::new(RULE, &mut memory, 1);
    for (image, label) in digits::learned() {
        trainer.step(&image, &[label])?;
    }
    let (image, label) = digits::held_out().next().expect("359 digits");
    let (seen, mut map) = (trainer.classify(&image)?, [0.0; 64]);
    let target = Target { label: seen, against: Against::MeanOfOthers };
    let told = trainer.explain(&ExpectedDelta, &image, target, &mut map)?;

    println!("a {label}, seen as {seen}; + speaks for it, - against it, and . is ink that hardly counts");
    let strongest = map.iter().fold(0.0, |most: f32, share| most.max(share.abs()));
    for (shares, pixels) in map.chunks(8).zip(image.chunks(8)) {
        let signs = shares.iter().zip(pixels).map(|(share, pixel)| match share / strongest {
            strong if strong > 0.2 => '+',
            strong if strong < -0.2 => '-',
            _ if *pixel > 0.3 => '.',
            _ => ' ',
        });
        println!("  {}", signs.collect::<String>());
    }
    // The map is complete: what the pixels have together is the whole difference to an image without ink.
    let sum: f32 = map.iter().sum();
    assert!((sum - (told.score - told.baseline_score)).abs() < 1e-3 * told.score.abs());
    Ok(())
}
