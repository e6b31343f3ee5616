//! From what was measured to a table, curves with bands, and claims that hold or do not.

use ff_host::explain::evaluation::Curve;
use ff_host::run::Provenance;
use serde::{Deserialize, Serialize};

use super::measure::{Areas, Measured, Plan};
use super::methods::{Aim, Kind, Method};
use super::statistics::{by_image, holm, interval, mean, wilcoxon};

/// Deletion AUC, insertion AUC and SRG.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Triple {
    /// Lower is better.
    pub deletion: f64,
    /// Higher is better.
    pub insertion: f64,
    /// Insertion less deletion.
    pub srg: f64,
}

/// A triple under one of the settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Under {
    /// What took the place of which pixels.
    pub setting: String,
    /// The means.
    pub mean: Triple,
}

/// The line of one method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its name.
    pub method: String,
    /// Means over rightly classified images and seeds, black taking the place of all pixels in turn.
    pub mean: Triple,
    /// The 95 % bootstrap interval of SRG over images and seeds.
    pub srg_interval: [f64; 2],
    /// `(SRG - SRG of ink-random) / (1 - SRG of ink-random)`.
    pub skill: f64,
    /// Its 95 % interval.
    pub skill_interval: [f64; 2],
    /// How much better the reference is on the same images; its 95 % interval of SRG.
    pub reference_better: Triple,
    /// The interval.
    pub reference_interval: [f64; 2],
    /// Wilcoxon's signed rank test of SRG against the reference, corrected by Holm's method over the
    /// table; null for the reference.
    pub p: Option<f64>,
    /// Cost of a map in dense forward passes of one image under one label.
    pub passes: f64,
    /// The largest residual of completeness; null for methods that promise none.
    pub residual: Option<f64>,
    /// `1 - cos^2` between what the map and what the margin loses to black squares, from 0, the best, to
    /// 1: a mean over rightly classified images and seeds.
    pub infidelity: f64,
    /// Max-sensitivity to noise of 0.05 and of 0.2: a mean over the images on which it was measured;
    /// null for maps that do not ask the network, or where it was not measured.
    pub sensitivity: Option<[f64; 2]>,
    /// SRG on wrongly classified images; null without any.
    pub srg_wrong: Option<f64>,
    /// The other substrates and axes.
    pub settings: Vec<Under>,
}

/// What was to be shown, and whether it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// What is claimed.
    pub claim: String,
    /// Whether it holds.
    pub holds: bool,
    /// The numbers.
    pub found: String,
}

/// The networks of one kind, the same images, several seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// `forward-forward` or `backprop-mlp`.
    pub networks: String,
    /// How many.
    pub seeds: usize,
    /// What trained them, without the seed.
    pub commands: Vec<String>,
    /// The seeds that they were trained with.
    pub training_seeds: Vec<u64>,
    /// Rightly classified images, over all seeds.
    pub right: usize,
    /// Wrongly classified ones.
    pub wrong: usize,
    /// T of each.
    pub temperatures: Vec<f64>,
    /// What lines are compared with, but for the target.
    pub reference: String,
    /// One a method.
    pub lines: Vec<Line>,
}

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// What makes the evaluation again; of networks, the Forward-Forward ones.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Images asked about.
    pub images: usize,
    /// Images on which max-sensitivity was measured.
    pub sensitivity_images: usize,
    /// The seed of everything random.
    pub seed: u64,
    /// Forward-Forward networks, then the baseline's.
    pub groups: Vec<Group>,
    /// What the groups show.
    pub claims: Vec<Claim>,
    /// Curves of some methods; none in a result that is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<Curve>,
}

/// Resamples of a bootstrap, for numbers and for bands.
const DRAWS: usize = 2000;
const BAND_DRAWS: usize = 200;

/// `values[seed][image]` of one method: NaN for images that do not count.
fn over(seeds: &[Measured], m: usize, setting: usize, right: bool, f: impl Fn(Areas) -> f64) -> Vec<Vec<f64>> {
    let of = |seed: &Measured| {
        let areas = seed.tracks[m].areas[setting].iter().zip(&seed.right);
        areas.map(|(&areas, &is)| if is == right { f(areas) } else { f64::NAN }).collect()
    };
    seeds.iter().map(of).collect()
}

fn triple(seeds: &[Measured], m: usize, setting: usize) -> Triple {
    let of = |f: fn(Areas) -> f64| mean(&over(seeds, m, setting, true, f));
    Triple { deletion: of(|a| a.deletion), insertion: of(|a| a.insertion), srg: of(Areas::srg) }
}

/// `[seed][image]`: NaN for wrongly classified images.
fn infidelity(seeds: &[Measured], m: usize) -> Vec<Vec<f64>> {
    let of = |seed: &Measured| {
        let images = seed.tracks[m].infidelity.iter().zip(&seed.right);
        images.map(|(&value, &right)| if right { value } else { f64::NAN }).collect()
    };
    seeds.iter().map(of).collect()
}

fn sensitivity(seeds: &[Measured], m: usize) -> Option<[f64; 2]> {
    let all: Vec<[f64; 2]> = seeds.iter().flat_map(|seed| &seed.tracks[m].sensitivity).copied().collect();
    let mean = |which: usize| all.iter().map(|both| both[which]).sum::<f64>() / all.len() as f64;
    (!all.is_empty()).then(|| [mean(0), mean(1)])
}

fn less(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    a.iter().zip(b).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a - b).collect()).collect()
}

/// The networks of a group: what they are, what trained them and with which seeds.
#[derive(Clone, Debug, Default)]
pub struct Networks {
    /// `forward-forward` or `backprop-mlp`.
    pub name: String,
    /// What trained each.
    pub commands: Vec<String>,
    /// The seed of each.
    pub seeds: Vec<u64>,
}

/// The table of some networks. Every line is compared with the reference kind under its own target,
/// and baselines with it under the first target.
#[must_use]
pub fn group(mut networks: Networks, reference: Kind, plan: &Plan<'_>, seeds: &[Measured]) -> Group {
    let table = Table { plan, reference, seeds };
    let shown = table.shown();
    let lines = shown.iter().zip(table.p_values(&shown)).map(|(&m, p)| table.line(m, p)).collect();
    let count = |is: bool| seeds.iter().flat_map(|seed| &seed.right).filter(|right| **right == is).count();
    networks.commands.dedup();
    Group {
        networks: networks.name,
        seeds: seeds.len(),
        commands: networks.commands,
        training_seeds: networks.seeds,
        right: count(true),
        wrong: count(false),
        temperatures: seeds.iter().map(|seed| seed.temperature).collect(),
        reference: reference.name().to_owned(),
        lines,
    }
}

/// What was measured of one group's networks. Methods are numbered as in the plan.
struct Table<'a> {
    plan: &'a Plan<'a>,
    reference: Kind,
    seeds: &'a [Measured],
}

impl Table<'_> {
    /// The methods that every network has.
    fn shown(&self) -> Vec<usize> {
        let is_there = |m: &usize| self.seeds.iter().all(|seed| !seed.tracks[*m].curves.is_empty());
        (0..self.plan.methods.len()).filter(is_there).collect()
    }

    fn place(&self, kind: Kind, aim: Option<Aim>) -> Option<usize> {
        self.plan.methods.iter().position(|method| method.kind == kind && method.aim == aim)
    }

    /// What a method is compared with.
    fn against(&self, m: usize) -> usize {
        let first_aim = self.plan.methods.first().and_then(|method| method.aim);
        let place = self.place(self.reference, self.plan.methods[m].aim.or(first_aim));
        debug_assert!(place.is_some(), "the reference is measured under every target");
        place.unwrap_or(0)
    }

    fn srg(&self, m: usize) -> Vec<Vec<f64>> {
        over(self.seeds, m, 0, true, Areas::srg)
    }

    /// By how much a method is behind what it is compared with, on the same images.
    fn behind(&self, m: usize) -> Vec<Vec<f64>> {
        less(&self.srg(self.against(m)), &self.srg(m))
    }

    /// Wilcoxon's signed rank test of each method, corrected by Holm's method over all; none for what is
    /// compared with itself.
    fn p_values(&self, shown: &[usize]) -> Vec<Option<f64>> {
        let is_tested = |m: &usize| self.against(*m) != *m;
        let tested = shown.iter().filter(|m| is_tested(m));
        let mut p = holm(&tested.map(|&m| wilcoxon(&by_image(&self.behind(m)))).collect::<Vec<_>>()).into_iter();
        shown.iter().map(|m| if is_tested(m) { p.next() } else { None }).collect()
    }

    fn line(&self, m: usize, p: Option<f64>) -> Line {
        let Self { seeds, plan: &Plan { methods, settings, seed, .. }, .. } = *self;
        let (own, other) = (triple(seeds, m, 0), triple(seeds, self.against(m), 0));
        let (skill, skill_interval) = self.skill(m);
        let wrong = over(seeds, m, 0, false, Areas::srg);
        let under = |s: usize| Under { setting: settings[s].name.to_owned(), mean: triple(seeds, m, s) };
        Line {
            method: methods[m].name(),
            mean: own,
            srg_interval: interval(&self.srg(m), DRAWS, seed),
            skill,
            skill_interval,
            reference_better: Triple {
                deletion: own.deletion - other.deletion,
                insertion: other.insertion - own.insertion,
                srg: other.srg - own.srg,
            },
            reference_interval: interval(&self.behind(m), DRAWS, seed),
            p,
            passes: self.passes(m),
            residual: seeds.iter().filter_map(|seed| seed.tracks[m].residual).reduce(f64::max),
            infidelity: mean(&infidelity(seeds, m)),
            sensitivity: sensitivity(seeds, m),
            srg_wrong: wrong.iter().flatten().any(|value| value.is_finite()).then(|| mean(&wrong)),
            settings: (1..settings.len()).map(under).collect(),
        }
    }

    /// Which part of the way from ink-random's SRG to 1 a method goes, and its interval.
    fn skill(&self, m: usize) -> (f64, [f64; 2]) {
        let ink = self.place(Kind::InkRandom, None).map(|ink| self.srg(ink)).unwrap_or_default();
        let (room, above_ink) = (1.0 - mean(&ink), less(&self.srg(m), &ink));
        (mean(&above_ink) / room, interval(&above_ink, DRAWS, self.plan.seed).map(|end| end / room))
    }

    /// What a map costs, in dense forward passes.
    fn passes(&self, m: usize) -> f64 {
        let maps: usize = self.seeds.iter().map(|seed| seed.right.len()).sum();
        let work: f64 = self.seeds.iter().map(|seed| seed.tracks[m].multiply_adds / seed.pass).sum();
        work / maps.max(1) as f64
    }
}

/// Methods whose curves are shown: as many as a chart has colours.
const SHOWN: [(Kind, Option<Aim>); 6] = [
    (Kind::Expected, Some(Aim::Mean)),
    (Kind::Occlusion, Some(Aim::Mean)),
    (Kind::Rise, Some(Aim::Mean)),
    (Kind::Integrated, Some(Aim::Mean)),
    (Kind::InkRandom, None),
    (Kind::Random, None),
];

/// Mean curves over all images and seeds, with bands.
#[must_use]
pub fn curves(methods: &[Method], seeds: &[Measured], seed: u64) -> Vec<Curve> {
    let shown = |&m: &usize| SHOWN.contains(&(methods[m].kind, methods[m].aim));
    let mut curves = Vec::new();
    for (which, kind) in ["deletion", "insertion"].into_iter().enumerate() {
        for m in (0..methods.len()).filter(shown) {
            let points = seeds[0].tracks[m].curves.first().map_or(0, |curves| curves[which].len());
            let at = |k: usize| -> Vec<Vec<f64>> {
                seeds.iter().map(|s| s.tracks[m].curves.iter().map(|curves| curves[which][k]).collect()).collect()
            };
            let bands: Vec<[f64; 2]> = (0..points).map(|k| interval(&at(k), BAND_DRAWS, seed)).collect();
            if points > 0 {
                curves.push(Curve {
                    kind: kind.to_owned(),
                    method: methods[m].name(),
                    x: (0..points).map(|k| (k as f64 / (points - 1).max(1) as f64 * 1e4).round() / 1e4).collect(),
                    mean: (0..points).map(|k| mean(&at(k))).collect(),
                    low: bands.iter().map(|band| band[0]).collect(),
                    high: bands.iter().map(|band| band[1]).collect(),
                });
            }
        }
    }
    curves
}
