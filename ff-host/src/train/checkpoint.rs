//! What training goes on from: with it a run that was stopped learns the same bits as one that was not.

use ff_core::random::Rng;
use serde::{Deserialize, Serialize};

use super::{Average, Sums, Trainer};
use crate::arrays::Array;
use crate::recipe::Recipe;

/// Where training stands, beside its [arrays](Trainer::arrays).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs that are over.
    pub epoch: usize,
    /// Steps so far.
    pub steps: u64,
    /// The generator's state.
    pub rng: [u32; 4],
    /// Readings of the weights in their average; 0 before the first.
    pub averaged: u32,
    /// The epoch at hand, where it was begun.
    pub at_hand: Option<AtHand>,
}

/// An epoch that was begun: it goes on behind the samples that it has learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtHand {
    /// The generator's state before it drew the order of samples.
    pub order: [u32; 4],
    /// Time in it so far.
    pub seconds: f64,
    /// What it saw so far.
    pub(super) sums: Sums,
}

impl Position {
    /// The part of the training that whole epochs have done, 0 to 1.
    #[must_use]
    pub fn done(&self, recipe: &Recipe) -> f64 {
        self.epoch as f64 / recipe.epochs as f64
    }
}

impl<K> Trainer<K> {
    /// Where it stands, for one who has kept account of so many epochs: one that is over but not among them is
    /// at hand still, with nothing left to learn from.
    #[must_use]
    pub fn position(&self, epochs: usize) -> Position {
        let averaged = self.average.as_ref().map_or(0, |average| average.count);
        let is_counted = self.epoch == epochs && !self.is_amid;
        let at_hand = self.at_hand.clone().filter(|_| !is_counted);
        Position { epoch: epochs, steps: self.memory.steps, rng: self.memory.rng.state(), averaged, at_hand }
    }

    /// Goes on from a position; the arrays are to be filled next.
    pub fn set_position(&mut self, position: &Position) {
        let Position { epoch, steps, rng, averaged, at_hand } = position;
        (self.epoch, self.memory.steps, self.memory.rng) = (*epoch, *steps, Rng::from_state(*rng));
        self.average = (*averaged > 0).then(|| Average { network: self.memory.network.clone(), count: *averaged });
        self.is_amid = at_hand.is_some();
        self.at_hand.clone_from(at_hand);
    }

    /// Every array that training changes.
    #[must_use]
    pub fn arrays(&self) -> Vec<Array<&[f32]>> {
        let average = self.average.as_ref().map(|average| &average.network);
        let networks = [("network", Some(&self.memory.network)), ("first", Some(&self.memory.state.first))];
        let networks = networks.into_iter().chain([("second", Some(&self.memory.state.second)), ("average", average)]);
        let arrays = networks.filter_map(|(whole, network)| Some((whole, network?.arrays(&self.recipe))));
        let arrays = arrays.flat_map(|(whole, arrays)| arrays.into_iter().map(move |array| array.within(whole)));
        arrays.chain([Array::new("means", [self.memory.means.len()], &*self.memory.means)]).collect()
    }

    /// The same arrays, to be filled.
    #[must_use]
    pub fn arrays_mut(&mut self) -> Vec<Array<&mut [f32]>> {
        let average = self.average.as_mut().map(|average| &mut average.network);
        let networks = [("network", Some(&mut self.memory.network)), ("first", Some(&mut self.memory.state.first))];
        let networks =
            networks.into_iter().chain([("second", Some(&mut self.memory.state.second)), ("average", average)]);
        let recipe = &self.recipe;
        let arrays = networks.filter_map(|(whole, network)| Some((whole, network?.arrays_mut(recipe))));
        let arrays = arrays.flat_map(|(whole, arrays)| arrays.into_iter().map(move |array| array.within(whole)));
        arrays.chain([Array::new("means", [self.memory.means.len()], &mut *self.memory.means)]).collect()
    }

    /// Leaves an average that was begun where training was to end sooner than it does now.
    pub fn drop_average(&mut self) {
        self.average = None;
    }
}
