//! Whether a run learns at all: what is told of it within its first epochs, instead of an hour later.

use std::fmt::{self, Display};
use std::ops::ControlFlow;

use ff_core::error::Error;

use crate::augment::Variation;
use crate::data::Samples;
use crate::dead_units::DeadUnits;
use crate::evaluate::{self, Reader};
use crate::recipe::Recipe;
use crate::rule::Reading;
use crate::run::{EpochMetrics, LayerMeans};

/// Training images that are looked at, at most.
const SEEN: usize = 1000;

/// A goodness or score per unit beyond this means nothing any more: healthy runs stay below 100.
const UNBOUNDED: f32 = 1e6;

/// A layer with a larger part of its units silent is as good as none.
const MOST_DEAD: f64 = 0.9;

/// An untrained network may need so many epochs before it is better than chance.
const PATIENCE: usize = 3;

/// Inputs whose mean lies farther from 0 than this, on the scale of 0 to 1, may be better moved there.
const FAR: f64 = 0.4;

/// A learning rate so many times a shipped recipe's is worth a word.
const HIGH: f32 = 5.0;

/// Why a run learns nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    cause: Cause,
    hints: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Cause {
    /// A layer's goodness or score grows without bound.
    Unbounded { layer: usize, goodness: f32 },
    /// Hardly a unit of a layer answers to any image, and classes are guessed.
    Dead { layer: usize, dead: usize, units: usize, chance: Chance },
    /// Classes are guessed.
    Guessing(Chance),
    /// A value is no number any more.
    Diverged(Error),
}

/// How many of the images that were looked at are recognised, and how many of the commonest class there are.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Chance {
    right: usize,
    commonest: usize,
    images: usize,
}

impl Trouble {
    /// Looks at a network that learned from these images, and at what its last epoch saw; nothing where it learns.
    ///
    /// # Errors
    /// Images of another size.
    pub fn of(reader: &Reader<'_>, images: &Samples, epoch: &EpochMetrics) -> Result<Option<Self>, Error> {
        let cause = match unbounded(&epoch.layers) {
            Some(cause) => Some(cause),
            None => guessing(reader, images, epoch.epoch)?,
        };
        let Some(cause) = cause else { return Ok(None) };
        Ok(Some(Self { cause, hints: hints(reader, images)? }))
    }

    /// Of training that ended by itself.
    #[must_use]
    pub fn diverged(error: Error, recipe: &Recipe) -> Self {
        let rate = rate_hint(recipe).unwrap_or_else(|| lower(recipe.learning_rate));
        Self { cause: Cause::Diverged(error), hints: vec![rate] }
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Unbounded { layer, goodness } => {
                write!(f, "layer {layer} grows without bound: it stands at {goodness:.1e} per unit")
            }
            Cause::Dead { layer, dead, units, chance } => write!(
                f,
                "the network is dead: {dead} of the {units} units of layer {layer} are silent for all of {} training \
                 images, and {chance}",
                chance.images
            ),
            Cause::Guessing(chance) => write!(f, "the network guesses: {chance}"),
            Cause::Diverged(error) => write!(f, "{error}"),
        }?;
        self.hints.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

impl Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { right, commonest, images } = self;
        write!(f, "{right} of {images} are recognised, where the commonest class alone has {commonest}")
    }
}

impl Chance {
    /// Whether that could be luck: no more than three standard deviations above the commonest class.
    fn is_luck(self) -> bool {
        let (images, commonest) = (self.images as f64, self.commonest as f64);
        let deviation = (commonest * (1.0 - commonest / images.max(1.0))).sqrt();
        (self.right as f64) <= commonest + 3.0 * deviation
    }
}

/// The first layer that is beyond all bounds.
fn unbounded(layers: &[LayerMeans]) -> Option<Cause> {
    let worst = |layer: &LayerMeans| layer.positive.abs().max(layer.negative.abs());
    let found = layers.iter().map(worst).enumerate().find(|(_, goodness)| *goodness > UNBOUNDED);
    found.map(|(layer, goodness)| Cause::Unbounded { layer, goodness })
}

/// Whether it does no better than the commonest class would, and why.
fn guessing(reader: &Reader<'_>, images: &Samples, epochs: usize) -> Result<Option<Cause>, Error> {
    let some = images.select(0..SEEN);
    let chance = Chance { right: right(reader, &some)?, commonest: commonest(&some), images: some.len() };
    // One class alone cannot be guessed wrong.
    if !chance.is_luck() || chance.commonest == chance.images {
        return Ok(None);
    }
    let dead = DeadUnits::count(reader, &some)?;
    let dead = dead.layers.iter().enumerate().find(|(_, (dead, units))| *dead as f64 > MOST_DEAD * *units as f64);
    Ok(match dead {
        Some((layer, &(dead, units))) => Some(Cause::Dead { layer, dead, units, chance }),
        None => (epochs >= PATIENCE).then_some(Cause::Guessing(chance)),
    })
}

/// How many images are recognised by the better reading.
fn right(reader: &Reader<'_>, images: &Samples) -> Result<usize, Error> {
    let mut most = 0;
    for reading in [Reading::Readout, Reading::Goodness] {
        let found = evaluate::classify(&[*reader], images, reading, &mut |_, _| ControlFlow::Continue(()))?;
        most = most.max(found.map_or(0, |outcome| images.len() - outcome.errors));
    }
    Ok(most)
}

fn commonest(images: &Samples) -> usize {
    let mut counts = [0; 256];
    images.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
    counts.into_iter().max().unwrap_or(0)
}

/// What to try, the likeliest first.
fn hints(reader: &Reader<'_>, images: &Samples) -> Result<Vec<String>, Error> {
    let mean = mean_input(reader, images)?;
    let far = format!("its inputs have a mean of {mean:.2}: try --standardise true, or --centre true");
    let hints = [rate_hint(reader.recipe), (mean.abs() > FAR).then_some(far)];
    let hints: Vec<_> = hints.into_iter().flatten().collect();
    Ok(if hints.is_empty() { vec![lower(reader.recipe.learning_rate)] } else { hints })
}

/// That the learning rate is high, where shipped recipes, of the same rule if there are any, have much lower ones.
fn rate_hint(recipe: &Recipe) -> Option<String> {
    let shipped = Recipe::shipped().filter_map(|name| Recipe::find(name).ok());
    let mut alike: Vec<_> = shipped.filter(|shipped| shipped.optimiser == recipe.optimiser).collect();
    let is_same = |shipped: &Recipe| shipped.rule.kind() == recipe.rule.kind();
    if alike.iter().any(is_same) {
        alike.retain(is_same);
    }
    let usual = alike.iter().max_by(|a, b| a.learning_rate.total_cmp(&b.learning_rate))?;
    let (name, rate, own) = (&usual.name, usual.learning_rate, recipe.learning_rate);
    let hint = || format!("the learning rate {own} is high, the recipe {name} has {rate}: try --learning-rate {rate}");
    (own > HIGH * rate).then(hint)
}

fn lower(rate: f32) -> String {
    format!("try a lower learning rate, such as --learning-rate {}", rate / 10.0)
}

/// The mean of what the network sees of the first images.
fn mean_input(reader: &Reader<'_>, images: &Samples) -> Result<f64, Error> {
    let features = reader.network.features_of(images, reader.recipe)?;
    let mut row = vec![0.0; features.len()];
    let mut sum = 0.0;
    let some = images.len().min(SEEN);
    for (sample, _) in images.iter().take(SEEN) {
        features.write(sample, &Variation::NONE, &mut row);
        sum += row.iter().copied().map(f64::from).sum::<f64>() / row.len() as f64;
    }
    Ok(sum / some.max(1) as f64)
}
