//! What the page cannot show, told before anything is written.

use crate::data::Shape;
use crate::run::Model;

/// Weights that the page's engine has memory for (`web/engine/src/network.rs`).
const WEIGHTS: usize = 4 << 20;

/// Features and units that it has memory for (`web/engine/src/page.rs`).
const FEATURES: usize = 1 << 14;

/// Features of a table that get a slider.
const SLIDERS: usize = 64;

/// Rows or columns of a picture.
const SIDE: usize = 1024;

/// Why a model has no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Samples that are neither drawn nor set by sliders.
    #[error(
        "the page draws pictures of up to {SIDE} x {SIDE} and has sliders for up to {SLIDERS} features; this model takes {0}"
    )]
    Samples(String),
    /// More than the page has memory for.
    #[error("the page has memory for {most} {what}, and the model has {found}")]
    Room {
        /// What there is too much of.
        what: &'static str,
        /// How many fit.
        most: usize,
        /// How many there are.
        found: usize,
    },
}

/// Refuses what the page would refuse when it is opened.
pub(super) fn check(model: &Model) -> Result<(), Unfit> {
    let shape = model.about.shape();
    let [_, rows, columns] = shape.extents();
    let is_shown = match &shape {
        Shape::Picture { .. } => rows.max(columns) <= SIDE,
        Shape::Features { names } => names.len() <= SLIDERS,
        Shape::Series { .. } => false,
    };
    if !is_shown {
        return Err(Unfit::Samples(shape.to_string()));
    }
    let units = model.network.layers.iter().map(|layer| layer.shape.outputs).sum();
    let room = [
        ("weights", WEIGHTS, model.network.parameters()),
        ("features", FEATURES, model.network.features()),
        ("units", FEATURES, units),
    ];
    match room.into_iter().find(|(_, most, found)| found > most) {
        Some((what, most, found)) => Err(Unfit::Room { what, most, found }),
        None => Ok(()),
    }
}
