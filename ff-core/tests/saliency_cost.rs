//! What maps cost, in multiply-adds as the metering kernel counts them.
//!
//! It counts every product by its shape, zeros included; what a method never multiplies, such as
//! the weight rows of blank pixels, it does not count. The image has as many pixels inked as MNIST's
//! have on average: 150 of 784, 19.1 %.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::bits;
use common::network::HeapNetwork;
use common::saliency::{Answer, Asked};
use ff_core::classify::{self, ScoredLayers};
use ff_core::error::Error;
use ff_core::kernel::{Metered, Portable};
use ff_core::random::Rng;
use ff_core::saliency::{
    Against, BaselineTrace, ExpectedDelta, Explained, GoodnessDelta, Occlusion, QuadraticShare, Question, Saliency,
    Score, Target,
};

const PIXELS: usize = 784;
const INK: usize = 150;

/// A question about two labels of a network of these widths.
fn asked(units: &[usize]) -> Asked {
    let mut rng = Rng::new(1);
    let network = HeapNetwork::zeroed(2, PIXELS, units, 0).random(&mut rng);
    let mut image = vec![0.0; PIXELS];
    (0..INK).for_each(|pixel| image[30 + pixel / 25 * 100 + pixel % 25] = 0.1 + 0.9 * rng.unit());
    assert_eq!(image.iter().filter(|&&x| x != 0.0).count(), INK);
    let score = Score::Goodness(ScoredLayers::ALL);
    Asked { network, image, baseline: Vec::new(), score, target: Target { label: 0, against: Against::Label(1) } }
}

/// Multiply-adds of sending both labels up side by side, as the classifier does.
fn side_by_side(asked: &Asked) -> u64 {
    let mut kernel = Metered::new(Portable);
    let mut scratch = vec![0.0; classify::goodness_floats(&asked.network.shapes(), 2, 2)];
    classify::by_goodness(&asked.network, &asked.image, ScoredLayers::ALL, &mut scratch, &mut kernel, &mut [0.0; 2])
        .unwrap();
    kernel.multiply_adds
}

/// Multiply-adds of sending each label up alone: the pixels' product is then computed twice.
fn one_by_one(asked: &Asked) -> u64 {
    side_by_side(asked) + (PIXELS * asked.network.layers[0].shape.outputs) as u64
}

fn cost<M: Saliency>(asked: &Asked, method: &M) -> u64 {
    let mut kernel = Metered::new(Portable);
    asked.answer_by(method, 2, &mut kernel).unwrap();
    kernel.multiply_adds
}

/// What is answered where black went up before.
fn after_trace(
    asked: &Asked,
    answer: impl FnOnce(&Question<'_, HeapNetwork>, &BaselineTrace<'_>, &mut [f32], &mut [f32]) -> Result<Explained, Error>,
) -> Answer {
    let shapes = asked.network.shapes();
    let mut memory = vec![0.0; GoodnessDelta.baseline_floats(&shapes, 2)];
    let mut scratch = vec![0.0; ExpectedDelta.scratch_floats(&shapes, 2)];
    let trace = GoodnessDelta
        .trace_baseline(&asked.network, &[], asked.score, &mut scratch, &mut Portable, &mut memory)
        .unwrap();
    let mut map = vec![0.0; PIXELS];
    let explained = answer(&asked.question(), &trace, &mut scratch, &mut map).unwrap();
    Answer { map, explained }
}

#[test]
fn goodness_delta_costs_about_one_and_a_half_classifications_of_its_two_labels() {
    let asked = asked(&[500, 500, 500]);
    let mut kernel = Metered::new(Portable);
    let Answer { map, explained } = after_trace(&asked, |question, trace, scratch, map| {
        GoodnessDelta.map_with(question, trace, scratch, &mut kernel, map)
    });
    // Up and down through the upper layers for two labels, and the ink's weight rows once up and
    // once down.
    assert_eq!(kernel.multiply_adds, (2 * 2 * 2 * 500 * 500 + 2 * INK * 500) as u64);
    let passes = kernel.multiply_adds as f64;
    assert!(passes <= 1.55 * side_by_side(&asked) as f64, "{}", passes / side_by_side(&asked) as f64);
    assert!(passes <= 1.21 * one_by_one(&asked) as f64, "{}", passes / one_by_one(&asked) as f64);
    // The baseline that went up before changes no bit.
    let own = asked.answer(&GoodnessDelta, 2);
    assert_eq!(bits(&map), bits(&own.map));
    assert_eq!(explained, own.explained);
    assert_eq!(cost(&asked, &GoodnessDelta), kernel.multiply_adds + 2 * 2 * 500 * 500);
    assert_eq!(cost(&asked, &QuadraticShare), kernel.multiply_adds);
}

#[test]
fn expected_delta_costs_the_ink_s_weight_rows_once_more() {
    let asked = asked(&[500, 500, 500]);
    let more = (INK * 500) as u64;
    assert_eq!(cost(&asked, &ExpectedDelta), cost(&asked, &GoodnessDelta) + more);
    let mut kernel = Metered::new(Portable);
    let Answer { map, .. } = after_trace(&asked, |question, trace, scratch, map| {
        ExpectedDelta.map_with(question, trace, scratch, &mut kernel, map)
    });
    assert_eq!(bits(&map), bits(&asked.answer(&ExpectedDelta, 2).map));
    assert!(kernel.multiply_adds as f64 <= 1.25 * one_by_one(&asked) as f64);
}

#[test]
fn occlusion_is_many_times_cheaper_than_sending_every_changed_image_up() {
    let wide = asked(&[500, 500, 500]);
    let found = cost(&wide, &Occlusion::ERASE) as f64;
    assert!(found * 9.0 <= (PIXELS as u64 * one_by_one(&wide)) as f64);
    assert!(found * 7.0 <= (PIXELS as u64 * side_by_side(&wide)) as f64);
    let narrow = asked(&[64, 64, 64]);
    let found = cost(&narrow, &Occlusion::ERASE) as f64;
    assert!(
        found * 30.0 <= (PIXELS as u64 * one_by_one(&narrow)) as f64,
        "{}",
        (PIXELS as u64 * one_by_one(&narrow)) as f64 / found
    );
}
