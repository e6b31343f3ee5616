//! Weight decay that no training survives.

use super::{Problem, Recipe, RecipeError};

impl Recipe {
    /// Refuses a learning rate with a weight decay whose product is above 1: each step multiplies weights by one
    /// less the product, and below zero their signs would turn with every step, or the weights grow without an
    /// end. Not part of reading a recipe, for models and results of earlier versions have such.
    ///
    /// # Errors
    /// [`RecipeError::Wrong`], naming the decay.
    pub fn check_decay(&self) -> Result<(), RecipeError> {
        let rule = self.rule.options();
        let readout = (rule.readout_learning_rate.unwrap_or(0.0), rule.readout_weight_decay.unwrap_or(0.0));
        let pairs = [("", self.learning_rate, self.weight_decay), ("readout_", readout.0, readout.1)];
        let problems = pairs.into_iter().filter(|(_, rate, decay)| rate * decay > 1.0).map(|(whose, rate, decay)| {
            let text = format!(
                "{whose}weight_decay = {decay} is out of range: at most {}, one over {whose}learning_rate = {rate}",
                1.0 / rate
            );
            Problem { line: None, text }
        });
        let problems: Vec<_> = problems.collect();
        if problems.is_empty() { Ok(()) } else { Err(RecipeError::Wrong { source_name: None, problems }) }
    }
}
