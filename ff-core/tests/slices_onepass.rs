//! A one-pass step in slices: the same bits however it is cut, a bounded cost a slice, and valid
//! weights wherever it is left.

mod common;

use common::bits;
use common::network::HeapNetwork;
use common::state::Samples;
use core::task::Poll;
use ff_core::error::Error;
use ff_core::kernel::{Metered, Portable};
use ff_core::learner::{Frozen, Learner, Report};
use ff_core::onepass::{Head, LabelGroups, LocalCrossEntropy, NWay, OnePass};
use ff_core::optimiser::{Momentum, StepSize};
use ff_core::random::Rng;

const CLASSES: usize = 3;
const NETS: [(usize, &[usize]); 3] = [(5, &[7]), (11, &[6, 13]), (64, &[32, 17, 9])];

type Settings<H> = OnePass<H, Momentum>;

fn settings<H: Head>(head: H, frozen: Frozen) -> Settings<H> {
    let settings =
        OnePass::new(head, Momentum { coefficient: 0.5 }, StepSize { learning_rate: 0.1, weight_decay: 0.01 });
    OnePass { dropout: 0.1, frozen, label_smoothing: 0.1, ..settings }
}

/// What a step works on.
#[derive(Clone)]
struct Case {
    network: HeapNetwork,
    velocity: HeapNetwork,
    samples: Samples,
    rng: Rng,
}

impl Case {
    fn new<H: Head>((features, units): (usize, &[usize]), rows: usize) -> Self {
        let read = if H::LABEL_ROWS { units.len() } else { 0 };
        let zeros = HeapNetwork::features_only(CLASSES, features, units, read);
        let mut rng = Rng::new(30);
        let network = zeros.clone().random(&mut rng);
        Self { network, velocity: zeros, samples: Samples::random(CLASSES, features, rows, &mut rng), rng }
    }

    fn bits(&self) -> Vec<u32> {
        let blocks = [self.network.blocks(), self.velocity.blocks()].concat();
        blocks.iter().flat_map(|(_, block)| bits(block)).collect()
    }

    fn whole<H: Head>(&mut self, settings: &Settings<H>) -> Result<Report, Error> {
        let floats = settings.scratch_floats(&self.network.shapes(), CLASSES, self.samples.labels.len());
        let Self { network, velocity, samples, rng } = self;
        let (scratch, kernel) = (&mut vec![f32::NAN; floats][..], &mut Portable);
        settings.step(&mut Learner { network, state: velocity, means: &mut [], scratch, rng, kernel }, samples.batch())
    }

    /// Polled with budgets until the step ends or `polls` are used up: how it ended, and the
    /// multiply-adds of all polls.
    fn sliced<H: Head>(
        &mut self,
        settings: &Settings<H>,
        polls: usize,
        mut budget: impl FnMut() -> usize,
    ) -> (Option<Result<Report, Error>>, u64) {
        let floats = settings.scratch_floats(&self.network.shapes(), CLASSES, self.samples.labels.len());
        let Self { network, velocity, samples, rng } = self;
        let (scratch, mut kernel) = (&mut vec![f32::NAN; floats][..], Metered::new(Portable));
        let mut learner = Learner { network, state: velocity, means: &mut [], scratch, rng, kernel: &mut kernel };
        let mut step = settings.begin(&mut learner, samples.batch()).unwrap();
        for _ in 0..polls {
            let own = budget();
            if let Poll::Ready(result) = step.poll(own) {
                assert_eq!(step.poll(own), Poll::Ready(result.clone()), "an ended step stays as it is");
                return (Some(result), kernel.multiply_adds);
            }
        }
        (None, kernel.multiply_adds)
    }
}

/// Calls the check with every head, net and setting.
macro_rules! everywhere {
    ($check:ident) => {
        for net in NETS {
            for frozen in [Frozen::NONE, Frozen::NONE.with(1)] {
                $check(&settings(NWay::STANDARD, frozen), net);
                $check(&settings(LabelGroups::STANDARD, frozen), net);
                $check(&settings(LocalCrossEntropy, frozen), net);
            }
        }
    };
}

#[test]
fn any_slicing_gives_the_same_bits() {
    fn check<H: Head + std::fmt::Debug>(settings: &Settings<H>, net: (usize, &[usize])) {
        let mut rng = Rng::new(9);
        for rows in [1, 3] {
            let before = Case::new::<H>(net, rows);
            let mut whole = before.clone();
            let report = whole.whole(settings).unwrap();
            assert_ne!(whole.bits(), before.bits());
            for most in [1, 50, 500, 5_000, 1_000_000] {
                let mut case = before.clone();
                let (result, _) = case.sliced(settings, usize::MAX, || rng.below(most) as usize);
                let what = format!("{net:?} batch {rows} budgets below {most} {settings:?}");
                assert_eq!(result, Some(Ok(report.clone())), "{what}");
                assert_eq!(case.bits(), whole.bits(), "{what}");
            }
        }
    }
    everywhere!(check);
}

/// The n-th poll's cost is what a step cut off after n polls took more than one cut off before.
#[test]
fn no_poll_takes_more_than_its_budget_or_the_largest_piece() {
    fn check<H: Head>(settings: &Settings<H>, net: (usize, &[usize])) {
        let case = Case::new::<H>(net, 1);
        let largest = settings.largest_piece(&case.network.shapes(), CLASSES, 1) as u64;
        for budget in [0, 40, 300, 2_000] {
            let (mut before, mut polls) = (0, 1);
            loop {
                let (result, total) = case.clone().sliced(settings, polls, || budget);
                let (own, bound) = (total - before, largest.max(budget as u64));
                assert!(own <= bound, "{net:?} poll {polls}: {own} of {bound}");
                if result.is_some() {
                    break;
                }
                (before, polls) = (total, polls + 1);
            }
        }
    }
    everywhere!(check);
}

#[test]
fn a_step_left_anywhere_leaves_finite_weights_that_learn_on() {
    fn check<H: Head>(settings: &Settings<H>, net: (usize, &[usize])) {
        for polls in 0.. {
            let mut case = Case::new::<H>(net, 1);
            let (ended, _) = case.sliced(settings, polls, || 60);
            let blocks = case.network.blocks();
            assert!(blocks.iter().all(|(_, block)| block.iter().all(|w| w.is_finite())), "{net:?} after {polls}");
            case.whole(settings).unwrap();
            if ended.is_some() {
                break;
            }
        }
    }
    everywhere!(check);
}

#[test]
fn a_diverged_step_ends_and_says_so_again() {
    let mut case = Case::new::<NWay>(NETS[1], 1);
    case.network.layers[1].biases.fill(f32::MAX);
    let (result, _) = case.sliced(&settings(NWay::STANDARD, Frozen::NONE), usize::MAX, || 10);
    assert_eq!(result, Some(Err(Error::Diverged { layer: 1 })));
}

#[test]
fn a_step_that_cannot_begin_changes_nothing() {
    let mut case = Case::new::<NWay>(NETS[1], 1);
    let before = case.clone();
    let settings = settings(NWay::STANDARD, Frozen::NONE);
    let Case { network, velocity, samples, rng } = &mut case;
    let (scratch, kernel) = (&mut [0.0; 3][..], &mut Portable);
    let mut learner = Learner { network, state: velocity, means: &mut [], scratch, rng, kernel };
    let refused = settings.begin(&mut learner, samples.batch()).err();
    assert!(matches!(refused, Some(Error::Length { what: "scratch", .. })), "{refused:?}");
    assert_eq!((case.bits(), case.rng), (before.bits(), before.rng));
}

#[test]
fn the_documented_largest_piece() {
    let shapes = HeapNetwork::features_only(10, 64, &[32, 32], 2).shapes();
    assert_eq!(settings(NWay::STANDARD, Frozen::NONE).largest_piece(&shapes, 10, 1), 1_408);
}
