//! Units that never fire, against a naive f64 program.

mod common;

use common::network::HeapNetwork;
use common::reference::{Model, labelled, normalised};
use common::wide;
use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::random::Rng;
use ff_core::stream::dead::{Fired, watch_floats, words};

const FEATURES: usize = 6;
const CLASSES: usize = 3;
const UNITS: [usize; 3] = [40, 9, 17];
const SAMPLES: usize = 2;

/// The dead units of each layer, as a naive program sees them.
fn expected(network: &HeapNetwork, samples: &[(Vec<f32>, u8)]) -> Vec<usize> {
    let mut fired = UNITS.map(|units| vec![false; units]);
    for (image, label) in samples {
        let mut x = if network.label_slots == 0 { normalised(&wide(image)) } else { labelled(CLASSES, *label, image) };
        for (layer, fired) in Model::of(network).layers.iter().zip(&mut fired) {
            let h = common::reference::fire(layer, &x);
            fired.iter_mut().zip(&h).for_each(|(fired, h)| *fired |= *h > 0.0);
            x = normalised(&h);
        }
    }
    fired.iter().map(|fired| fired.iter().filter(|fired| !**fired).count()).collect()
}

#[test]
fn what_never_fires_is_counted_layer_by_layer() {
    let rng = &mut Rng::new(5);
    for network in [
        HeapNetwork::zeroed(CLASSES, FEATURES, &UNITS, 1).random(rng),
        HeapNetwork::features_only(CLASSES, FEATURES, &UNITS, 3).random(rng),
    ] {
        let shapes = network.shapes();
        let samples: Vec<_> = (0..SAMPLES as u8)
            .map(|i| ((0..FEATURES).map(|_| rng.normal()).collect::<Vec<_>>(), i % CLASSES as u8))
            .collect();
        assert_eq!(words(&shapes), 3);
        let mut fired = Fired::<3>::ZEROED;
        assert_eq!(fired.dead(&network).unwrap().as_slice(), UNITS);
        let mut scratch = vec![f32::NAN; watch_floats(&shapes)];
        for (image, label) in &samples {
            fired.watch(&network, image, *label, &mut scratch, &mut Portable).unwrap();
        }
        let expected = expected(&network, &samples);
        assert!(expected.iter().zip(UNITS).all(|(&dead, units)| 0 < dead && dead < units), "a weak test: {expected:?}");
        assert_eq!(fired.dead(&network).unwrap().as_slice(), expected);
        assert_eq!(fired.samples(), SAMPLES as u32);
        fired.restart();
        assert_eq!(fired, Fired::ZEROED);
    }
}

#[test]
fn bad_input_marks_nothing() {
    let network = HeapNetwork::zeroed(CLASSES, FEATURES, &UNITS, 1).random(&mut Rng::new(6));
    let (mut fired, mut scratch) = (Fired::<3>::ZEROED, [0.0; 80]);
    let image = [1.0; FEATURES];
    let mut watch = |image: &[f32], label, floats: usize| {
        fired.watch(&network, image, label, &mut scratch[..floats], &mut Portable)
    };
    assert!(matches!(watch(&image[1..], 0, 80), Err(Error::Length { .. })));
    assert!(matches!(watch(&[f32::NAN; FEATURES], 0, 80), Err(Error::NotFinite { .. })));
    assert!(matches!(watch(&image, CLASSES as u8, 80), Err(Error::Label { .. })));
    assert!(matches!(watch(&image, 0, 79), Err(Error::Length { .. })));
    assert_eq!(fired, Fired::ZEROED);
    let mut small = Fired::<2>::ZEROED;
    assert!(matches!(small.watch(&network, &image, 0, &mut scratch, &mut Portable), Err(Error::Length { .. })));
    assert!(small.dead(&network).is_err());
}
