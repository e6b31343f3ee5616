//! The images of an evaluation, as a network takes them.

use anyhow::Context;

use crate::saliency_eval::balanced;
use crate::saliency_eval::measure::EvalSet;
use ff_host::augment::Variation;
use ff_host::data::Samples;
use ff_host::features::Features;

/// Images to fit T on.
const HELD_OUT: usize = 5000;

/// The images as a network takes them.
///
/// # Errors
/// None that is known of.
pub fn eval_set(images: &Samples, features: &Features, classes: usize, count: usize) -> anyhow::Result<EvalSet> {
    let (chosen, mut others) = balanced(&images.labels, classes, count);
    others.truncate(HELD_OUT);
    let row = |&index: &usize| {
        let mut row = vec![0.0; features.len()];
        let (pixels, _) = images.get(index).context("an image past the end")?;
        features.write(pixels, &Variation::NONE, &mut row);
        Ok(row)
    };
    let held_out = if others.is_empty() { &chosen } else { &others };
    let rows = held_out.iter().map(row).collect::<anyhow::Result<Vec<_>>>()?;
    let mut mean = vec![0.0; features.len()];
    rows.iter().for_each(|row| mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / rows.len() as f32));
    Ok(EvalSet {
        images: chosen.iter().map(row).collect::<anyhow::Result<_>>()?,
        labels: chosen.iter().map(|&i| images.labels[i]).collect(),
        width: features.width(),
        mean,
        held_out: rows.concat(),
        held_out_labels: held_out.iter().map(|&i| images.labels[i]).collect(),
    })
}
