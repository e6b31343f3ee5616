//! A network whose shapes are values learns what one whose shapes are types learns, and reads its snapshots.

use ff_core::checksum;
use ff_core::laid::{Laid, SomeMoments};
use ff_core::layer::Shape;
use ff_core::memory::Owner;
use ff_core::prelude::*;

type Net = Network<Dense2<6, 16, 8>, 2, Readout<24, 2>>;

const SHAPES: [Shape; 2] = [Shape { inputs: 6, outputs: 16 }, Shape { inputs: 16, outputs: 8 }];
const FLOATS: usize = Net::RAM_BYTES / 4;
const SAMPLES: [f32; 8] = [0.9, 0.1, 0.4, 0.2, 0.1, 0.8, 0.3, 0.7];

/// All that a rule can ask for: a readout, two moments, running means.
fn rule() -> Classic<Logistic, Adam> {
    let step_size = StepSize { learning_rate: 0.01, weight_decay: 0.001 };
    Classic {
        readout: step_size,
        peer: 0.03,
        negatives: Negatives::Hard,
        ..Classic::new(Logistic::CLASSIC, Adam::PUBLISHED, step_size)
    }
}

#[test]
fn the_same_weights_and_snapshots_that_go_both_ways() {
    const SCRATCH: usize = 1000;
    let mut typed = Memory::<Net, SCRATCH, Moments<Net>, { Net::UNITS }>::ZEROED;
    let mut typed = Trainer::new(rule(), &mut typed, 7);

    let mut floats = [[0.0_f32; FLOATS]; 3];
    let [network, first, second] = &mut floats;
    let lay = |floats| Laid::new(&SHAPES, [2, 2], floats).unwrap();
    let state = SomeMoments { first: Some(lay(&mut first[..])), second: Some(lay(&mut second[..])) };
    let mut laid = Owner::new(lay(&mut network[..]), state, vec![0.0; SCRATCH], vec![0.0; Net::UNITS]);
    let mut laid = Trainer::new(rule(), &mut laid, 7);

    for _ in 0..20 {
        typed.step(&SAMPLES, &[0, 1]).unwrap();
        laid.step(&SAMPLES, &[0, 1]).unwrap();
    }
    let learned = checksum::parameters(&typed.memory.network);
    assert_eq!(checksum::parameters(&laid.memory.network), learned);

    let mut bytes = vec![0; 10_000];
    let count = laid.save_bytes(&mut bytes).unwrap();
    typed.step(&SAMPLES, &[1, 0]).unwrap();
    typed.load_bytes(&bytes[..count]).unwrap();
    assert_eq!(checksum::parameters(&typed.memory.network), learned);
    let count = typed.save_bytes(&mut bytes).unwrap();
    laid.load_bytes(&bytes[..count]).unwrap();
    typed.step(&SAMPLES, &[0, 1]).unwrap();
    laid.step(&SAMPLES, &[0, 1]).unwrap();
    assert_eq!(checksum::parameters(&laid.memory.network), checksum::parameters(&typed.memory.network));
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let mut floats = [0.0; FLOATS];
    let short = Laid::new(&SHAPES, [2, 2], &mut floats[..100]).unwrap_err();
    assert_eq!(short, Error::Length { what: "floats of the network", expected: 248, found: 100 });
    let apart = [Shape { inputs: 6, outputs: 4 }, Shape { inputs: 5, outputs: 2 }];
    assert!(matches!(Laid::new(&apart, [2, 2], &mut floats[..]), Err(Error::Shape { .. })));
    assert!(matches!(Laid::new(&[SHAPES[0]; 9], [2, 2], &mut floats[..]), Err(Error::Shape { .. })));
    let overflows = [Shape { inputs: usize::MAX, outputs: 2 }];
    assert!(matches!(Laid::new(&overflows, [2, 2], &mut floats[..]), Err(Error::Length { .. })));
    // What is left and is no readout of whole layers.
    assert!(matches!(Laid::new(&SHAPES, [2, 2], &mut floats[..250]), Err(Error::Shape { .. })));
}
