//! The engine on the host: its kernels' bits, and what a class more does to a network.

use ff_core::kernel::{Kernel, Portable};
use ff_core::layer::Shape;
use ff_core::network::Parameters;
use ff_core::random::Rng;
use ff_web::page::Page;
use ff_web::rule::Settings;
use ff_web::vector::Chosen;

const PORTABLE: Chosen = Chosen { vector: false };

/// A page on the heap, which it reaches by way of a thread's large stack.
fn page(widths: &[usize], readout: usize) -> Box<Page> {
    let widths = widths.to_vec();
    let made = std::thread::Builder::new().stack_size(128 << 20).spawn(move || {
        let mut page = Box::new(Page::EMPTY);
        page.reshape(10, 10, &widths, readout).unwrap();
        page
    });
    made.unwrap().join().unwrap()
}

fn random(rng: &mut Rng, count: usize) -> Vec<f32> {
    // A third are zeros, as in pictures and behind a ReLU.
    (0..count).map(|_| if rng.below(3) == 0 { 0.0 } else { rng.normal() }).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn the_vector_kernel_has_the_portable_ones_bits() {
    let rng = &mut Rng::new(1);
    let mut vector = Chosen { vector: true };
    for (rows, inputs, outputs) in [(1, 74, 32), (2, 32, 32), (3, 17, 45), (5, 1, 1), (2, 9, 16), (4, 50, 7)] {
        let (shape, name) = (Shape { inputs, outputs }, format!("{rows} rows, {inputs} x {outputs}"));
        let (x, d, w) = (random(rng, rows * inputs), random(rng, rows * outputs), random(rng, shape.weights()));
        let (mut own, mut other) = (vec![1.0; rows * outputs], vec![2.0; rows * outputs]);
        Portable.product(shape, &x, &w, &mut own);
        vector.product(shape, &x, &w, &mut other);
        assert_eq!(bits(&own), bits(&other), "product: {name}");
        let (mut own, mut other) = (w.clone(), w.clone());
        Portable.rank_update(shape, 0.9, 0.1, &x, &d, &mut own);
        vector.rank_update(shape, 0.9, 0.1, &x, &d, &mut other);
        assert_eq!(bits(&own), bits(&other), "rank update: {name}");
        let (mut own, mut other) = (vec![1.0; rows * inputs], vec![2.0; rows * inputs]);
        Portable.matmul_transposed(shape, &d, &w, &mut own);
        vector.matmul_transposed(shape, &d, &w, &mut other);
        assert_eq!(bits(&own), bits(&other), "transposed product: {name}");
    }
}

/// The activities of the page are those that the core's goodness is made of.
#[test]
fn squares_of_activities_are_the_layers_goodness() {
    let (mut page, rule) = (page(&[64, 12, 8], 0), Settings::DEVICE);
    page.forget(&rule, 3).unwrap();
    page.sample.iter_mut().take(64).enumerate().for_each(|(i, x)| *x = (i % 5) as f32 / 4.0);
    page.answer(&rule, PORTABLE).unwrap();
    for label in 0..10 {
        page.activate(label, PORTABLE).unwrap();
        let squares = |units: &[f32]| units.iter().map(|h| h * h).sum::<f32>();
        let own = [squares(&page.activities[..12]), squares(&page.activities[12..20])];
        for (own, layer) in own.into_iter().zip(&page.layer_scores) {
            let expected = layer[usize::from(label)];
            assert!((own - expected).abs() <= 1e-4 * expected.abs().max(1.0), "{own} and {expected}");
        }
    }
}

/// A new class scores as the one that it was copied from, but for the one input more that lengths count; the others
/// keep theirs.
#[test]
fn a_new_class_begins_as_a_copy() {
    let (mut page, rule) = (page(&[64, 12, 8], 80), Settings::DEVICE);
    page.forget(&rule, 3).unwrap();
    page.network.laid().unwrap().views_mut().1.iter_mut().enumerate().for_each(|(i, w)| *w = i as f32);
    page.sample.iter_mut().take(64).enumerate().for_each(|(i, x)| *x = (i % 7) as f32 / 6.0);
    page.answer(&rule, PORTABLE).unwrap();
    let before = page.scores;
    page.add_class(4).unwrap();
    page.answer(&rule, PORTABLE).unwrap();
    assert_eq!(page.network.classes(), 11);
    assert_eq!(page.scores[10].to_bits(), page.scores[4].to_bits());
    for (label, (after, before)) in page.scores.iter().zip(before).take(10).enumerate() {
        assert!((after / before - 1.0).abs() < 0.05, "label {label}: {before}, then {after}");
    }
    let network = page.network.laid().unwrap();
    let (_, readout) = network.views();
    assert_eq!(&readout[..12], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 4.0, 10.0]);
    assert_eq!(readout.len(), 88);
    assert!(page.step(&rule, 10, 0.01, PORTABLE).is_ok());
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut page = page(&[64, 12, 8], 0);
    assert!(page.add_class(10).is_err());
    for widths in [&[][..], &[64, 1, 1, 1, 1, 1, 1, 1, 1, 1], &[16_000, 1000], &[64, usize::MAX], &[1 << 40, 2]] {
        assert!(page.reshape(10, 10, widths, 0).is_err(), "{widths:?}");
        assert!(page.answer(&Settings::DEVICE, PORTABLE).is_err(), "{widths:?}");
    }
}
