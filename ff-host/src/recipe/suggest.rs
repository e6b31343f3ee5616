//! Which shipped recipe suits data of a shape and size, and why.

use crate::data::{Dataset, DatasetName, Shape};

/// A recipe for data that nobody chose one for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// A shipped recipe's name.
    pub recipe: &'static str,
    /// Why it suits, in one line.
    pub why: String,
}

/// Pictures of so few values are learned best as the built-in digits are.
const SMALL: usize = 100;

/// The shipped recipe for these data.
#[must_use]
pub fn suggest(data: &Dataset) -> Suggestion {
    let (shape, count) = (data.train.shape(), data.train.len());
    let known = data.name.parse::<DatasetName>().ok().filter(|_| data.own.is_none());
    let (recipe, because) = match shape {
        _ if known == Some(DatasetName::Digits8x8) => {
            ("digits8x8", "small networks and batches suit few small pictures")
        }
        _ if known.is_some() => ("fast", "varied a little, pictures are learned well and soon"),
        Shape::Features { .. } => ("table", "columns of any size are standardised, and none is moved or mixed"),
        Shape::Series { .. } => ("series", "each channel is standardised as a whole, so that what happens when stays"),
        Shape::Picture { .. } if shape.len() <= SMALL => {
            ("table", "in pictures this small every pixel counts: they are standardised and not moved")
        }
        Shape::Picture { .. } => {
            ("pictures", "whatever their ground and brightness, they are standardised, and moved a little")
        }
    };
    let why = format!("{count} samples of {shape}: {because}");
    Suggestion { recipe, why }
}
