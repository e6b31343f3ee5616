//! Memory and trainer: what they learn is what the level below learns, to the bit, for every rule and optimiser.

use ff_core::classic::Classic;
use ff_core::classify;
use ff_core::error::Error;
use ff_core::kernel::Portable;
use ff_core::learner::Learner;
use ff_core::memory::{Owner, Zeroed};
use ff_core::network::Parameters;
use ff_core::optimiser::{Optimiser, State};
use ff_core::prelude::*;
use ff_core::rule::Supervised;
use ff_core::sample::Batch;
use ff_core::snapshot::{self, Saved};

const CLASSES: usize = 3;
const FEATURES: usize = 5;

type Labelled = Network<Dense2<{ CLASSES + FEATURES }, 12, 9>, CLASSES, Readout<21, CLASSES>>;
type Plain = Network<Dense2<FEATURES, 12, 9>, CLASSES, Readout<21, CLASSES>, FeaturesOnly>;

const RATE: StepSize = StepSize { learning_rate: 0.03, weight_decay: 0.001 };
const FLOATS: usize = 1024;

/// Four samples and their labels, of which a class each is a third of the time the largest feature.
fn batch(rng: &mut Rng) -> ([f32; 4 * FEATURES], [u8; 4]) {
    let labels = [0; 4].map(|_| rng.below(CLASSES as u32) as u8);
    let mut samples = [0.0; 4 * FEATURES];
    for (sample, label) in samples.chunks_exact_mut(FEATURES).zip(labels) {
        sample.iter_mut().for_each(|x| *x = 0.3 * rng.unit());
        sample[usize::from(label)] += 1.0;
    }
    (samples, labels)
}

fn bits<N: Parameters>(network: &N) -> u32 {
    ff_core::checksum::parameters(network)
}

/// Learns by a trainer, in slices every second time, and by the level below, told of the steps by `at`.
fn agrees<R, N, S, const UNITS: usize>(rule: R, at: impl Fn(R, u32) -> R, steps: u32)
where
    R: Supervised + Copy,
    N: Parameters + Zeroed,
    S: State + Saved + Zeroed,
{
    let mut memory = Memory::<N, FLOATS, S, UNITS>::ZEROED;
    let mut trainer = Trainer::new(rule, &mut memory, 5);
    let (mut network, mut state, mut rng) = (N::ZEROED, S::ZEROED, Rng::new(5));
    let (mut means, mut scratch) = ([0.0; UNITS], [0.0; FLOATS]);
    rule.randomise(&mut network, &mut rng);
    let mut data = Rng::new(9);
    for step in 0..steps {
        let (samples, labels) = batch(&mut data);
        let report = if step % 2 == 0 {
            trainer.step(&samples, &labels).unwrap()
        } else {
            use ff_core::rule::Sliced;
            let mut slices = trainer.begin(&samples, &labels).unwrap();
            loop {
                if let core::task::Poll::Ready(report) = slices.poll(50) {
                    break report.unwrap();
                }
            }
        };
        let mut learner = Learner {
            network: &mut network,
            state: &mut state,
            means: &mut means,
            scratch: &mut scratch,
            rng: &mut rng,
            kernel: &mut Portable,
        };
        let below = at(rule, step).step(&mut learner, Batch { samples: &samples, labels: &labels }).unwrap();
        assert_eq!(report, below, "step {step}");
    }
    assert_eq!((trainer.memory.steps, trainer.memory.samples), (u64::from(steps), 4 * u64::from(steps)));
    assert_eq!(bits(&trainer.memory.network), bits(&network));
    let fresh = Plain::ZEROED;
    assert_ne!(bits(&trainer.memory.network), bits(&fresh));
}

fn same<R>(rule: R, _: u32) -> R {
    rule
}

#[test]
fn every_rule_and_optimiser_learns_as_by_the_level_below() {
    let momentum = Momentum { coefficient: 0.8 };
    agrees::<_, Labelled, Stateless, 0>(Classic::SMALL, same, 30);
    let published = Classic { layers: RATE, ..Classic::PUBLISHED };
    agrees::<_, Labelled, Labelled, { Labelled::UNITS }>(published, same, 30);
    agrees::<_, Plain, Stateless, 0>(OnePass::new(NWay::STANDARD, Sgd, RATE), same, 30);
    agrees::<_, Plain, Plain, 0>(OnePass::new(LocalCrossEntropy, momentum, RATE), same, 30);
    agrees::<_, Plain, Stateless, 0>(OnePass::new(LabelGroups::STANDARD, Sgd, RATE), same, 30);
}

/// The one optimiser that counts is told by the trainer.
#[test]
fn adam_is_told_how_many_steps_were_taken() {
    fn told<H>(rule: OnePass<H, Adam>, steps: u32) -> OnePass<H, Adam> {
        OnePass { optimiser: Adam { steps, ..rule.optimiser }, ..rule }
    }
    agrees::<_, Plain, Moments<Plain>, 0>(OnePass::new(NWay::STANDARD, Adam::PUBLISHED, RATE), told, 30);
}

/// Goodness of other objectives, an answer that is one of the class's own, and a map that says why.
fn learns_and_explains<R, N>(rule: R)
where
    R: Supervised,
    N: Parameters + Zeroed,
{
    let mut memory = Memory::<N, FLOATS>::ZEROED;
    let mut trainer = Trainer::new(rule, &mut memory, 5);
    let mut data = Rng::new(9);
    for _ in 0..600 {
        let (samples, labels) = batch(&mut data);
        trainer.step(&samples, &labels).unwrap();
    }
    let (samples, labels) = batch(&mut data);
    for (sample, label) in samples.chunks_exact(FEATURES).zip(labels) {
        let best = classify::best(trainer.scores(sample).unwrap());
        assert_eq!((trainer.classify(sample).unwrap(), best), (label, label));
        let mut map = [0.0; FEATURES];
        let target = Target { label, against: Against::MeanOfOthers };
        let told = trainer.explain(&ExpectedDelta, sample, target, &mut map).unwrap();
        let strongest = (0..FEATURES).max_by(|&a, &b| map[a].total_cmp(&map[b]));
        assert_eq!(strongest, Some(usize::from(label)), "{map:?}");
        assert!(told.score > 0.0, "{told:?}");
    }
}

#[test]
fn every_rule_classifies_and_explains() {
    let rate = StepSize { learning_rate: 0.02, weight_decay: 0.0 };
    learns_and_explains::<_, Labelled>(Classic { layers: rate, ..Classic::SMALL });
    learns_and_explains::<_, Labelled>(Classic {
        goodness: Minimised(Logistic::CLASSIC),
        optimiser: Sgd,
        lr_scale: 1.0,
        layers: rate,
        readout: StepSize { learning_rate: 0.0, weight_decay: 0.0 },
        peer: 0.0,
        dropout: 0.0,
        negatives: Negatives::Uniform,
        frozen: Frozen::NONE,
    });
    learns_and_explains::<_, Plain>(OnePass::new(NWay::STANDARD, Sgd, rate));
    learns_and_explains::<_, Plain>(OnePass::new(LocalCrossEntropy, Sgd, rate));
    learns_and_explains::<_, Plain>(OnePass::new(LabelGroups::STANDARD, Sgd, rate));
}

/// The documented sizes are enough, and one float fewer is refused.
#[test]
fn scratch_is_as_large_as_needed_and_no_larger() {
    const RULE: OnePass = OnePass::new(NWay::STANDARD, Sgd, RATE);
    type Exact = Memory<Plain, { RULE.floats::<Plain>(4) }>;
    let (samples, labels) = batch(&mut Rng::new(1));
    let mut memory = Exact::ZEROED;
    let mut trainer = Trainer::new(RULE, &mut memory, 1);
    trainer.step(&samples, &labels).unwrap();
    trainer.classify(&samples[..FEATURES]).unwrap();
    let mut short = Memory::<Plain, { RULE.floats::<Plain>(4) - 1 }>::ZEROED;
    let refused = Trainer::new(RULE, &mut short, 1).step(&samples, &labels);
    assert!(matches!(refused, Err(Error::Length { what: "scratch", .. })), "{refused:?}");

    let classic = Classic::SMALL;
    const MAPS: usize = Classic::SMALL.floats_with_maps::<Labelled>(1);
    let mut memory = Memory::<Labelled, MAPS>::ZEROED;
    let mut trainer = Trainer::new(classic, &mut memory, 1);
    let target = Target { label: 0, against: Against::MeanOfOthers };
    let mut map = [0.0; FEATURES];
    trainer.explain(&ExpectedDelta, &samples[..FEATURES], target, &mut map).unwrap();
    let mut short = Memory::<Labelled, 4>::ZEROED;
    let refused = Trainer::new(classic, &mut short, 1).explain(&ExpectedDelta, &samples[..5], target, &mut map);
    assert!(matches!(refused, Err(Error::Length { what: "scratch", .. })), "{refused:?}");
}

/// A run that was saved and loaded goes on as one that was not, means and velocity included.
#[test]
fn a_run_goes_on_from_its_snapshot() {
    const RULE: Classic<Logistic, Momentum> = Classic { dropout: 0.2, ..Classic::PUBLISHED };
    type Mem = Memory<Labelled, FLOATS, Labelled, { Labelled::UNITS }>;
    let learn = |trainer: &mut Trainer<'_, Classic<Logistic, Momentum>, Mem>, data: &mut Rng| {
        for _ in 0..20 {
            let (samples, labels) = batch(data);
            trainer.step(&samples, &labels).unwrap();
        }
    };
    let (mut memory, mut data) = (Mem::ZEROED, Rng::new(3));
    let mut trainer = Trainer::new(RULE, &mut memory, 1);
    learn(&mut trainer, &mut data);
    trainer.memory.user = *b"sixteen letters.";
    let mut bytes = [0; 4096];
    assert!(matches!(trainer.save_bytes(&mut bytes[..100]), Err(snapshot::Error::Buffer { .. })));
    let length = trainer.save_bytes(&mut bytes).unwrap();
    let mut later_data = data.clone();
    learn(&mut trainer, &mut data);

    let mut later = Mem::ZEROED;
    let mut resumed = Trainer::resume(RULE, &mut later);
    resumed.load_bytes(&bytes[..length]).unwrap();
    assert_eq!((resumed.memory.steps, &resumed.memory.user), (20, b"sixteen letters."));
    learn(&mut resumed, &mut later_data);
    assert_eq!(bits(&resumed.memory.network), bits(&trainer.memory.network));
    assert_eq!(bits(&resumed.memory.state), bits(&trainer.memory.state));
    assert_eq!(resumed.memory.means, trainer.memory.means);
}

/// With plain descent a memory's snapshot is the network's own: either is read as the other.
#[test]
fn without_state_a_snapshot_is_the_networks() {
    let mut memory = Memory::<Plain, FLOATS>::ZEROED;
    let trainer = Trainer::new(OnePass::new(NWay::STANDARD, Sgd, RATE), &mut memory, 1);
    let mut bytes = [0; 4096];
    let length = trainer.save_bytes(&mut bytes).unwrap();
    let mut network = Plain::ZEROED;
    snapshot::import_bytes(&bytes[..length], &mut [&mut network]).unwrap();
    assert_eq!(bits(&network), bits(&memory.network));
}

/// A trainer that begins leaves nothing of what the memory held.
#[test]
fn to_begin_is_to_forget() {
    const RULE: Classic<Logistic, Momentum> = Classic::PUBLISHED;
    type Mem = Memory<Labelled, FLOATS, Labelled, { Labelled::UNITS }>;
    let (samples, labels) = batch(&mut Rng::new(3));
    let learned = |memory: &mut Mem| {
        let mut trainer = Trainer::new(RULE, memory, 1);
        (0..5).for_each(|_| drop(trainer.step(&samples, &labels).unwrap()));
        bits(&trainer.memory.network)
    };
    let (mut used, mut fresh) = (Mem::ZEROED, Mem::ZEROED);
    learned(&mut used);
    assert_eq!(learned(&mut used), learned(&mut fresh));
}

/// A host's memory is vectors, and works as arrays do.
#[test]
fn vectors_serve_as_arrays_do() {
    let mut memory = Owner::new(Plain::ZEROED, Stateless, vec![0.0_f32; FLOATS], Vec::<f32>::new());
    let mut arrays = Memory::<Plain, FLOATS>::ZEROED;
    let (samples, labels) = batch(&mut Rng::new(3));
    let rule = OnePass::new(NWay::STANDARD, Sgd, RATE);
    let report = Trainer::new(rule, &mut memory, 1).step(&samples, &labels).unwrap();
    assert_eq!(Trainer::new(rule, &mut arrays, 1).step(&samples, &labels).unwrap(), report);
    assert_eq!(bits(&memory.network), bits(&arrays.network));
}

#[test]
fn zeros_are_all_that_a_memory_begins_with() {
    const MEMORY: Memory<Plain, 64, Moments<Plain>> = Memory::ZEROED;
    assert_eq!((MEMORY.steps, MEMORY.samples, MEMORY.user), (0, 0, [0; 16]));
    assert!(MEMORY.scratch.iter().all(|x| x.to_bits() == 0));
}

/// Optimisers that keep more than the memory has are refused before anything changes.
#[test]
fn a_memory_without_the_optimisers_state_is_refused() {
    fn refused<O: Optimiser + Copy>(optimiser: O) {
        let mut memory = Memory::<Plain, FLOATS>::ZEROED;
        let mut trainer = Trainer::new(OnePass::new(NWay::STANDARD, optimiser, RATE), &mut memory, 1);
        let before = bits(&trainer.memory.network);
        let (samples, labels) = batch(&mut Rng::new(3));
        let told = trainer.step(&samples, &labels).unwrap_err().to_string();
        assert!(told.contains("the optimiser state"), "{told}");
        assert_eq!((bits(&trainer.memory.network), trainer.memory.steps), (before, 0));
    }
    refused(Momentum { coefficient: 0.5 });
    refused(Adam::PUBLISHED);
}
