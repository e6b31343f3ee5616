//! Maps of networks that a one-pass rule has trained, against the rule's own scores.
#![cfg(not(feature = "micromath"))] // The reference is exact; the approximations are per cents off.

mod common;

use common::bits;
use common::network::HeapNetwork;
use common::saliency::{Answer, Asked, values};
use ff_core::classify::ScoredLayers;
use ff_core::error::Error;
use ff_core::kernel::{Metered, Portable};
use ff_core::onepass::{self, LabelGroups, LocalCrossEntropy, NWay};
use ff_core::random::Rng;
use ff_core::saliency::{
    Against, CellShapley, Cells, ClassHead, ExpectedDelta, GoodnessDelta, INK, IntegratedFirstLayer, Occlusion,
    QuadraticShare, Rise, Saliency, Score, Smooth, Target,
};

const HEADS: [ClassHead; 3] = [
    ClassHead::NWay(NWay { temperature: 0.7 }),
    ClassHead::Groups(LabelGroups { temperature: 2.0 }),
    ClassHead::LocalCrossEntropy(LocalCrossEntropy),
];
const CELLS: Cells = Cells { width: 5, side: 2 };
const SHAPLEY: CellShapley = CellShapley { cells: CELLS, walks: 2, seed: 1 };
const RISE: Rise = Rise { masks: 20, cells: CELLS, keep: 0.5, seed: 1 };

/// The head, the layers that count, and everything else of the question.
struct OnePass {
    asked: Asked,
    head: ClassHead,
    from: usize,
}

impl OnePass {
    fn random(head: ClassHead, rng: &mut Rng) -> Self {
        let (classes, features) = (2 + rng.below(6) as usize, 1 + rng.below(20) as usize);
        let units: Vec<usize> = (0..=rng.below(3)).map(|_| 1 + rng.below(16) as usize).collect();
        let read = if head.has_label_rows() { units.len() } else { 0 };
        let network = HeapNetwork::features_only(classes, features, &units, read).random(rng);
        let from = rng.below(units.len() as u32) as usize;
        let mut asked = Asked::random(rng);
        asked.network = network;
        asked.image = values(features, rng);
        asked.baseline = if rng.below(2) == 0 { Vec::new() } else { values(features, rng) };
        let against = [Against::Nothing, Against::Label(rng.below(classes as u32) as u8), Against::MeanOfOthers];
        asked.target = Target { label: rng.below(classes as u32) as u8, against: against[rng.below(3) as usize] };
        asked.score = Score::OnePass { head, scored: ScoredLayers { from } };
        Self { asked, head, from }
    }

    /// The rule's own scores of an image.
    fn scores(&self, image: &[f32]) -> Vec<f32> {
        let network = &self.asked.network;
        let mut scratch = vec![0.0; onepass::score_floats(&network.shapes(), network.classes, 1)];
        let mut scores = vec![0.0; network.classes];
        let (scored, kernel) = (ScoredLayers { from: self.from }, &mut Portable);
        match &self.head {
            ClassHead::NWay(h) => onepass::scores(h, network, image, scored, &mut scratch, kernel, &mut scores),
            ClassHead::Groups(h) => onepass::scores(h, network, image, scored, &mut scratch, kernel, &mut scores),
            ClassHead::LocalCrossEntropy(h) => {
                onepass::scores(h, network, image, scored, &mut scratch, kernel, &mut scores)
            }
        }
        .unwrap();
        scores
    }

    /// The margin, and the size of the scores that it is a difference of.
    fn margin(&self, image: &[f32]) -> (f64, f64) {
        let scores = self.scores(image);
        let Target { label, against } = self.asked.target;
        let of = |class: u8| f64::from(scores[usize::from(class)]);
        let all: f64 = scores.iter().copied().map(f64::from).sum();
        let value = match against {
            Against::Nothing => of(label),
            Against::Label(other) => of(label) - of(other),
            Against::MeanOfOthers => of(label) - (all - of(label)) / (scores.len() as f64 - 1.0),
        };
        (value, scores.iter().map(|s| f64::from(s.abs())).sum())
    }
}

/// Three hundred random networks and questions a head.
fn cases(seed: u64, mut check: impl FnMut(usize, &str, OnePass)) {
    for head in HEADS {
        let mut rng = Rng::new(seed);
        for case in 0..300 {
            check(1 + case % 7, &format!("case {case}, {head:?}"), OnePass::random(head, &mut rng));
        }
    }
}

fn assert_complete(one: &OnePass, answer: &Answer, base: Option<&[f32]>, what: &str) {
    let (value, scores) = one.margin(&one.asked.image);
    let (base, base_scores) = base.map_or((0.0, 0.0), |base| one.margin(base));
    let yardstick = (value - base).abs().max(0.01 * (scores + base_scores)).max(0.001);
    for (found, expected) in [
        (answer.total(), value - base),
        (answer.explained.score.into(), value),
        (answer.explained.baseline_score.into(), base),
    ] {
        assert!((found - expected).abs() <= 1e-4 * yardstick, "{what}: {found} instead of {expected} ({yardstick})");
    }
}

/// Every method's answer to a question about some layers.
fn all_answers(asked: &Asked, rows: usize) -> Vec<Answer> {
    vec![
        asked.answer(&GoodnessDelta, rows),
        asked.answer(&ExpectedDelta, rows),
        asked.answer(&Occlusion::ERASE, rows),
        asked.answer(&Occlusion::ADD, rows),
        asked.answer(&QuadraticShare, rows),
        asked.answer(&SHAPLEY, rows),
        asked.answer(&RISE, rows),
        asked.answer(&Smooth { method: GoodnessDelta, draws: 2, sigma: 0.1, seed: 1 }, rows),
    ]
}

#[test]
fn maps_and_scores_are_those_of_the_rule() {
    cases(1, |rows, what, one| {
        let base = one.asked.whole_baseline();
        assert_complete(&one, &one.asked.answer(&GoodnessDelta, rows), Some(&base), &format!("{what}, delta"));
        assert_complete(&one, &one.asked.answer(&ExpectedDelta, rows), Some(&base), &format!("{what}, expected"));
        assert_complete(&one, &one.asked.answer(&QuadraticShare, rows), None, &format!("{what}, quadratic"));
        assert_complete(&one, &one.asked.answer(&SHAPLEY, rows), Some(&base), &format!("{what}, shapley"));
    });
}

#[test]
fn integrated_gradients_are_complete_on_a_single_layer() {
    cases(2, |rows, what, mut one| {
        one.asked.score = Score::OnePassLayer { head: one.head, layer: 0 };
        if one.asked.network.layers.len() == 1 {
            let answer = one.asked.answer(&IntegratedFirstLayer, rows);
            assert_complete(&one, &answer, Some(&one.asked.whole_baseline()), what);
            assert_eq!(answer.explained.label_share, 0.0);
        } else {
            one.asked.score = Score::OnePassLayer { head: one.head, layer: 1 };
            let map = &mut vec![0.0; one.asked.image.len()];
            let refused = IntegratedFirstLayer.map(&one.asked.question(), &mut [0.0; 999], &mut Portable, map);
            assert!(matches!(refused, Err(Error::Shape { .. })));
        }
    });
}

#[test]
fn occlusion_is_the_change_of_the_rules_margin() {
    cases(3, |rows, what, one| {
        let base = one.asked.whole_baseline();
        let (whole, mut largest) = one.margin(&one.asked.image);
        let [erased, added] = [Occlusion::ERASE, Occlusion::ADD].map(|method| one.asked.answer(&method, rows).map);
        for (i, (&x, &to)) in one.asked.image.iter().zip(&base).enumerate() {
            let mut changed = one.asked.image.clone();
            changed[i] = if x == to { INK } else { to };
            let (value, scores) = one.margin(&changed);
            largest = largest.max(scores);
            let (found, expected) = if x == to { (added[i], value - whole) } else { (erased[i], whole - value) };
            let off = (f64::from(found) - expected).abs();
            assert!(off <= 1e-5 * largest.max(1.0), "{what}[{i}]: {found} instead of {expected}");
        }
    });
}

#[test]
fn a_layers_map_has_the_same_bits_whatever_is_above_it() {
    let mut deep = 0;
    cases(4, |rows, what, mut one| {
        let layer = one.from;
        one.asked.score = Score::OnePassLayer { head: one.head, layer };
        let before = all_answers(&one.asked, rows);
        let mut rng = Rng::new(rows as u64);
        let units: usize = one.asked.network.layers[..=layer].iter().map(|layer| layer.shape.outputs).sum();
        for above in &mut one.asked.network.layers[layer + 1..] {
            above.weights.iter_mut().chain(&mut above.biases).for_each(|w| *w = rng.normal());
            deep += 1;
        }
        let classes = one.asked.network.classes;
        one.asked.network.readout.iter_mut().skip(classes * units).for_each(|w| *w = rng.normal());
        for (before, after) in before.iter().zip(all_answers(&one.asked, rows)) {
            assert_eq!(bits(&before.map), bits(&after.map), "{what}");
            assert_eq!(before.explained, after.explained, "{what}");
        }
    });
    assert!(deep > 100, "hardly any layer was above another");
}

#[test]
fn layers_add_up_to_the_whole() {
    cases(5, |rows, what, mut one| {
        let whole = one.asked.answer(&GoodnessDelta, rows);
        let mut sum = 0.0;
        for layer in one.from..one.asked.network.layers.len() {
            one.asked.score = Score::OnePassLayer { head: one.head, layer };
            sum += one.asked.answer(&GoodnessDelta, rows).total();
        }
        let scores = one.margin(&one.asked.image).1 + one.margin(&one.asked.whole_baseline()).1;
        assert!((sum - whole.total()).abs() <= 1e-5 * scores.max(1.0), "{what}: {sum} {}", whole.total());
    });
}

#[test]
fn the_contrast_of_equal_label_rows_is_zero() {
    cases(6, |rows, what, mut one| {
        if !one.head.has_label_rows() {
            return;
        }
        let network = &mut one.asked.network;
        let (classes, mut start) = (network.classes, 0);
        for layer in &network.layers {
            let units = layer.shape.outputs;
            let (first, others) = network.readout[start..start + classes * units].split_at_mut(units);
            others.chunks_exact_mut(units).for_each(|row| row.copy_from_slice(first));
            start += classes * units;
        }
        one.asked.target = Target { label: 0, against: Against::Label(classes as u8 - 1) };
        for answer in all_answers(&one.asked, rows) {
            assert!(answer.map.iter().all(|&v| v == 0.0), "{what}: {:?}", answer.map);
            assert_eq!((answer.explained.score, answer.total()), (0.0, 0.0), "{what}");
        }
    });
}

#[test]
fn a_map_costs_one_row_whatever_the_margin() {
    let (features, classes, units) = (784, 10, 300);
    for head in HEADS {
        let read = if head.has_label_rows() { 2 } else { 0 };
        let network = HeapNetwork::features_only(classes, features, &[units, units], read).random(&mut Rng::new(1));
        let image: Vec<f32> = (0..features).map(|i| if i % 8 == 0 { 0.5 } else { 0.0 }).collect();
        let score = Score::OnePass { head, scored: ScoredLayers::ALL };
        let target = Target { label: 3, against: Against::MeanOfOthers };
        let asked = Asked { network, image, baseline: Vec::new(), score, target };
        let mut kernel = Metered::new(Portable);
        asked.answer_by(&GoodnessDelta, 1, &mut kernel).unwrap();
        // The ink's rows up and down, the second layer up twice and down once, the classifiers once.
        let labels = if matches!(head, ClassHead::LocalCrossEntropy(_)) { 2 * classes * units } else { 0 };
        assert_eq!(kernel.multiply_adds, (2 * 98 * units + 3 * units * units + labels) as u64, "{head:?}");
    }
}

#[test]
fn networks_and_heads_that_do_not_fit_are_refused() {
    let mut one = OnePass::random(HEADS[0], &mut Rng::new(7));
    let refused = |asked: &Asked| asked.answer_by(&GoodnessDelta, 1, &mut Portable).unwrap_err();
    one.asked.network.readout.clear();
    assert!(matches!(refused(&one.asked), Error::Shape { .. }));
    one.asked.score = Score::Goodness(ScoredLayers::ALL);
    assert!(matches!(refused(&one.asked), Error::Shape { .. }));
    let head = ClassHead::Groups(LabelGroups { temperature: f32::NAN });
    one.asked.score = Score::OnePass { head, scored: ScoredLayers::ALL };
    assert!(matches!(refused(&one.asked), Error::Setting { name: "temperature", .. }));
    one.asked.score = Score::OnePassLayer { head: HEADS[1], layer: 9 };
    assert!(matches!(refused(&one.asked), Error::Shape { .. }));
}
