//! Which models a device cannot run, and what to train instead.

use crate::data::Shape;
use crate::run::Model;

/// The deepest network that has a type of its own in ff-core.
const LAYERS: usize = 4;

/// More than microcontrollers have flash, and minutes of the compiler's time.
const LARGEST: usize = 2 << 20;

/// Why a model cannot become firmware.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unfit {
    /// Its label lies over pixels.
    #[error(
        "its label takes the place of the image's first pixels; on a device the label has inputs of its own: \
         train with `--overlay none`"
    )]
    Overlay,
    /// Its images are centred.
    #[error("its images are centred, which firmware does not do: train with `--centre false`")]
    Centred,
    /// Its features are standardised.
    #[error("its images are standardised, which firmware does not do: train with `--standardise false`")]
    Standardised,
    /// A feature is added to its images.
    #[error("a constant feature is added to its images, which firmware does not do: train with `--constant 0`")]
    Constant,
    /// Its pixels are raised to a power.
    #[error("its pixels are raised to a power, which firmware does not do: train with `--gamma 1`")]
    Gamma,
    /// Its images are scored twice.
    #[error(
        "it adds the scores of the mirrored image, which firmware does not do: train with `--flip-tta false`, \
         which learns the same weights"
    )]
    Mirrored,
    /// It takes no pictures of one channel.
    #[error("it takes {0}; firmware prepares grey pictures of bytes and nothing else")]
    Shape(String),
    /// The library for C has not its rule.
    #[error(
        "it learned without labels, which the library for C does not do: train by another `--rule`, or export \
         with `--firmware`"
    )]
    NotInC,
    /// It is too deep.
    #[error("it has {0} layers; firmware names the shapes of at most {LAYERS}: train with fewer `--layers`")]
    Deep(usize),
    /// It is too large.
    #[error(
        "it takes {} KiB; no microcontroller has that much flash ({} KiB is the most that is exported): train a \
         narrower one, such as `--layers 64,32`",
        .0 / 1024,
        LARGEST / 1024
    )]
    Large(usize),
}

/// Refuses what a device cannot run.
pub(super) fn check(model: &Model) -> Result<(), Unfit> {
    let (recipe, network) = (&model.about.recipe, &model.network);
    let bytes = network.parameters().saturating_mul(4);
    let shape = model.about.shape();
    if !matches!(shape, Shape::Picture { channels: 1, .. }) || !network.standard.fill.is_empty() {
        Err(Unfit::Shape(shape.to_string()))
    } else if recipe.dropped(model.about.classes) > 0 {
        Err(Unfit::Overlay)
    } else if recipe.centre {
        Err(Unfit::Centred)
    } else if recipe.standardise {
        Err(Unfit::Standardised)
    } else if recipe.constants() > 0 {
        Err(Unfit::Constant)
    } else if recipe.gamma != 1.0 {
        Err(Unfit::Gamma)
    } else if recipe.flip_tta {
        Err(Unfit::Mirrored)
    } else if network.layers.len() > LAYERS {
        Err(Unfit::Deep(network.layers.len()))
    } else if bytes > LARGEST {
        Err(Unfit::Large(bytes))
    } else {
        Ok(())
    }
}
