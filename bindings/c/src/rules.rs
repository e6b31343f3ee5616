//! Every rule as a table of functions: a program names the tables that it uses, and the linker leaves the
//! others out.

use ff_core::classic::Classic;
use ff_core::classify;
use ff_core::error::Error;
use ff_core::goodness::{Logistic, MeanSquare, Minimised, Objective, SymBa};
use ff_core::kernel::Portable;
use ff_core::label::Negatives;
use ff_core::layer::Shape;
use ff_core::learner::Report;
use ff_core::onepass::{self, Head, LabelGroups, LocalCrossEntropy, NWay, OnePass};
use ff_core::optimiser::{Adam, Momentum, Optimiser, Sgd};
use ff_core::rule::{Sliced, Supervised};
use ff_core::saliency::{ClassHead, ExpectedDelta, Score};
use ff_core::sample::Batch;
use ff_core::trainer::Trainer;

use crate::api::{Place, Places};
use crate::config::Config;
use crate::engine::Memory;

/// What a begun step is to its network.
pub type Step<'a> = &'a mut (dyn Sliced + 'a);

/// A rule. Opaque in C.
pub struct Rule {
    /// The rate for samples that are seen once.
    pub(crate) online_rate: f32,
    /// Whether the label enters by inputs of its own.
    pub(crate) takes_label: bool,
    /// Whether each layer has a row of weights for each label.
    pub(crate) has_label_rows: bool,
    /// How many networks the optimiser remembers.
    pub(crate) moments: usize,
    /// Its usual threshold and temperature; 0 for what it has not got.
    pub(crate) usual: [f32; 2],
    scratch: fn(&Config, &[Shape]) -> usize,
    start: fn(&Config, &mut Memory, u64),
    step: fn(&Config, &mut Memory, Batch<'_>) -> Result<Report, Error>,
    begin: for<'a> fn(&Config, &'a mut Memory, Batch<'a>, &'a mut Places) -> Result<Step<'a>, Error>,
    scores: Scores,
    /// What a map explains.
    pub(crate) score: fn(&Config) -> Score,
    /// -1 where the likeliest label has the lowest.
    pub(crate) sign: f32,
}

type Scores = fn(&Config, &mut Memory, &[f32], &mut [f32]) -> Result<(), Error>;

impl Rule {
    pub(crate) const fn of<B: Build>() -> Self {
        Self {
            online_rate: B::ONLINE_RATE,
            takes_label: B::TAKES_LABEL,
            has_label_rows: B::HAS_LABEL_ROWS,
            moments: B::MOMENTS,
            usual: B::USUAL,
            scratch: scratch::<B>,
            start: start::<B>,
            step: step::<B>,
            begin: begin::<B>,
            scores: scores::<B>,
            score: |config| B::build(config).score(config.scored()),
            sign: B::SIGN,
        }
    }

    /// Floats of working memory.
    pub(crate) fn scratch(&self, config: &Config, shapes: &[Shape]) -> usize {
        (self.scratch)(config, shapes)
    }

    /// Draws the first weights.
    pub(crate) fn start(&self, config: &Config, memory: &mut Memory, seed: u64) {
        (self.start)(config, memory, seed);
    }

    /// Learns from a batch.
    pub(crate) fn step(&self, config: &Config, memory: &mut Memory, batch: Batch<'_>) -> Result<Report, Error> {
        (self.step)(config, memory, batch)
    }

    /// Begins the same step.
    pub(crate) fn begin<'a>(
        &self,
        config: &Config,
        memory: &'a mut Memory,
        batch: Batch<'a>,
        places: &'a mut Places,
    ) -> Result<Step<'a>, Error> {
        (self.begin)(config, memory, batch, places)
    }

    /// Every label's score.
    pub(crate) fn scores(
        &self,
        config: &Config,
        memory: &mut Memory,
        sample: &[f32],
        into: &mut [f32],
    ) -> Result<(), Error> {
        (self.scores)(config, memory, sample, into)
    }
}

/// A rule that is made of a program's settings.
pub(crate) trait Build: Supervised + 'static {
    const ONLINE_RATE: f32;
    const TAKES_LABEL: bool;
    const HAS_LABEL_ROWS: bool;
    const MOMENTS: usize;
    const USUAL: [f32; 2];

    fn build(config: &Config) -> Self;

    /// Floats of working memory of a step, and of a classification.
    fn floats(&self, shapes: &[Shape], classes: usize, batch: usize) -> [usize; 2];
}

/// An optimiser with its usual constants.
pub(crate) trait Usual {
    const USUAL: Self;
}

impl Usual for Sgd {
    const USUAL: Self = Self;
}

impl Usual for Momentum {
    const USUAL: Self = Self { coefficient: 0.9 };
}

impl Usual for Adam {
    const USUAL: Self = Self::PUBLISHED;
}

/// An objective or a head, made of a threshold and a temperature.
pub(crate) trait Made {
    const USUAL: [f32; 2];

    fn made(of: [f32; 2]) -> Self;
}

macro_rules! made {
    ($($type:ty, $usual:expr, $of:ident => $value:expr;)+) => {
        $(impl Made for $type {
            const USUAL: [f32; 2] = $usual;

            fn made($of: [f32; 2]) -> Self {
                $value
            }
        })+
    };
}

const CLASSIC: Logistic = Logistic::CLASSIC;
const MEAN: MeanSquare = MeanSquare::STANDARD;

made! {
    Logistic, [CLASSIC.threshold, CLASSIC.temperature], of => Self { threshold: of[0], temperature: of[1] };
    MeanSquare, [MEAN.threshold, MEAN.temperature], of => Self { threshold: of[0], temperature: of[1] };
    Minimised<Logistic>, Logistic::USUAL, of => Self(Logistic::made(of));
    SymBa, [0.0, Self::STANDARD.alpha], of => Self { alpha: of[1] };
    NWay, [0.0, Self::STANDARD.temperature], of => Self { temperature: of[1] };
    LabelGroups, [0.0, Self::STANDARD.temperature], of => Self { temperature: of[1] };
    LocalCrossEntropy, [0.0; 2], _of => Self;
}

impl<G: Objective + Made + 'static, O: Optimiser + Usual + 'static> Build for Classic<G, O> {
    const ONLINE_RATE: f32 = G::ONLINE_RATE;
    const TAKES_LABEL: bool = true;
    const HAS_LABEL_ROWS: bool = false;
    const MOMENTS: usize = O::MOMENTS;
    const USUAL: [f32; 2] = G::USUAL;

    fn build(config: &Config) -> Self {
        Self {
            lr_scale: config.lr_scale,
            readout: config.readout(),
            peer: config.peer,
            dropout: config.dropout,
            negatives: if config.hard_negatives != 0 { Negatives::Hard } else { Negatives::Uniform },
            frozen: config.frozen(),
            ..Self::new(G::made(config.constants()), O::USUAL, config.layers())
        }
    }

    fn floats(&self, shapes: &[Shape], classes: usize, batch: usize) -> [usize; 2] {
        [self.scratch_floats(shapes, classes, batch), classify::goodness_floats(shapes, classes, 2)]
    }
}

impl<H, O> Build for OnePass<H, O>
where
    H: Head + Copy + Into<ClassHead> + Made + 'static,
    O: Optimiser + Usual + 'static,
{
    const ONLINE_RATE: f32 = H::ONLINE_RATE;
    const TAKES_LABEL: bool = false;
    const HAS_LABEL_ROWS: bool = H::LABEL_ROWS;
    const MOMENTS: usize = O::MOMENTS;
    const USUAL: [f32; 2] = H::USUAL;

    fn build(config: &Config) -> Self {
        Self {
            lr_scale: config.lr_scale,
            labels: config.readout(),
            dropout: config.dropout,
            frozen: config.frozen(),
            label_smoothing: config.label_smoothing,
            skip_error_below: config.skip_error_below,
            ..Self::new(H::made(config.constants()), O::USUAL, config.layers())
        }
    }

    fn floats(&self, shapes: &[Shape], classes: usize, batch: usize) -> [usize; 2] {
        [self.scratch_floats(shapes, classes, batch), onepass::score_floats(shapes, classes, 1)]
    }
}

fn scratch<B: Build>(config: &Config, shapes: &[Shape]) -> usize {
    let [classes, features] = [config.classes as usize, config.features as usize];
    let [step, scores] = B::build(config).floats(shapes, classes, config.batch as usize);
    let maps = if config.explains != 0 { features + ExpectedDelta.floats(shapes, classes, 1) } else { 0 };
    step.max(classes + scores).max(maps)
}

fn start<B: Build>(config: &Config, memory: &mut Memory, seed: u64) {
    Trainer::new(B::build(config), memory, seed);
}

fn step<B: Build>(config: &Config, memory: &mut Memory, batch: Batch<'_>) -> Result<Report, Error> {
    Trainer::resume(B::build(config), memory).step(batch.samples, batch.labels)
}

fn begin<'a, B: Build>(
    config: &Config,
    memory: &'a mut Memory,
    batch: Batch<'a>,
    places: &'a mut Places,
) -> Result<Step<'a>, Error> {
    let mut rule = B::build(config);
    rule.set_steps(memory.steps);
    memory.count(batch.labels.len());
    let Places { rule: for_rule, step } = places;
    let (rule, kernel) = for_rule.put((rule, Portable));
    let step: &'a mut _ = Place::put(step, rule.begin(memory.learner(kernel), batch)?);
    Ok(step)
}

fn scores<B: Build>(config: &Config, memory: &mut Memory, sample: &[f32], into: &mut [f32]) -> Result<(), Error> {
    let mut trainer = Trainer::resume(B::build(config), memory);
    trainer.scored = config.scored();
    let scores = trainer.scores(sample)?;
    into.iter_mut().zip(scores).for_each(|(to, from)| *to = *from);
    Ok(())
}
