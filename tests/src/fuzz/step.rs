//! One step of each rule on any floats: weights, samples and settings.

use arbitrary::{Result, Unstructured};
use ff_core::checksum;
use ff_core::classic::Classic;
use ff_core::error::Error;
use ff_core::goodness::{Logistic, MeanSquare, Minimised, Objective, SymBa};
use ff_core::kernel::Portable;
use ff_core::label::Negatives;
use ff_core::learner::{Frozen, Learner, Report};
use ff_core::network::{Dense2, FeaturesOnly, Network, NoReadout, Parameters, Readout};
use ff_core::onepass::{Head, LabelGroups, LocalCrossEntropy, NWay, OnePass};
use ff_core::optimiser::{Adam, Moments, Momentum, Optimiser, State, StepSize};
use ff_core::random::Rng;
use ff_core::sample::Batch;

const FEATURES: usize = 3;
type Labelled = Network<Dense2<5, 4, 3>, 2, Readout<3, 2>>;
type Rows = Network<Dense2<3, 4, 3>, 2, Readout<7, 2>, FeaturesOnly>;
type Bare = Network<Dense2<3, 4, 3>, 2, NoReadout, FeaturesOnly>;

/// The bytes say which rule, with which settings, on which samples.
pub fn run(bytes: &[u8]) {
    // Bytes that end too early say nothing.
    let _ = step(&mut Unstructured::new(bytes));
}

/// One for each rule, of small numbers.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let numbers: Vec<u8> = (0..100_u8).flat_map(|i| (f32::from(i % 7) * 0.1).to_le_bytes()).collect();
    (0..8).map(|rule| [&[rule], numbers.as_slice()].concat()).collect()
}

fn step(input: &mut Unstructured<'_>) -> Result<()> {
    let rule = input.arbitrary::<u8>()? % 8;
    let (threshold, temperature) = (float(input)?, float(input)?);
    let momentum = Momentum { coefficient: float(input)? };
    let adam = Adam { first: float(input)?, second: float(input)?, epsilon: float(input)?, steps: input.arbitrary()? };
    let logistic = Logistic { threshold, temperature };
    match rule {
        0 => classic(input, logistic, momentum, Labelled::ZEROED),
        1 => classic(input, MeanSquare { threshold, temperature }, momentum, Labelled::ZEROED),
        2 => classic(input, SymBa { alpha: threshold }, momentum, Labelled::ZEROED),
        3 => classic(input, Minimised(logistic), adam, Moments { first: Labelled::ZEROED, second: Labelled::ZEROED }),
        4 => one_pass(input, NWay { temperature }, momentum, Rows::ZEROED, Rows::ZEROED),
        5 => {
            let moments = Moments { first: Rows::ZEROED, second: Rows::ZEROED };
            one_pass(input, LocalCrossEntropy, adam, Rows::ZEROED, moments)
        }
        6 => one_pass(input, LabelGroups { temperature }, momentum, Bare::ZEROED, Bare::ZEROED),
        _ => unsupervised(input, logistic, momentum),
    }
}

/// Mostly of the size that is used; now and then any bits.
fn float(input: &mut Unstructured<'_>) -> Result<f32> {
    if input.ratio(1, 8)? { input.arbitrary() } else { Ok(f32::from(input.arbitrary::<i8>()?) / 32.0) }
}

fn classic<G: Objective, O: Optimiser, S: State>(
    input: &mut Unstructured<'_>,
    goodness: G,
    optimiser: O,
    state: S,
) -> Result<()> {
    let rule = classic_settings(input, goodness, optimiser)?;
    changes_nothing_when_refused(input, Labelled::ZEROED, state, |learner, batch| rule.step(learner, batch))
}

fn unsupervised(input: &mut Unstructured<'_>, goodness: Logistic, optimiser: Momentum) -> Result<()> {
    let rule = classic_settings(input, goodness, optimiser)?;
    let negatives = floats(input, 2 * FEATURES)?;
    changes_nothing_when_refused(input, Bare::ZEROED, Bare::ZEROED, |learner, batch| {
        rule.step_unsupervised(learner, batch, negatives.get(..batch.samples.len()).unwrap_or(&negatives))
    })
}

fn classic_settings<G, O>(input: &mut Unstructured<'_>, goodness: G, optimiser: O) -> Result<Classic<G, O>> {
    Ok(Classic {
        goodness,
        optimiser,
        lr_scale: float(input)?,
        layers: step_size(input)?,
        readout: step_size(input)?,
        peer: float(input)?,
        dropout: float(input)?,
        negatives: if input.arbitrary()? { Negatives::Hard } else { Negatives::Uniform },
        frozen: Frozen::below(input.int_in_range(0..=3)?),
    })
}

fn one_pass<H: Head, O: Optimiser, P: Parameters, S: State>(
    input: &mut Unstructured<'_>,
    head: H,
    optimiser: O,
    network: P,
    state: S,
) -> Result<()> {
    let rule = OnePass {
        lr_scale: float(input)?,
        labels: step_size(input)?,
        dropout: float(input)?,
        label_smoothing: float(input)?,
        skip_error_below: float(input)?,
        ..OnePass::new(head, optimiser, step_size(input)?)
    };
    changes_nothing_when_refused(input, network, state, |learner, batch| rule.step(learner, batch))
}

fn step_size(input: &mut Unstructured<'_>) -> Result<StepSize> {
    Ok(StepSize { learning_rate: float(input)?, weight_decay: float(input)? })
}

fn floats(input: &mut Unstructured<'_>, count: usize) -> Result<Vec<f32>> {
    (0..count).map(|_| float(input)).collect()
}

/// Steps once, with weights, means and samples of any floats; a step that is refused changes no weight.
fn changes_nothing_when_refused<P: Parameters, S: State>(
    input: &mut Unstructured<'_>,
    mut network: P,
    mut state: S,
    step: impl FnOnce(&mut Learner<'_, P, S, Portable>, Batch<'_>) -> std::result::Result<Report, Error>,
) -> Result<()> {
    fill(input, &mut network)?;
    let mut means = floats(input, 7)?;
    let labels: Vec<u8> = (0..2).map(|_| input.int_in_range(0..=2)).collect::<Result<_>>()?;
    let count = input.int_in_range(0..=2)?;
    let samples = floats(input, FEATURES * count)?;
    let labels = &labels[..count];
    let before = checksum::parameters(&network);
    let mut learner = Learner {
        network: &mut network,
        state: &mut state,
        means: &mut means,
        scratch: &mut vec![f32::NAN; 1024],
        rng: &mut Rng::new(1),
        kernel: &mut Portable,
    };
    let stepped = step(&mut learner, Batch { samples: &samples, labels });
    let is_refused = stepped.is_err_and(|error| !matches!(error, Error::Diverged { .. }));
    assert!(!is_refused || checksum::parameters(&network) == before, "a step that was refused changed a weight");
    Ok(())
}

fn fill<P: Parameters>(input: &mut Unstructured<'_>, network: &mut P) -> Result<()> {
    let (mut layers, readout) = network.views_mut();
    let layers = layers.as_mut().iter_mut().flat_map(|layer| layer.weights.iter_mut().chain(layer.biases.iter_mut()));
    for weight in layers.chain(readout) {
        *weight = float(input)?;
    }
    Ok(())
}
