//! One network, asked about every image by every method.

use ff_core::classify;

use super::curves::{self, Rows};
use super::infidelity::Squares;
use super::methods::{Kind, Method};
use super::sensitivity::max_sensitivity;
use super::{Attribution, Case, Subject, balanced, plain};
use ff_host::temperature::{fit, softmax};

/// What takes the place of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Substrate {
    /// Black.
    Zero,
    /// The mean image.
    Mean,
}

/// Which pixels go, and what takes their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What it is called.
    pub name: &'static str,
    /// What takes a pixel's place.
    pub substrate: Substrate,
    /// Whether pixels without ink stay.
    pub ink_only: bool,
}

/// The mean image in the place of all pixels.
pub const MEAN_IMAGE: &str = "mean image, all pixels";

/// All settings; the first is the main one.
pub const SETTINGS: [Setting; 4] = [
    Setting { name: "zero, all pixels", substrate: Substrate::Zero, ink_only: false },
    Setting { name: MEAN_IMAGE, substrate: Substrate::Mean, ink_only: false },
    Setting { name: "zero, ink only", substrate: Substrate::Zero, ink_only: true },
    Setting { name: "mean image, ink only", substrate: Substrate::Mean, ink_only: true },
];

/// What is asked of a network.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Which maps.
    pub methods: &'a [Method],
    /// How pixels are deleted, the main setting first.
    pub settings: &'a [Setting],
    /// On how many images, as many of every class, max-sensitivity is measured: it takes a map twenty
    /// times. Only under the first method's target.
    pub sensitivity: usize,
    /// Draws what is random.
    pub seed: u64,
}

/// The images of an evaluation, as one network takes them.
pub struct EvalSet {
    /// The images that are asked about.
    pub images: Vec<Vec<f32>>,
    /// Their labels.
    pub labels: Vec<u8>,
    /// Features in a row of the picture.
    pub width: usize,
    /// The mean image.
    pub mean: Vec<f32>,
    /// Other images, one after the other, on which T is fitted.
    pub held_out: Vec<f32>,
    /// Their labels.
    pub held_out_labels: Vec<u8>,
}

/// The areas of one map.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Areas {
    /// Deletion AUC, the lower the better.
    pub deletion: f64,
    /// Insertion AUC, the higher the better.
    pub insertion: f64,
}

impl Areas {
    /// Insertion less deletion.
    #[must_use]
    pub const fn srg(self) -> f64 {
        self.insertion - self.deletion
    }
}

/// What one method reached with one network.
#[derive(Clone, Debug, Default)]
pub struct Track {
    /// Of every image, in every setting.
    pub areas: Vec<Vec<Areas>>,
    /// Of every image: deletion and insertion curve of the first setting.
    pub curves: Vec<[Vec<f64>; 2]>,
    /// Multiply-adds of all its maps.
    pub multiply_adds: f64,
    /// The largest residual of completeness.
    pub residual: Option<f64>,
    /// Of every image: infidelity on squares.
    pub infidelity: Vec<f64>,
    /// Of the images on which it was measured: max-sensitivity.
    pub sensitivity: Vec<[f64; 2]>,
}

/// What was measured of one network.
#[derive(Clone, Debug)]
pub struct Measured {
    /// T.
    pub temperature: f64,
    /// Multiply-adds of a pass.
    pub pass: f64,
    /// Of every image: whether it is classified rightly.
    pub right: Vec<bool>,
    /// One a method; empty where the network's score has no such map.
    pub tracks: Vec<Track>,
}

/// Asks a network; `tick` is called after every image.
///
/// # Errors
/// Images that do not fit the network.
pub fn measure(
    subject: &mut dyn Subject,
    plan: &Plan<'_>,
    set: &EvalSet,
    mut tick: impl FnMut(),
) -> anyhow::Result<Measured> {
    let held_out = subject.scores(&set.held_out)?;
    let temperature = fit(&held_out, &set.held_out_labels);
    let tracks = vec![Track { areas: vec![Vec::new(); plan.settings.len()], ..Track::default() }; plan.methods.len()];
    let mut measured = Measured { temperature, pass: subject.pass(), right: Vec::new(), tracks };
    let classes = held_out.len() / set.held_out_labels.len().max(1);
    let disturbed = if plan.sensitivity > 0 { balanced(&set.labels, classes, plan.sensitivity).0 } else { Vec::new() };
    for (number, (image, &truth)) in set.images.iter().zip(&set.labels).enumerate() {
        let scores = subject.scores(image)?;
        let labels = classify::best_two(&scores);
        measured.right.push(labels[0] == truth);
        let case = Case { image, width: set.width, labels, seed: plan.seed.wrapping_add(number as u64) };
        let squares = Squares::new(subject, &case)?;
        for (&method, track) in plan.methods.iter().zip(&mut measured.tracks) {
            let Some(told) = ask(subject, method, &case)? else { continue };
            track.multiply_adds += told.multiply_adds;
            let aim = method.aim.or(plan.methods[0].aim).unwrap_or_default();
            let weights = aim.weights(labels, classes);
            let in_margin = scores.iter().zip(&weights).map(|(score, weight)| f64::from(score * weight).abs()).sum();
            let residual = told.total.map(|total| total.residual(in_margin));
            track.residual = [track.residual, residual].into_iter().flatten().reduce(f64::max);
            track.infidelity.push(squares.infidelity(&foretold(method.kind, &told.map, image), &weights));
            if method.aim == plan.methods[0].aim && disturbed.contains(&number) {
                track.sensitivity.extend(max_sensitivity(subject, method, &case, &told.map)?);
            }
            judge(subject, set, &case, &told.map, (plan.settings, temperature), track)?;
        }
        tick();
    }
    Ok(measured)
}

fn ask(subject: &mut dyn Subject, method: Method, case: &Case<'_>) -> anyhow::Result<Option<Attribution>> {
    match plain::map(method.kind, case) {
        Some(map) => Ok(Some(Attribution { map, multiply_adds: 0.0, total: None })),
        None => subject.map(method, case),
    }
}

/// What a map says that each pixel's ink is worth: a gradient is per unit of ink, all others are of the
/// pixel as it is.
fn foretold(kind: Kind, map: &[f32], image: &[f32]) -> Vec<f32> {
    match kind {
        Kind::Gradient | Kind::SmoothGrad => map.iter().zip(image).map(|(m, x)| m * x).collect(),
        _ => map.to_vec(),
    }
}

fn judge(
    subject: &mut dyn Subject,
    set: &EvalSet,
    case: &Case<'_>,
    map: &[f32],
    (settings, temperature): (&[Setting], f64),
    track: &mut Track,
) -> anyhow::Result<()> {
    let whole = curves::order(map, case.seed as u32);
    let zero = vec![0.0; map.len()];
    let mut rows = Rows::default();
    let mut lengths = Vec::new();
    for Setting { substrate, ink_only, .. } in settings {
        let substrate = if *substrate == Substrate::Zero { &zero } else { &set.mean };
        let order: Vec<usize> = whole.iter().copied().filter(|&i| !ink_only || case.image[i] != 0.0).collect();
        let backwards: Vec<usize> = order.iter().rev().copied().collect();
        rows.delete(case.image, substrate, &order);
        rows.delete(case.image, substrate, &backwards);
        lengths.push(order.len());
    }
    let scores = subject.scores(&rows.values)?;
    let classes = scores.len() / (rows.values.len() / map.len());
    let label = usize::from(case.labels[0]);
    let p: Vec<f64> = scores.chunks_exact(classes).map(|row| softmax(row, temperature)[label]).collect();
    let mut curve = rows.places.iter().map(|&place| p[place]);
    for (setting, length) in lengths.into_iter().enumerate() {
        let mut next = || curve.by_ref().take(curves::points(length)).collect::<Vec<f64>>();
        let (deletion, mut insertion) = (next(), next());
        let areas = Areas { deletion: curves::area(&deletion, length), insertion: curves::area(&insertion, length) };
        track.areas[setting].push(areas);
        if setting == 0 {
            // What is left after deleting from the bottom is what is there after inserting from the top.
            insertion.reverse();
            track.curves.push([deletion, insertion]);
        }
    }
    Ok(())
}
