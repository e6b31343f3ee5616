//! One network, asked about every image by every method.

use ff_core::classify;

use super::curves::{self, Rows};
use super::methods::Method;
use super::{Case, Subject, Told, plain};
use crate::temperature::{fit, softmax};

/// What takes the place of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Substrate {
    /// Black.
    Zero,
    /// The mean image.
    Mean,
}

/// Which pixels go, and what takes their place; the first is the main one.
pub const SETTINGS: [(&str, Substrate, bool); 4] = [
    ("zero, all pixels", Substrate::Zero, false),
    ("zero, ink only", Substrate::Zero, true),
    ("mean image, all pixels", Substrate::Mean, false),
    ("mean image, ink only", Substrate::Mean, true),
];

/// The images of an evaluation, as one network takes them.
pub struct Scene {
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
    /// Of every image, in every one of [`SETTINGS`] that was measured.
    pub areas: Vec<Vec<Areas>>,
    /// Of every image: deletion and insertion curve of the first setting.
    pub curves: Vec<[Vec<f64>; 2]>,
    /// Multiply-adds of all its maps.
    pub multiply_adds: f64,
    /// The largest residual of completeness.
    pub residual: Option<f64>,
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

/// Asks a network by all these methods, with so many of [`SETTINGS`]; `tick` is called after every
/// image.
///
/// # Errors
/// Images that do not fit the network.
pub fn measure(
    subject: &mut dyn Subject,
    methods: &[Method],
    scene: &Scene,
    settings: usize,
    seed: u64,
    mut tick: impl FnMut(),
) -> anyhow::Result<Measured> {
    let held_out = subject.scores(&scene.held_out)?;
    let temperature = fit(&held_out, &scene.held_out_labels);
    let tracks = vec![Track { areas: vec![Vec::new(); settings], ..Track::default() }; methods.len()];
    let mut measured = Measured { temperature, pass: subject.pass(), right: Vec::new(), tracks };
    for ((image, &truth), number) in scene.images.iter().zip(&scene.labels).zip(0..) {
        let labels = classify::best_two(&subject.scores(image)?);
        measured.right.push(labels[0] == truth);
        let case = Case { image, width: scene.width, labels, seed: seed.wrapping_add(number) };
        for (&method, track) in methods.iter().zip(&mut measured.tracks) {
            let plain = plain::map(method.kind, &case);
            let told = match plain {
                Some(map) => Some(Told { map, multiply_adds: 0.0, residual: None }),
                None => subject.map(method, &case)?,
            };
            if let Some(told) = told {
                track.multiply_adds += told.multiply_adds;
                track.residual = [track.residual, told.residual].into_iter().flatten().reduce(f64::max);
                judge(subject, scene, &case, &told.map, temperature, track)?;
            }
        }
        tick();
    }
    Ok(measured)
}

fn judge(
    subject: &mut dyn Subject,
    scene: &Scene,
    case: &Case<'_>,
    map: &[f32],
    temperature: f64,
    track: &mut Track,
) -> anyhow::Result<()> {
    let whole = curves::order(map, case.seed as u32);
    let zero = vec![0.0; map.len()];
    let mut rows = Rows::default();
    let mut lengths = Vec::new();
    for (_, substrate, ink_only) in SETTINGS.iter().take(track.areas.len()) {
        let substrate = if *substrate == Substrate::Zero { &zero } else { &scene.mean };
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
