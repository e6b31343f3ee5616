//! Which map tells the truth? Pixels are deleted in the order of each map, most telling first and
//! last, while the network is asked how likely its answer still is.
//!
//! With `p = softmax(S / T)` of the label that is predicted for the whole image, and pixels set to 0:
//! the *deletion AUC* is the area under p when the most telling pixels go first (lower is better), the
//! *insertion AUC* the area when they come first (higher is better). The pixels that are there after
//! inserting from the top are those that are left after deleting from the bottom, so insertion is
//! the curve of deleting the least telling first, read backwards, and `SRG = insertion - deletion`
//! (symmetric relevance gain).

pub mod curves;
pub mod methods;
pub mod statistics;

use ff_core::error::Error;
use serde::Serialize;

use crate::augment::Variation;
use crate::data::Images;
use crate::evaluate::Reader;
use crate::features::Features;
use crate::kernel::HostKernel;
use crate::rule::Reading;
use methods::{Case, METHODS, Method};

/// What one method reached on every image.
#[derive(Clone, Debug, Default)]
pub struct Areas {
    /// Deletion AUC.
    pub deletion: Vec<f64>,
    /// Insertion AUC.
    pub insertion: Vec<f64>,
}

/// The line of one method.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Its name.
    pub method: &'static str,
    /// Mean deletion AUC.
    pub deletion: f64,
    /// Mean insertion AUC.
    pub insertion: f64,
    /// Mean SRG.
    pub srg: f64,
    /// Its 95 % bootstrap interval.
    pub srg_interval: [f64; 2],
    /// Mean SRG of the first method less this one's, on the same images.
    pub difference: f64,
    /// Its 95 % bootstrap interval.
    pub difference_interval: [f64; 2],
    /// Wilcoxon's signed rank test of that, corrected by Holm's method over the table; none for the
    /// first.
    pub p: Option<f64>,
}

/// The result of an evaluation.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// How many images were asked about.
    pub images: usize,
    /// The seed of everything random.
    pub seed: u64,
    /// T, fitted on other images.
    pub temperature: f64,
    /// One line a method.
    pub lines: Vec<Line>,
}

/// Picks up to `count` images, as many of every class, and gives them with the others.
#[must_use]
pub fn balanced(labels: &[u8], classes: usize, count: usize) -> (Vec<usize>, Vec<usize>) {
    let mut taken = vec![0; classes];
    (0..labels.len()).partition(|&i| {
        let Some(taken) = taken.get_mut(usize::from(labels[i])) else { return false };
        *taken += 1;
        *taken <= count.div_ceil(classes)
    })
}

/// `softmax(scores / temperature)`.
fn softmax(scores: &[f32], temperature: f64) -> Vec<f64> {
    let largest = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f64> = scores.iter().map(|&s| (f64::from(s - largest) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The T with the least negative log-likelihood of the true labels: a golden-section search over its
/// logarithm, in which the likelihood has a single valley.
#[must_use]
pub fn fit_temperature(scored: &[(Vec<f32>, u8)]) -> f64 {
    let loss = |log: f64| -> f64 {
        let nll = |(scores, label): &(Vec<f32>, u8)| -softmax(scores, log.exp())[usize::from(*label)].max(1e-300).ln();
        scored.iter().map(nll).sum()
    };
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-7.0, 9.0);
    for _ in 0..40 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if loss(left) < loss(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high).exp()
}

/// Runs the protocol; `tick` is called after every image.
///
/// # Errors
/// Images of another size, and what ff-core refuses.
pub fn evaluate(
    reader: &Reader<'_>,
    images: &Images,
    count: usize,
    seed: u64,
    mut tick: impl FnMut(),
) -> Result<Evaluation, Error> {
    let Reader { network, recipe, threads } = *reader;
    let (chosen, others) = balanced(&images.labels, network.classes, count);
    let reading =
        if recipe.rule.reads_by(Reading::Goodness, recipe.readout) { Reading::Goodness } else { Reading::Readout };
    let mut scored = Vec::new();
    reader.scores(images, reading, |_, scores| {
        scored.push(scores.to_vec());
        Ok(())
    })?;
    let held_out = if others.is_empty() { &chosen } else { &others };
    let held_out: Vec<_> = held_out.iter().map(|&i| (scored[i].clone(), images.labels[i])).collect();
    let temperature = fit_temperature(&held_out);
    let features = Features::new(images, recipe, network.classes)?;
    let mut bench = Bench { reader, reading, temperature, kernel: HostKernel::new(threads), rows: Vec::new() };
    let mut areas: Vec<Areas> = METHODS.iter().map(|_| Areas::default()).collect();
    let mut image = vec![0.0; features.len()];
    for &index in &chosen {
        let Some((pixels, _)) = images.get(index) else { continue };
        features.write(pixels, &Variation::NONE, &mut image);
        let labels = first_two(&scored[index]);
        let seed = seed.wrapping_add(index as u64);
        let case = Case { network, recipe, image: &image, width: features.width(), labels, seed };
        for ((method, _), areas) in METHODS.iter().zip(&mut areas) {
            bench.add(&case, *method, areas)?;
        }
        tick();
    }
    Ok(Evaluation { images: chosen.len(), seed, temperature, lines: lines(&areas, seed) })
}

/// The likeliest label and the second.
fn first_two(scores: &[f32]) -> [u8; 2] {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    [order[0] as u8, order[1] as u8]
}

/// What scores the images of curves.
struct Bench<'a> {
    reader: &'a Reader<'a>,
    reading: Reading,
    temperature: f64,
    kernel: HostKernel,
    rows: Vec<f32>,
}

impl Bench<'_> {
    /// Adds a method's areas on one image.
    fn add(&mut self, case: &Case<'_>, method: Method, areas: &mut Areas) -> Result<(), Error> {
        let Some(map) = case.map(method, &mut self.kernel)? else { return Ok(()) };
        let (features, classes) = (map.len(), self.reader.network.classes);
        let order = curves::order(&map, case.seed as u32);
        self.rows.clear();
        curves::delete(case.image, order.iter().copied(), &mut self.rows);
        curves::delete(case.image, order.iter().rev().copied(), &mut self.rows);
        let points = curves::points(features);
        let (_, floats) = self.reader.scratch(self.reading);
        let (mut scratch, mut scores) = (vec![0.0; floats], vec![0.0; 2 * points * classes]);
        let Reader { network, recipe, .. } = *self.reader;
        recipe.scores(network, self.reading, &self.rows, &mut scratch, &mut self.kernel, &mut scores)?;
        let rows = scores.chunks_exact(classes);
        let curve: Vec<f64> =
            rows.map(|scores| softmax(scores, self.temperature)[usize::from(case.labels[0])]).collect();
        areas.deletion.push(curves::area(&curve[..points], features));
        areas.insertion.push(curves::area(&curve[points..], features));
        Ok(())
    }
}

/// Resamples of a bootstrap.
const DRAWS: usize = 2000;

fn lines(areas: &[Areas], seed: u64) -> Vec<Line> {
    let srg = |a: &Areas| a.insertion.iter().zip(&a.deletion).map(|(i, d)| i - d).collect::<Vec<f64>>();
    let best = srg(&areas[0]);
    let differences = |a: &Areas| best.iter().zip(srg(a)).map(|(a, b)| a - b).collect::<Vec<f64>>();
    let present: Vec<_> = METHODS.iter().zip(areas).filter(|(_, areas)| !areas.deletion.is_empty()).collect();
    let p: Vec<f64> = present[1..].iter().map(|(_, a)| statistics::wilcoxon(&differences(a))).collect();
    let p = statistics::holm(&p);
    let line = |(place, ((_, method), areas)): (usize, &(&(Method, &'static str), &Areas))| Line {
        method,
        deletion: statistics::mean(&areas.deletion),
        insertion: statistics::mean(&areas.insertion),
        srg: statistics::mean(&srg(areas)),
        srg_interval: statistics::interval(&srg(areas), DRAWS, seed),
        difference: statistics::mean(&differences(areas)),
        difference_interval: statistics::interval(&differences(areas), DRAWS, seed),
        p: place.checked_sub(1).map(|place| p[place]),
    };
    present.iter().enumerate().map(line).collect()
}
