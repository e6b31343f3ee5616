//! Everything that is measured of trained networks on labelled images, in one go.

use ff_core::error::Error;

use crate::data::Samples;
use crate::evaluate::{self, Outcome, Reader, Scores};
use crate::metrics::Measures;
use crate::rule::Reading;
use crate::run::{Temperatures, TestMetrics};
use crate::temperature;
use crate::train::Watch;

/// Images that a temperature is fitted on, at most: more hardly move it.
const FITTED_ON: usize = 2000;

/// What was found on some labelled images.
#[derive(Clone, Debug, PartialEq)]
pub struct Examination {
    /// By goodness; none where the rule has none.
    pub goodness: Option<Outcome>,
    /// By readout; none without one.
    pub readout: Option<Outcome>,
    /// The same as numbers for a file, and everything else.
    pub metrics: TestMetrics,
}

impl Examination {
    /// Reads images both ways and, of a single network, by each layer alone; nothing where `watch` ends it.
    ///
    /// # Errors
    /// As [`evaluate::classify`].
    pub fn of(
        readers: &[Reader<'_>],
        temperatures: Temperatures,
        images: &Samples,
        watch: Watch<'_>,
    ) -> Result<Option<Self>, Error> {
        let mut is_over = false;
        let watch: Watch<'_> = &mut |done, of| {
            let flow = watch(done, of);
            is_over |= flow.is_break();
            flow
        };
        let goodness = evaluate::scores(readers, images, Reading::Goodness, watch)?;
        let readout = evaluate::scores(readers, images, Reading::Readout, watch)?;
        let errors_by_layer = match readers {
            [reader] => by_layer(reader, images, watch)?,
            _ => Vec::new(),
        };
        if is_over {
            return Ok(None);
        }
        let outcome = |scores: &Option<Scores>| scores.as_ref().map(|s| s.outcome(&images.labels)).transpose();
        let (by_goodness, by_readout) = (outcome(&goodness)?, outcome(&readout)?);
        let measures = |scores: &Option<Scores>, outcome: &Option<Outcome>, reading| {
            let (scores, outcome) = scores.as_ref().zip(outcome.as_ref())?;
            let temperature = temperatures.of(reading).unwrap_or(1.0);
            Some(Measures::of(&scores.logits(), &images.labels, &outcome.confusion, temperature))
        };
        let metrics = TestMetrics {
            goodness: measures(&goodness, &by_goodness, Reading::Goodness),
            readout: measures(&readout, &by_readout, Reading::Readout),
            errors_by_layer,
            ..TestMetrics::new(images.len(), by_goodness.as_ref(), by_readout.as_ref())
        };
        Ok(Some(Self { goodness: by_goodness, readout: by_readout, metrics }))
    }
}

/// Errors by each layer's scores alone; empty where layers have no say of their own.
fn by_layer(reader: &Reader<'_>, images: &Samples, watch: Watch<'_>) -> Result<Vec<usize>, Error> {
    let mut errors = Vec::new();
    for l in 0..reader.network.layers.len() {
        let Some((network, recipe)) = reader.network.layer_alone(l, reader.recipe) else { break };
        let reading = if recipe.rule.has_label_rows() && !recipe.rule.reads_by(Reading::Goodness) {
            Reading::Readout
        } else {
            Reading::Goodness
        };
        let alone = Reader { network: &network, recipe: &recipe, threads: reader.threads };
        let outcome = evaluate::classify(&[alone], images, reading, watch)?;
        errors.extend(outcome.map(|outcome| outcome.errors));
    }
    Ok(errors)
}

/// The temperature at which a softmax of these scores says best how sure it may be.
#[must_use]
pub fn temperature(scores: &Scores, labels: &[u8]) -> f64 {
    let (logits, classes) = (scores.logits(), scores.classes);
    let step = labels.len().div_ceil(FITTED_ON).max(1);
    let rows = logits.chunks_exact(classes).step_by(step).flatten().copied().collect::<Vec<_>>();
    let labels: Vec<_> = labels.iter().step_by(step).copied().collect();
    temperature::fit(&rows, &labels)
}
