//! Every method, of every score, with baselines and without.

use core::hint::black_box;

use ff_core::{
    classify::ScoredLayers,
    kernel::Portable,
    network::Parameters,
    onepass::{LabelGroups, LocalCrossEntropy, NWay, OnePass},
    random::Rng,
    saliency::{
        Against, CellShapley, Cells, ClassHead, ExpectedDelta, GoodnessDelta, IntegratedFirstLayer, Occlusion,
        QuadraticShare, Question, Rise, Saliency, Score, Smooth, Target, usual_baseline,
    },
};

use crate::{
    Failure, learn,
    unknown::{self, CLASSES, FEATURES, Memory, Unknown, WIDTH},
};

pub fn run(memory: &mut Memory, rng: &mut Rng) -> Result<(), Failure> {
    let Memory { labelled: [labelled, ..], plain: [plain, ..], bare: [bare, ..], scratch, .. } = memory;
    ff_core::network::randomise(labelled, rng);
    OnePass { frozen: Default::default(), ..learn::settings(NWay::STANDARD, ff_core::optimiser::Sgd) }
        .randomise(plain, rng);
    let scored = ScoredLayers::ALL;
    for score in [Score::Goodness(scored), Score::OneLayer(0), Score::Logits] {
        every_method(&Unknown::of(labelled), black_box(score), scratch)?;
        every_method(labelled, black_box(score), scratch)?;
    }
    for head in [ClassHead::NWay(NWay::STANDARD), ClassHead::LocalCrossEntropy(LocalCrossEntropy)] {
        black_box(head.has_label_rows());
        every_method(&Unknown::of(plain), black_box(Score::OnePass { head, scored }), scratch)?;
        every_method(&Unknown::of(plain), black_box(Score::OnePassLayer { head, layer: 1 }), scratch)?;
    }
    let head = ClassHead::Groups(LabelGroups::STANDARD);
    every_method(&Unknown::of(bare), black_box(Score::OnePass { head, scored }), scratch)
}

fn every_method<P: Parameters>(network: &P, score: Score, scratch: &mut [f32]) -> Result<(), Failure> {
    let cells = Cells { width: WIDTH, side: 2 };
    black_box(black_box(cells).count(black_box(FEATURES)));
    let sampled = Rise { masks: 3, cells, keep: 0.5, seed: 1 };
    maps(&ExpectedDelta, network, score, scratch)?;
    maps(&GoodnessDelta, network, score, scratch)?;
    maps(&QuadraticShare, network, score, scratch)?;
    // In closed form it is the first layer's score alone that can be integrated.
    let is_of_first = !matches!(score, Score::Logits | Score::OnePassLayer { layer: 1.., .. });
    let answered = maps(&IntegratedFirstLayer, network, score, scratch).is_ok();
    if answered != is_of_first {
        return Err(Failure);
    }
    maps(&black_box(Occlusion::ERASE), network, score, scratch)?;
    maps(&black_box(CellShapley { cells, walks: 2, seed: 1 }), network, score, scratch)?;
    maps(&black_box(sampled), network, score, scratch)?;
    let smooth = black_box(Smooth { method: GoodnessDelta, draws: 2, sigma: 0.1, seed: 1 });
    maps(&smooth, network, score, scratch)?;

    let (images, _, _) = unknown::images(1);
    let image = black_box(images.get(..FEATURES).unwrap_or_default());
    let mut room = [0.0; FEATURES];
    let baseline = black_box(usual_baseline(network, image, black_box(&mut room[..]))?);
    let target = black_box(Target { label: 1, against: Against::Label(2) });
    let question = Question { network, sample: image, baseline, score, target };
    let (mut map, mut variance) = ([0.0; FEATURES], [0.0; FEATURES]);
    let (map, variance) = black_box((&mut map[..], &mut variance[..]));
    smooth.map_with_variance(&question, black_box(&mut *scratch), &mut Portable, map, variance)?;
    let shapes = unknown::shapes(network);
    let floats = GoodnessDelta.baseline_floats(black_box(&shapes), CLASSES);
    let (kept, scratch) = scratch.split_at_mut_checked(floats).ok_or(Failure)?;
    let trace = GoodnessDelta.trace_baseline(network, baseline, score, scratch, &mut Portable, kept)?;
    GoodnessDelta.map_with(&question, &trace, scratch, &mut Portable, map)?;
    ExpectedDelta.map_with(&question, &trace, scratch, &mut Portable, map)?;
    Ok(())
}

fn maps<M: Saliency, P: Parameters>(method: &M, network: &P, score: Score, scratch: &mut [f32]) -> Result<(), Failure> {
    let (images, _, _) = unknown::images(1);
    let image = black_box(images.get(..FEATURES).unwrap_or_default());
    let shapes = unknown::shapes(network);
    black_box(method.floats(black_box(&shapes), black_box(CLASSES), black_box(1)));
    black_box(method.scratch_floats(black_box(&shapes), black_box(CLASSES)));
    let mut map = [0.0; FEATURES];
    let map = black_box(&mut map[..]);
    for against in [Against::Nothing, Against::MeanOfOthers] {
        let target = black_box(Target { label: 1, against });
        let question = Question { network, sample: image, baseline: black_box(&[]), score, target };
        black_box(method.map(&question, black_box(&mut *scratch), &mut Portable, map)?);
    }
    Ok(())
}
