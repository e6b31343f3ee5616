//! The range of every field.

use std::fmt::Display;
use std::ops::RangeInclusive;

use ff_core::network::MAX_LAYERS;

use super::{Negatives, Readout, Recipe, RecipeError, Rule};

impl Recipe {
    /// Refuses a recipe with a field out of range, or with fields that contradict each other.
    ///
    /// # Errors
    /// [`RecipeError::Field`], naming the field, its value and what is allowed.
    pub fn check(&self) -> Result<(), RecipeError> {
        self.check_name()?;
        self.check_layers()?;
        within("epochs", self.epochs, 1..=1_000_000)?;
        within("batch", self.batch, 1..=10_000)?;
        within("rate", self.rate, 0.0..=100.0)?;
        within("momentum", self.momentum, 0.0..=0.9999)?;
        within("decay", self.decay, 0.0..=1.0)?;
        within("threshold", self.threshold, 0.0..=1000.0)?;
        within("temperature", self.temperature, 0.001..=1000.0)?;
        within("peer", self.peer, 0.0..=10.0)?;
        within("readout_rate", self.readout_rate, 0.0..=100.0)?;
        within("readout_decay", self.readout_decay, 0.0..=1.0)?;
        within("label_smoothing", self.label_smoothing, 0.0..=0.5)?;
        within("settled", self.settled, 0.0..=0.5)?;
        within("dropout", self.dropout, 0.0..=0.9)?;
        within("jitter", self.jitter, 0..=8)?;
        within("pool", self.pool, 1..=16)?;
        within("average", self.average, 0.0..=1.0)?;
        within("plain", self.plain, 0.0..=1.0)?;
        within("gamma", self.gamma, 0.1..=10.0)?;
        within("rotate", self.rotate, 0.0..=180.0)?;
        within("stretch", self.stretch, 0.0..=0.9)?;
        within("shear", self.shear, 0.0..=2.0)?;
        within("elastic", self.elastic, 0.0..=16.0)?;
        within("scored_layers", self.scored_layers, 0..=MAX_LAYERS - 1)?;
        self.check_negatives()
    }

    /// Whether a field, by its name, says nothing under the recipe's rule.
    #[must_use]
    pub fn ignores(&self, field: &str) -> bool {
        let rule = self.rule;
        match field {
            "negatives" | "overlay" => !rule.takes_label(),
            "peer" | "readout" => !rule.is_contrastive(),
            "threshold" => !rule.is_contrastive() || rule == Rule::Symba,
            "label_smoothing" => rule.is_contrastive(),
            "settled" => rule.is_contrastive() || self.label_smoothing > 0.0,
            "temperature" => rule == Rule::LocalCrossEntropy,
            "readout_rate" | "readout_decay" => {
                rule == Rule::Groups || rule.is_contrastive() && self.readout == Readout::None
            }
            "scored_layers" => rule == Rule::Unsupervised,
            _ => false,
        }
    }

    /// The name becomes part of a folder's name.
    fn check_name(&self) -> Result<(), RecipeError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = (1..=64).contains(&self.name.len()) && self.name.chars().all(plain);
        let allowed = "1 to 64 letters, digits, `-`, `_` or `.`";
        refuse_unless(fits, "name", format_args!("{:?}", self.name), allowed)
    }

    fn check_layers(&self) -> Result<(), RecipeError> {
        const WIDTHS: RangeInclusive<usize> = 1..=16_384;
        let fits = (1..=MAX_LAYERS).contains(&self.layers.len()) && self.layers.iter().all(|w| WIDTHS.contains(w));
        let allowed = format!("1 to {MAX_LAYERS} widths from {} to {}", WIDTHS.start(), WIDTHS.end());
        refuse_unless(fits, "layers", format_args!("{:?}", self.layers), &allowed)
    }

    fn check_negatives(&self) -> Result<(), RecipeError> {
        let needs_readout = self.rule.takes_label() && self.negatives == Negatives::Hard;
        let fits = !needs_readout || self.readout != Readout::None;
        let allowed = "\"uniform\" where readout = \"none\", since it is the readout that finds hard ones";
        refuse_unless(fits, "negatives", "\"hard\"", allowed)?;
        let is_read = self.rule != Rule::Unsupervised || self.readout != Readout::None;
        let allowed = "\"softmax\": a network that learned without labels is classified by nothing else";
        refuse_unless(is_read, "readout", "\"none\"", allowed)
    }
}

/// Refuses a value outside its range. NaN lies in no range.
fn within<T: PartialOrd + Display>(field: &'static str, value: T, range: RangeInclusive<T>) -> Result<(), RecipeError> {
    let allowed = format!("from {} to {}", range.start(), range.end());
    refuse_unless(range.contains(&value), field, value, &allowed)
}

fn refuse_unless(fits: bool, field: &'static str, found: impl Display, allowed: &str) -> Result<(), RecipeError> {
    if fits {
        return Ok(());
    }
    Err(RecipeError::Field { field, found: found.to_string(), allowed: allowed.to_owned() })
}
