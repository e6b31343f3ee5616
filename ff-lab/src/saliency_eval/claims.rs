//! What the default method is meant to show, and whether it does. What fails is said to fail.

use super::methods::{Aim, Kind, Method};
use super::report::{Claim, Group, Line};

/// How much worse counts as no worse.
const MARGIN: f64 = 0.005;

/// All claims that the tables can decide.
#[must_use]
pub fn decide(groups: &[Group]) -> Vec<Claim> {
    let Some(ff) = groups.iter().find(|group| group.networks == super::FORWARD_FORWARD) else { return Vec::new() };
    let mlp = groups.iter().find(|group| group.networks == super::BACKPROP);
    let mut claims = Vec::new();
    for aim in Aim::ALL {
        claims.extend(against_comparators(ff, aim));
    }
    claims.extend(beat_ink(ff));
    claims.extend(mlp.and_then(|mlp| skill(ff, mlp)));
    claims
}

/// A line is found by its name, which is all that a file keeps of its method.
fn line(group: &Group, kind: Kind, aim: Aim) -> Option<&Line> {
    let name = Method { kind, aim: Some(aim) }.name();
    group.lines.iter().find(|line| line.method == name)
}

/// A kind's lines under all targets.
fn lines(group: &Group, kind: Kind) -> impl Iterator<Item = &Line> {
    Aim::ALL.into_iter().filter_map(move |aim| line(group, kind, aim))
}

fn against_comparators(ff: &Group, aim: Aim) -> Vec<Claim> {
    let Some(own) = line(ff, Kind::Expected, aim) else { return Vec::new() };
    let mut claims = Vec::new();
    for own in [Kind::Expected, Kind::Delta, Kind::BlackDelta].into_iter().filter_map(|kind| line(ff, kind, aim)) {
        for kind in [Kind::Integrated, Kind::IntegratedFaint, Kind::IntegratedHeld] {
            claims.extend(line(ff, kind, aim).into_iter().flat_map(|ig| no_worse_and_cheaper(own, ig, kind.name())));
        }
    }
    for kind in [Kind::Gradient, Kind::GradientInput, Kind::SmoothGrad, Kind::Lrp] {
        let Some(other) = line(ff, kind, aim) else { continue };
        let p = other.p.unwrap_or(1.0);
        claims.push(Claim {
            claim: format!("{}: beats {} in SRG, corrected p < 0.05", own.method, kind.name()),
            holds: other.reference_better.srg > 0.0 && p < 0.05,
            found: format!("{:+.4}, p = {p:.1e}", other.reference_better.srg),
        });
    }
    claims
}

/// Both lines are means over the same images.
fn no_worse_and_cheaper(own: &Line, ig: &Line, name: &str) -> [Claim; 2] {
    let ahead =
        [ig.mean.deletion - own.mean.deletion, own.mean.insertion - ig.mean.insertion, own.mean.srg - ig.mean.srg];
    let faithful = Claim {
        claim: format!("{}: at least as good as {name} in deletion, insertion and SRG ({MARGIN})", own.method),
        holds: ahead.into_iter().all(|ahead| ahead >= -MARGIN),
        found: format!("{:+.4}, {:+.4}, {:+.4}", ahead[0], ahead[1], ahead[2]),
    };
    let cheap = Claim {
        claim: format!("{}: at most a thirtieth of the cost of {name}", own.method),
        holds: own.passes * 30.0 <= ig.passes,
        found: format!("{:.2} against {:.1} passes", own.passes, ig.passes),
    };
    [faithful, cheap]
}

fn beat_ink(ff: &Group) -> Option<Claim> {
    let shipped = Kind::SHIPPED.into_iter().flat_map(|kind| lines(ff, kind));
    let worst = shipped.min_by(|a, b| a.skill_interval[0].total_cmp(&b.skill_interval[0]))?;
    Some(Claim {
        claim: "every shipped method beats ink-random in SRG".to_owned(),
        holds: worst.skill_interval[0] > 0.0,
        found: format!("the weakest is {}, with a skill of {:.3}", worst.method, worst.skill),
    })
}

fn skill(ff: &Group, mlp: &Group) -> Option<Claim> {
    let best = |group, kind| lines(group, kind).max_by(|a, b| a.skill.total_cmp(&b.skill));
    let own = line(ff, Kind::Expected, Aim::Mean).or_else(|| best(ff, Kind::Expected))?;
    let ig = best(mlp, Kind::Integrated)?;
    Some(Claim {
        claim: format!("{}: skill at least that of IG-50 on the MLP of equal size", own.method),
        holds: own.skill >= ig.skill,
        found: format!("{:.3} against {:.3} ({})", own.skill, ig.skill, ig.method),
    })
}
