//! Every rule, objective and optimiser; steps at once and in slices; both ways to classify.

use core::{hint::black_box, task::Poll};

use ff_core::{
    checksum,
    classic::Classic,
    classify::{self, ScoredLayers},
    error::Error,
    goodness::{Logistic, MeanSquare, Minimised, Objective, SymBa},
    kernel::{Metered, Portable},
    label::Negatives,
    learner::{Frozen, Learner, Report},
    network::{self, Parameters},
    onepass::{self, Head, LabelGroups, LocalCrossEntropy, NWay, OnePass},
    optimiser::{self, Adam, Moments, Momentum, Optimiser, Sgd, State, Stateless, StepSize},
    random::Rng,
    saliency::{Against, ExpectedDelta, Target},
    sample::Batch,
    stream::dead::{self, Fired},
    trainer::Trainer,
};

use crate::{
    Failure,
    unknown::{self, CLASSES, FEATURES, Memory, Owned, Unknown},
};

pub fn run(memory: &mut Memory, rng: &mut Rng) -> Result<(), Failure> {
    owned(&mut memory.owned)?;
    let Memory { labelled, plain, bare, scratch, means, .. } = memory;
    let rest = &mut Rest { scratch, means, rng };
    // Behind the curtain, and as firmware has them: the compiler may make other code of these.
    let [mut net, first, second] = labelled.each_mut().map(Unknown::of);
    every_objective(&mut net, rest)?;
    every_optimiser(&mut net, &mut Moments { first, second }, rest)?;
    classify(&mut net, rest)?;
    let [mut net, first, second] = plain.each_mut().map(Unknown::of);
    every_head(&mut net, &mut Moments { first, second }, rest)?;
    let [mut net, mut first, _] = bare.each_mut().map(Unknown::of);
    without_labels(&mut net, &mut first, rest)?;

    let [net, ..] = labelled;
    every_objective(net, rest)?;
    classify(net, rest)?;
    let [net, velocity, _] = bare;
    without_labels(net, velocity, rest)
}

/// By a trainer: at once and in slices, classified, explained, saved and loaded.
fn owned(memory: &mut Owned) -> Result<(), Failure> {
    let mut trainer = Trainer::new(black_box(Classic::PUBLISHED), memory, black_box(1));
    let (images, labels, count) = unknown::images(1);
    let (images, labels) = (images.get(..count * FEATURES).ok_or(Failure)?, labels.get(..count).ok_or(Failure)?);
    black_box(trainer.step(images, labels)?);
    let mut slices = trainer.begin(images, labels)?;
    while slices.poll(black_box(20))?.is_pending() {}
    let mut map = [0.0; FEATURES];
    let target = Target { label: trainer.classify(images)?, against: Against::MeanOfOthers };
    black_box(trainer.explain(&ExpectedDelta, images, target, &mut map)?);
    black_box((trainer.scores(images)?, map));
    black_box(trainer.probabilities(images)?);
    let mut bytes = [0; 4096];
    let length = trainer.save_bytes(&mut bytes)?;
    trainer.load_bytes(bytes.get(..length).ok_or(Failure)?)?;
    let mut trainer = Trainer::resume(&Classic::SMALL, memory);
    black_box(trainer.step(images, labels)?);
    Ok(())
}

/// What every learner takes beside its network and the optimiser's state.
struct Rest<'a> {
    scratch: &'a mut [f32],
    means: &'a mut [f32],
    rng: &'a mut Rng,
}

fn learner<'a, P, S, K>(
    network: &'a mut P,
    state: &'a mut S,
    rest: &'a mut Rest<'_>,
    kernel: &'a mut K,
) -> Learner<'a, P, S, K> {
    let scratch = black_box(&mut *rest.scratch);
    Learner { network, state, means: black_box(&mut *rest.means), scratch, rng: rest.rng, kernel }
}

fn every_objective<P: Parameters>(net: &mut P, rest: &mut Rest<'_>) -> Result<(), Failure> {
    network::randomise(net, rest.rng);
    step(&black_box(Classic::SMALL), net, &mut Stateless, rest)?;
    let slow = Classic { layers: StepSize { learning_rate: 0.001, weight_decay: 0.01 }, ..Classic::SMALL };
    step(&black_box(Classic { frozen: Frozen::NONE.with(1), ..slow }), net, &mut Stateless, rest)?;
    step(&black_box(with(MeanSquare { threshold: 1.0, temperature: 1.0 })), net, &mut Stateless, rest)?;
    step(&black_box(with(SymBa::STANDARD)), net, &mut Stateless, rest)?;
    step(&black_box(with(Minimised(Logistic::CLASSIC))), net, &mut Stateless, rest)
}

fn with<G: Objective>(goodness: G) -> Classic<G, Sgd> {
    let Classic { optimiser, lr_scale, layers, readout, peer, dropout, negatives, frozen, .. } = Classic::SMALL;
    Classic { goodness, optimiser, lr_scale, layers, readout, peer, dropout, negatives, frozen }
}

fn every_optimiser<P: Parameters>(net: &mut P, moments: &mut Moments<P>, rest: &mut Rest<'_>) -> Result<(), Failure> {
    let published = Classic { dropout: 0.1, ..Classic::PUBLISHED };
    step(&black_box(published), net, &mut moments.first, rest)?;
    let adam = Classic {
        optimiser: Adam::PUBLISHED,
        goodness: Logistic::CLASSIC,
        lr_scale: 1.0,
        layers: published.layers,
        readout: published.readout,
        peer: 0.0,
        dropout: 0.0,
        negatives: Negatives::Uniform,
        frozen: Frozen::below(1),
    };
    step(&black_box(adam), net, moments, rest)?;
    optimiser::average(net, &mut moments.second, black_box(0.5));
    Ok(())
}

/// A whole step, and the same in slices.
fn step<P: Parameters, S: State, G: Objective, O: Optimiser>(
    settings: &Classic<G, O>,
    net: &mut P,
    state: &mut S,
    rest: &mut Rest<'_>,
) -> Result<(), Failure> {
    settings.check()?;
    let (images, labels, count) = unknown::images(3);
    let shapes = unknown::shapes(net);
    let floats = settings.scratch_floats(black_box(&shapes), black_box(CLASSES), count);
    let budget = settings.largest_piece(black_box(&shapes), black_box(CLASSES), count);
    black_box(floats);
    let batch = Batch { samples: first(&images, count * FEATURES), labels: first(&labels, count) };
    let mut kernel = Metered::new(Portable);
    report(settings.step(&mut learner(net, state, rest, &mut kernel), batch))?;
    let mut learner = learner(net, state, rest, &mut kernel);
    let mut slices = settings.begin(&mut learner, batch)?;
    to_the_end(|| slices.poll(black_box(budget)))
}

fn to_the_end(mut poll: impl FnMut() -> Poll<Result<Report, Error>>) -> Result<(), Failure> {
    loop {
        if let Poll::Ready(result) = poll() {
            return report(result);
        }
    }
}

fn report(result: Result<Report, Error>) -> Result<(), Failure> {
    black_box(result?.layers.len());
    Ok(())
}

fn first<T>(values: &[T], count: usize) -> &[T] {
    black_box(values.get(..count).unwrap_or_default())
}

fn classify<P: Parameters>(net: &mut P, rest: &mut Rest<'_>) -> Result<(), Failure> {
    let (images, _, count) = unknown::images(2);
    let images = first(&images, count * FEATURES);
    let shapes = unknown::shapes(net);
    black_box(classify::goodness_floats(black_box(&shapes), CLASSES, count));
    black_box(classify::readout_floats(black_box(&shapes), CLASSES, count));
    let mut scores = [0.0; 4 * CLASSES];
    let scores = black_box(scores.get_mut(..count * CLASSES).unwrap_or_default());
    let scratch = black_box(&mut *rest.scratch);
    classify::by_goodness(net, images, black_box(ScoredLayers::ABOVE_FIRST), scratch, &mut Portable, scores)?;
    classify::by_readout(net, images, scratch, &mut Portable, scores)?;
    black_box((classify::best(scores), classify::best_two(scores), checksum::parameters(net)));
    let mut fired = black_box(Fired::<4>::ZEROED);
    black_box((dead::watch_floats(black_box(&shapes)), dead::words(black_box(&shapes))));
    fired.watch(net, first(images, FEATURES), black_box(1), scratch, &mut Portable)?;
    black_box((fired.dead(net)?, fired.samples()));
    fired.restart();
    Ok(())
}

fn every_head<P: Parameters>(net: &mut P, moments: &mut Moments<P>, rest: &mut Rest<'_>) -> Result<(), Failure> {
    one_pass(&black_box(settings(NWay::STANDARD, Sgd)), net, &mut Stateless, rest)?;
    one_pass(&black_box(settings(LocalCrossEntropy, Momentum { coefficient: 0.9 })), net, &mut moments.first, rest)?;
    one_pass(&black_box(settings(NWay::STANDARD, Adam::PUBLISHED)), net, moments, rest)
}

pub fn settings<H: Head, O: Optimiser>(head: H, optimiser: O) -> OnePass<H, O> {
    OnePass { dropout: 0.1, ..OnePass::new(head, optimiser, StepSize { learning_rate: 0.01, weight_decay: 0.001 }) }
}

fn one_pass<P: Parameters, S: State, H: Head, O: Optimiser>(
    settings: &OnePass<H, O>,
    net: &mut P,
    state: &mut S,
    rest: &mut Rest<'_>,
) -> Result<(), Failure> {
    settings.check()?;
    settings.randomise(net, rest.rng);
    let (images, labels, count) = unknown::images(3);
    let shapes = unknown::shapes(net);
    black_box(settings.scratch_floats(black_box(&shapes), CLASSES, count));
    let budget = settings.largest_piece(black_box(&shapes), black_box(CLASSES), count);
    black_box(onepass::score_floats(black_box(&shapes), CLASSES, count));
    let images = first(&images, count * FEATURES);
    let batch = Batch { samples: images, labels: first(&labels, count) };
    report(settings.step(&mut learner(net, state, rest, &mut Portable), batch))?;
    let mut kernel = Metered::new(Portable);
    let mut learner = learner(net, state, rest, &mut kernel);
    let mut slices = settings.begin(&mut learner, batch)?;
    to_the_end(|| slices.poll(black_box(budget)))?;
    let mut scores = [0.0; 4 * CLASSES];
    let scores = black_box(scores.get_mut(..count * CLASSES).unwrap_or_default());
    let scored = black_box(ScoredLayers::ALL);
    Ok(onepass::scores(&settings.head, net, images, scored, black_box(&mut *rest.scratch), &mut Portable, scores)?)
}

/// Groups have no label rows; and images of their own as negatives.
fn without_labels<P: Parameters>(net: &mut P, velocity: &mut P, rest: &mut Rest<'_>) -> Result<(), Failure> {
    one_pass(&black_box(settings(LabelGroups::STANDARD, Momentum { coefficient: 0.9 })), net, velocity, rest)?;
    let (images, labels, count) = unknown::images(3);
    let batch = Batch { samples: first(&images, count * FEATURES), labels: first(&labels, count) };
    let mut negatives = images;
    negatives.reverse();
    let negatives = first(&negatives, count * FEATURES);
    let unsupervised = black_box(Classic { peer: 0.03, ..Classic::SMALL });
    report(unsupervised.step_unsupervised(&mut learner(net, &mut Stateless, rest, &mut Portable), batch, negatives))
}
