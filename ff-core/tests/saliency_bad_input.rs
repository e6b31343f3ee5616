//! Bad questions are errors that name the offender.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::network::HeapNetwork;
use ff_core::classify::ScoredLayers;
use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::random::Rng;
use ff_core::saliency::{
    Against, CellShapley, Cells, ExpectedDelta, Explained, GoodnessDelta, IntegratedFirstLayer, Occlusion,
    QuadraticShare, Question, Rise, Saliency, Score, Smooth, Target, usual_baseline,
};

const FEATURES: usize = 6;
const IMAGE: [f32; FEATURES] = [0.1, 0.0, 0.3, 0.4, 0.0, 0.6];
const GOODNESS: Score = Score::Goodness(ScoredLayers::ALL);
const TARGET: Target = Target { label: 2, against: Against::Label(1) };
const CELLS: Cells = Cells { width: 3, side: 2 };
const SHAPLEY: CellShapley = CellShapley { cells: CELLS, walks: 2, seed: 1 };
const RISE: Rise = Rise { masks: 9, cells: CELLS, keep: 0.5, seed: 1 };
const SMOOTH: Smooth<GoodnessDelta> = Smooth { method: GoodnessDelta, draws: 2, sigma: 0.1, seed: 1 };

fn network() -> HeapNetwork {
    HeapNetwork::zeroed(3, FEATURES, &[5, 4], 0).random(&mut Rng::new(1))
}

fn ask<M: Saliency>(method: &M, change: impl FnOnce(&mut Question<'_, HeapNetwork>)) -> Result<Explained, Error> {
    let network = network();
    let mut question = Question { network: &network, sample: &IMAGE, baseline: &[], score: GOODNESS, target: TARGET };
    change(&mut question);
    let mut scratch = vec![f32::NAN; method.scratch_floats(&network.shapes(), 3)];
    method.map(&question, &mut scratch, &mut Portable, &mut [0.0; FEATURES])
}

/// What all methods say to a question that has been changed; they must agree.
fn refused(change: impl Fn(&mut Question<'_, HeapNetwork>)) -> Error {
    let error = ask(&GoodnessDelta, &change).unwrap_err();
    assert_eq!(ask(&ExpectedDelta, &change), Err(error));
    assert_eq!(ask(&Occlusion::ERASE, &change), Err(error));
    assert_eq!(ask(&Occlusion::ADD, &change), Err(error));
    assert_eq!(ask(&QuadraticShare, &change), Err(error));
    assert_eq!(ask(&SHAPLEY, &change), Err(error));
    assert_eq!(ask(&RISE, &change), Err(error));
    error
}

#[test]
fn a_good_question_is_answered() {
    for answer in [ask(&GoodnessDelta, |_| {}), ask(&IntegratedFirstLayer, |_| {}), ask(&SMOOTH, |_| {})] {
        assert!(answer.unwrap().score.is_finite());
    }
    assert!(ask(&Occlusion::ERASE, |_| {}).is_ok() && ask(&QuadraticShare, |_| {}).is_ok());
    assert!(ask(&SHAPLEY, |_| {}).is_ok() && ask(&RISE, |_| {}).is_ok());
}

#[test]
fn images_and_baselines_are_named() {
    let length = |what, found| Error::Length { what, expected: FEATURES, found };
    assert_eq!(refused(|q| q.sample = &IMAGE[1..]), length("sample", 5));
    assert_eq!(refused(|q| q.sample = &[]), length("sample", 0));
    assert_eq!(refused(|q| q.baseline = &IMAGE[..4]), length("baseline", 4));
    const BAD: [f32; FEATURES] = [0.0, 0.0, f32::NAN, 0.0, f32::INFINITY, 0.0];
    assert_eq!(refused(|q| q.sample = &BAD), Error::NotFinite { what: "sample", index: 2 });
    assert_eq!(refused(|q| q.baseline = &BAD), Error::NotFinite { what: "baseline", index: 2 });
}

#[test]
fn labels_layers_and_a_missing_readout_are_named() {
    let label = |index, label| Error::Label { index, label, classes: 3 };
    assert_eq!(refused(|q| q.target.label = 3), label(0, 3));
    assert_eq!(refused(|q| q.target.against = Against::Label(255)), label(1, 255));
    assert!(matches!(refused(|q| q.score = Score::OneLayer(2)), Error::Shape { .. }));
    assert!(matches!(refused(|q| q.score = Score::OneLayer(usize::MAX)), Error::Shape { .. }));
    assert!(matches!(refused(|q| q.score = Score::Logits), Error::Shape { .. }));
    assert!(matches!(ask(&IntegratedFirstLayer, |q| q.score = Score::OneLayer(1)), Err(Error::Shape { .. })));
    // A number past the last layer means the last alone, as for the classifier.
    assert!(ask(&GoodnessDelta, |q| q.score = Score::Goodness(ScoredLayers { from: 9 })).is_ok());
}

#[test]
fn map_and_scratch_are_named() {
    let network = network();
    let question = Question { network: &network, sample: &IMAGE, baseline: &[], score: GOODNESS, target: TARGET };
    let mut scratch = vec![0.0; 1000];
    let answer = GoodnessDelta.map(&question, &mut scratch, &mut Portable, &mut [0.0; 5]);
    assert_eq!(answer, Err(Error::Length { what: "map", expected: FEATURES, found: 5 }));
    let answer = GoodnessDelta.map(&question, &mut [], &mut Portable, &mut [0.0; FEATURES]);
    assert!(matches!(answer, Err(Error::Length { what: "scratch", found: 0, .. })));
    let mut room = [0.0; 5];
    let found = usual_baseline(&network, &IMAGE, &mut room);
    assert_eq!(found, Err(Error::Length { what: "room for the baseline", expected: FEATURES, found: 5 }));
    let answer = SMOOTH.map(&question, &mut scratch[..7], &mut Portable, &mut [0.0; FEATURES]);
    assert!(matches!(answer, Err(Error::Length { what: "scratch", .. })));
}

#[test]
fn settings_out_of_range_are_named() {
    let setting = |name| Err(Error::Setting { name });
    assert_eq!(ask(&CellShapley { walks: 0, ..SHAPLEY }, |_| {}), setting("walks"));
    for cells in [Cells { width: 0, ..CELLS }, Cells { side: 0, ..CELLS }, Cells { width: (1 << 24) + 1, side: 1 }] {
        assert_eq!(ask(&CellShapley { cells, ..SHAPLEY }, |_| {}), setting("cells"));
        assert_eq!(ask(&Rise { cells, ..RISE }, |_| {}), setting("cells"));
    }
    assert_eq!(ask(&Rise { masks: 0, ..RISE }, |_| {}), setting("masks"));
    for keep in [0.0, 1.0, -0.5, f32::NAN] {
        assert_eq!(ask(&Rise { keep, ..RISE }, |_| {}), setting("keep"));
    }
    assert_eq!(ask(&Smooth { draws: 0, ..SMOOTH }, |_| {}), setting("draws"));
    for sigma in [-0.1, f32::NAN, f32::INFINITY] {
        assert_eq!(ask(&Smooth { sigma, ..SMOOTH }, |_| {}), setting("sigma"));
    }
}

#[test]
fn cells_larger_than_the_image_are_one_cell() {
    for cells in [Cells { width: 100, side: 100 }, Cells { width: 1, side: 1 << 24 }] {
        assert!(ask(&CellShapley { cells, ..SHAPLEY }, |_| {}).is_ok());
        assert!(ask(&Rise { cells, ..RISE }, |_| {}).is_ok());
    }
}

#[test]
fn what_overflows_is_an_error_and_no_map_of_nan() {
    const HUGE: [f32; FEATURES] = [f32::MAX; FEATURES];
    assert_eq!(refused(|q| q.sample = &HUGE), Error::NotFinite { what: "sample", index: 0 });
    assert_eq!(refused(|q| q.baseline = &HUGE), Error::NotFinite { what: "baseline", index: 0 });
    let mut network = network();
    network.layers[1].weights[3] = f32::NAN;
    let question = Question { network: &network, sample: &IMAGE, baseline: &[], score: GOODNESS, target: TARGET };
    let answer = GoodnessDelta.map(&question, &mut [0.0; 1000], &mut Portable, &mut [0.0; FEATURES]);
    assert!(matches!(answer, Err(Error::NotFinite { .. })));
}

#[test]
fn a_baseline_trace_serves_its_own_score_and_baseline_only() {
    let network = network();
    let (mut scratch, mut memory) = ([0.0; 1000], [0.0; 1000]);
    let short = GoodnessDelta.baseline_floats(&network.shapes(), 3) - 1;
    let trace =
        GoodnessDelta.trace_baseline(&network, &[], GOODNESS, &mut scratch, &mut Portable, &mut memory[..short]);
    assert!(matches!(trace, Err(Error::Length { what: "baseline memory", .. })));
    let trace =
        GoodnessDelta.trace_baseline(&network, &[], GOODNESS, &mut scratch, &mut Portable, &mut memory).unwrap();
    let question = Question { network: &network, sample: &IMAGE, baseline: &[], score: GOODNESS, target: TARGET };
    let map = |question: Question<'_, HeapNetwork>| {
        GoodnessDelta.map_with(&question, &trace, &mut [0.0; 1000], &mut Portable, &mut [0.0; FEATURES])
    };
    assert!(map(question).is_ok());
    assert!(map(Question { baseline: &IMAGE, ..question }).is_err());
    assert!(map(Question { score: Score::OneLayer(1), ..question }).is_err());
    let other = HeapNetwork::zeroed(3, FEATURES, &[5, 3], 0);
    assert!(map(Question { network: &other, ..question }).is_err());
}
