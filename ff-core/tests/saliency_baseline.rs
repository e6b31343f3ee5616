//! The baseline that suits a network.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::network::HeapNetwork;
use common::saliency::values;
use ff_core::random::Rng;
use ff_core::saliency::usual_baseline;

/// Its usual baseline, of an image of this length and direction.
fn usual(network: &HeapNetwork, image: &[f32]) -> Vec<f32> {
    let mut room = vec![f32::NAN; image.len()];
    usual_baseline(network, image, &mut room).unwrap().to_vec()
}

fn length(image: &[f32]) -> f32 {
    image.iter().map(|x| x * x).sum::<f32>().sqrt()
}

#[test]
fn beside_a_label_it_is_the_image_at_the_length_of_the_labels_slot() {
    let mut rng = Rng::new(1);
    for features in 1..40 {
        let network = HeapNetwork::zeroed(3, features, &[4], 0);
        let mut image = values(features, &mut rng);
        let (found, wanted) = (length(&image), 2.5 + 10.0 * rng.unit());
        if found == 0.0 {
            continue;
        }
        image.iter_mut().for_each(|x| *x *= wanted / found);
        let base = usual(&network, &image);
        assert!((length(&base) - 1.0).abs() < 1e-5, "{features}: {}", length(&base));
        for (x, base) in image.iter().zip(&base) {
            assert!((base - x / wanted).abs() < 1e-5, "{features}: {base} of {x}");
        }
    }
}

#[test]
fn it_is_half_of_a_faint_image_and_black_for_a_black_one() {
    let network = HeapNetwork::zeroed(3, 4, &[4], 0);
    assert_eq!(usual(&network, &[0.6, 0.0, -0.8, 0.0]), [0.3, 0.0, -0.4, 0.0]);
    assert_eq!(usual(&network, &[0.0; 4]), [0.0; 4]);
}

#[test]
fn without_label_inputs_it_is_black_and_needs_no_room() {
    let network = HeapNetwork { label_slots: 0, ..HeapNetwork::zeroed(3, 4, &[4], 0) };
    assert_eq!(usual_baseline(&network, &[1.0; 4], &mut []), Ok(&[][..]));
}
